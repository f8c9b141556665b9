//! Passkeys as lists and pages show them (WebAuthn public key credentials).

use crate::{
    id::{DeviceId, PasskeyId},
    name::DisplayName,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The longest credential id accepted, in bytes (WebAuthn L3 §7.1 step 25).
pub const MAX_CREDENTIAL_ID_BYTES: usize = 1023;

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The row; the credential id itself stays in the engine.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: DisplayName,
    /// The device it was made on; revoking that device ends the passkey too.
    pub device_id: DeviceId,
    /// Whether the authenticator keeps a copy elsewhere (WebAuthn BS flag), e.g. a password manager.
    pub backed_up: bool,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last used.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}
