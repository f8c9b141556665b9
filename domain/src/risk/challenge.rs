//! What a level asks for, and what a device owes until it was given.

use super::assessment::Level;
use crate::identity::device::AuthMethod;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use time::OffsetDateTime;

/// What a sign-in, or the return of a device, has to give. Each asks for more than the one before.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Demand {
    /// Nothing: the device is enough.
    Nothing,
    /// A passkey or a TOTP code.
    Authentication,
    /// A passkey with user verification.
    Passkey,
    /// An approval from another device of the user, or by an administrator.
    Approval,
}

impl Demand {
    /// What a level asks of a sign-in.
    ///
    /// A user without a passkey cannot be asked for one: on a device of theirs they are asked for the best that they have, and a new
    /// device waits for approval, because whoever has stolen a code would otherwise add a passkey of their own there.
    #[must_use]
    pub const fn of(level: Level, has_passkey: bool, is_new_device: bool) -> Self {
        match (level, has_passkey, is_new_device) {
            (Level::Low, ..) => Self::Nothing,
            (Level::Medium, ..) | (Level::High, false, false) => Self::Authentication,
            (Level::High, true, _) => Self::Passkey,
            (Level::High, false, true) | (Level::Held, ..) => Self::Approval,
        }
    }

    /// What a level asks of a device that returns without signing in. It is a device already, so nothing is enrolled: what
    /// waits for approval is the sign-in that this leads to. Otherwise a copied cookie could make its owner wait.
    #[must_use]
    pub const fn of_return(level: Level, has_passkey: bool) -> Self {
        match (level, has_passkey) {
            (Level::Low, _) => Self::Nothing,
            (Level::Medium, _) | (Level::High | Level::Held, false) => Self::Authentication,
            (Level::High | Level::Held, true) => Self::Passkey,
        }
    }

    /// Whether an authentication gives it. Recovery gives nothing: it has its own limit, and wait.
    #[must_use]
    pub const fn is_met_by(self, method: AuthMethod) -> bool {
        match method {
            AuthMethod::PasskeySynced | AuthMethod::PasskeyDeviceBound => {
                !matches!(self, Self::Approval)
            }
            AuthMethod::Approval => true,
            AuthMethod::Code | AuthMethod::LinkAndCode => {
                matches!(self, Self::Nothing | Self::Authentication)
            }
            AuthMethod::PasskeyRemoved | AuthMethod::Recovery | AuthMethod::Diagnostic => {
                matches!(self, Self::Nothing)
            }
        }
    }

    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored name; an unknown one asks for the most.
    #[must_use]
    pub fn from_word(name: &str) -> Self {
        name.parse().unwrap_or(Self::Approval)
    }
}

/// What a device owes: it opens nothing until that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Since when.
    #[serde(rename = "since", with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What.
    pub demand: Demand,
}

impl Challenge {
    /// What a device owes after an authentication on it that was asked for `demand`: what it owed before and what is asked for
    /// now, whichever is more, unless the authentication gives it.
    #[must_use]
    pub fn after(
        before: Option<Self>,
        demand: Demand,
        method: AuthMethod,
        at: OffsetDateTime,
    ) -> Option<Self> {
        let is_owed = |demand: Demand| !demand.is_met_by(method);
        let before = before.filter(|before| is_owed(before.demand));
        let asked = if is_owed(demand) {
            demand
        } else {
            Demand::Nothing
        };
        Self::on_return(before, asked, at)
    }

    /// What a device owes when it returned without signing in; never less than before.
    #[must_use]
    pub fn on_return(before: Option<Self>, demand: Demand, at: OffsetDateTime) -> Option<Self> {
        let asked = (demand != Demand::Nothing).then_some(Self { at, demand });
        match (before, asked) {
            (Some(owed), Some(asked)) if asked.demand > owed.demand => Some(asked),
            (Some(owed), _) => Some(owed),
            (None, asked) => asked,
        }
    }
}

/// What scores do.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Mode {
    /// Nothing is assessed, and nothing learnt.
    Off,
    /// Scores are recorded with what they would have asked for, and nothing is asked for.
    #[default]
    Shadow,
    /// Scores ask for what they ask for.
    Enforce,
}

impl Mode {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
