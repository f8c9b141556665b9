//! People: their role and whether they may come in at all.

use crate::{id::UserId, identity::email::Email, name::DisplayName};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};
use time::OffsetDateTime;

/// What a user may do in Latchkey itself.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(
    serialize_all = "lowercase",
    parse_err_ty = RoleError,
    parse_err_fn = unknown_role
)]
pub enum Role {
    /// Uses services and looks after their own devices.
    User,
    /// Also administers people, devices, services and grants.
    Admin,
}

impl Role {
    /// The stored and printed name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The text is not a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is `user` or `admin`")]
pub struct RoleError;

const fn unknown_role(_: &str) -> RoleError {
    RoleError
}

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
        match (installation, role, is_set_so, had_passkey) {
            (PasskeyOnly::Everyone, ..) | (_, _, true, _) | (_, Role::Admin, _, true) => {
                Self::Refused
            }
            (PasskeyOnly::Administrators, Role::User, false, true) => Self::Limited,
            (PasskeyOnly::Administrators, _, false, false) => Self::Full,
        }
    }
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum UserStatus {
    /// Invited, and no device registered yet.
    Invited,
    /// Has registered a device and may come in.
    Active,
    /// Switched off by an administrator: nothing of theirs is accepted.
    Disabled,
}

impl UserStatus {
    /// The printed name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A person as lists and pages show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The account.
    pub id: UserId,
    /// Canonical address; the account's name.
    pub email: Email,
    /// What to call them.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
    /// Where the account stands.
    pub status: UserStatus,
    /// When the account was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When any of their devices was last used.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Devices registered and not revoked.
    pub devices: u64,
    /// Passkeys on the account.
    pub passkeys: u64,
    /// Whether this person was set to sign in with passkeys only; administrators with a passkey do anyway.
    pub passkey_only: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_7_a_code_gives_a_limited_device_once_a_passkey_exists() {
        use {CodeUse::*, PasskeyOnly::*};
        for (installation, role, is_set_so, had_passkey, worth) in [
            (Administrators, Role::User, false, false, Full),
            (Administrators, Role::User, false, true, Limited),
            (Administrators, Role::User, true, false, Refused),
            (Administrators, Role::User, true, true, Refused),
            // Before the first passkey there is nothing else to come in with.
            (Administrators, Role::Admin, false, false, Full),
            (Administrators, Role::Admin, false, true, Refused),
            (Everyone, Role::User, false, false, Refused),
            (Everyone, Role::User, false, true, Refused),
            (Everyone, Role::Admin, false, false, Refused),
        ] {
            assert_eq!(
                CodeUse::of(installation, role, is_set_so, had_passkey),
                worth,
                "{installation:?} {role} {is_set_so} {had_passkey}"
            );
        }
    }
}
