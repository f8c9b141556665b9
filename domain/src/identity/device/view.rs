//! A device as lists and pages show it.

use super::{Assurance, DeviceKind, Registration};
use crate::{
    id::{DeviceId, UserId},
    identity::email::Email,
    name::DisplayName,
    risk::Challenge,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A device as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceView {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// Their address, for the lists of all devices.
    pub email: Email,
    /// What its owner calls it.
    pub name: DisplayName,
    /// What sort of thing it is.
    pub kind: DeviceKind,
    /// How it was registered.
    pub registration: Registration,
    /// How sure we are of it.
    pub assurance: Assurance,
    /// When it was registered.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last used, to within a few seconds.
    #[serde(with = "time::serde::rfc3339")]
    pub last_seen_at: OffsetDateTime,
    /// The address it was last seen from.
    pub last_ip: Option<String>,
    /// The last passkey assertion with user verification on it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// When its cookie ends unless it is used.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Whether it was registered with a code by a user who has passkeys, and was not approved
    /// yet, on another device or with a passkey on this one; or is in recovery.
    pub is_limited: bool,
    /// When a device in recovery may add a passkey.
    #[serde(with = "time::serde::rfc3339::option")]
    pub passkey_after: Option<OffsetDateTime>,
    /// What it owes since an unusual sign-in or return, until which it opens nothing.
    pub challenge: Option<Challenge>,
    /// When its owner signed out on it, if they did.
    #[serde(with = "time::serde::rfc3339::option")]
    pub signed_out_at: Option<OffsetDateTime>,
    /// When it was revoked, if it was.
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
}

impl DeviceView {
    /// What it owes, if it is in use.
    #[must_use]
    pub fn owes(&self) -> Option<Challenge> {
        (self.challenge).filter(|_| self.revoked_at.is_none() && self.signed_out_at.is_none())
    }

    /// Whether it waits for approval.
    #[must_use]
    pub const fn is_unapproved(&self) -> bool {
        self.is_limited && !self.is_in_recovery()
    }

    /// Whether it is in recovery, or was when it ended.
    #[must_use]
    pub const fn is_in_recovery(&self) -> bool {
        self.passkey_after.is_some()
    }

    /// Whether it is in recovery, and can be cancelled.
    #[must_use]
    pub const fn is_recovering(&self) -> bool {
        self.is_in_recovery() && self.signed_out_at.is_none() && self.revoked_at.is_none()
    }
}
