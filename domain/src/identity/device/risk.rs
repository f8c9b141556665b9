//! How unusual a device is, and what it owes because of that.

use super::{AuthMethod, BrowserProfile, Device};
use crate::{
    event::{DeviceAssessed, Ended},
    risk::{Answer, Challenge, DeviceRisk, LastAssessment, RiskNote},
};
use time::OffsetDateTime;

impl Device {
    /// Notes that the device returned without signing in, in a browser that calls itself `claimed`, and what that asks for. Returns it
    /// as it is then, with the event.
    #[must_use]
    pub fn assess_return(
        self,
        at: OffsetDateTime,
        risk: RiskNote,
        claimed: Option<BrowserProfile>,
    ) -> (Self, DeviceAssessed) {
        let challenge = Challenge::on_return(self.challenge, risk.enforced(), at);
        let device = Self {
            challenge,
            assessed: LastAssessment::of_return(self.assessed, &risk, at),
            ..self.clone()
        };
        let event = DeviceAssessed {
            device: device.clone(),
            before: self,
            risk,
            claimed,
            ended: Ended::default(),
        };
        (device, event)
    }

    /// How unusual it was last, and what was used on it since.
    #[must_use]
    pub fn risk(&self) -> DeviceRisk {
        let Some(last) = self.assessed else {
            return DeviceRisk::NONE;
        };
        let answer = match (self.passkey_verified_at, self.auth_method) {
            (Some(at), AuthMethod::PasskeyDeviceBound) if at >= last.at => {
                Answer::DeviceBoundPasskey
            }
            (Some(at), _) if at >= last.at => Answer::Passkey,
            _ => Answer::None,
        };
        DeviceRisk {
            level: last.level,
            answer,
        }
    }

    /// Whether the device opens nothing until it has given what it owes.
    #[must_use]
    pub const fn is_challenged(&self) -> bool {
        self.challenge.is_some()
    }
}
