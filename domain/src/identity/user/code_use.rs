//! What a code from an authenticator app is worth.

use super::Role;
use serde::{Deserialize, Serialize};

/// What a right code from an authenticator app is worth for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeUse {
    /// It registers a device: there is nothing stronger on the account.
    Full,
    /// It registers a device that is limited until a passkey or another device approves it.
    Limited,
    /// Nothing: this account signs in with passkeys only.
    Refused,
}

/// Who signs in with passkeys only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PasskeyOnly {
    /// Administrators, from their first passkey on, and whoever was set so.
    #[default]
    Administrators,
    /// Everybody; a new person's first device comes with an enrolment link.
    Everyone,
}

impl CodeUse {
    /// The rule. `had_passkey` stays true when the passkeys are removed: losing them must not make a
    /// code worth more.
    #[must_use]
    pub const fn of(
        installation: PasskeyOnly,
        role: Role,
        is_set_so: bool,
        had_passkey: bool,
    ) -> Self {
        match (installation, role.is_privileged(), is_set_so, had_passkey) {
            (PasskeyOnly::Everyone, ..) | (_, _, true, _) | (_, true, _, true) => Self::Refused,
            (PasskeyOnly::Administrators, false, false, true) => Self::Limited,
            (PasskeyOnly::Administrators, _, false, false) => Self::Full,
        }
    }
}
