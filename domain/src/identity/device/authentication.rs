//! An authentication on a device, and what registers one.

use super::{AuthMethod, BrowserProfile, DeviceKind, DeviceLimit, KnownBrowsers};
use crate::{
    id::{DeviceId, UserId},
    name::DisplayName,
    risk::{Challenge, Demand, RiskNote},
};
use time::OffsetDateTime;

/// A fresh authentication on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// When.
    pub at: OffsetDateTime,
    /// How.
    pub method: AuthMethod,
    /// What is kept from a device that this registers, or brings back.
    pub limit: DeviceLimit,
    /// How unusual it is, and what that asks for; `None` where nothing is assessed.
    pub risk: Option<RiskNote>,
    /// What the browser calls itself; `None` where there is none.
    pub browser: Option<BrowserProfile>,
    /// The stored signature of the secret in the new cookie.
    pub secret_tag: Vec<u8>,
    /// When the new cookie ends.
    pub expires_at: OffsetDateTime,
}

/// What a device is registered with, besides the authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// What to call it.
    pub name: DisplayName,
    /// What sort of thing it is.
    pub kind: DeviceKind,
    /// From which address.
    pub ip: Option<String>,
}

impl Authentication {
    /// What the device is known as after it: this browser, too, unless it still owes something.
    pub(super) fn browsers(
        &self,
        before: KnownBrowsers,
        challenge: Option<Challenge>,
    ) -> KnownBrowsers {
        let is_met = |note: &RiskNote| note.demand.is_met_by(self.method);
        let is_given = challenge.is_none() && self.risk.as_ref().is_none_or(is_met);
        match self.browser.filter(|_| is_given) {
            Some(browser) => before.with(browser),
            None => before,
        }
    }

    /// What the device owes after it. A recovery is not asked for more: it opens nothing anyway, waits, and is told to all other
    /// devices; and whoever lost everything has nothing to give.
    pub(super) fn challenge(&self, before: Option<Challenge>) -> Option<Challenge> {
        if self.method == AuthMethod::Recovery {
            return before;
        }
        let asked = self
            .risk
            .as_ref()
            .map_or(Demand::Nothing, RiskNote::enforced);
        Challenge::after(before, asked, self.method, self.at)
    }
}
