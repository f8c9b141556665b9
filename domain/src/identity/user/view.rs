//! A user as lists and pages show them.

use super::{Role, UserStatus};
use crate::{id::UserId, identity::email::Email, name::DisplayName};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A user as lists and pages show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    /// The user.
    pub id: UserId,
    /// Canonical address, by which they are known.
    pub email: Email,
    /// What to call them.
    pub name: DisplayName,
    /// What they may do.
    pub role: Role,
    /// Whether they are invited, active or disabled.
    pub status: UserStatus,
    /// When they were added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When any of their devices was last used.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Devices registered and not revoked.
    pub devices: u64,
    /// Their passkeys.
    pub passkeys: u64,
    /// Whether this user was set to sign in with passkeys only; administrators with a passkey do anyway.
    pub passkey_only: bool,
    /// When their enrolment link ends, while there is one that can be used.
    #[serde(with = "time::serde::rfc3339::option")]
    pub enrolment_link_expires_at: Option<OffsetDateTime>,
    /// How many recovery codes they have that were not used.
    pub recovery_codes_left: u64,
}
