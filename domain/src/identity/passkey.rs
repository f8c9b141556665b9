//! Passkeys (WebAuthn public key credentials).

use crate::{
    event::{PasskeyAdded, PasskeyRenamed, PasskeyUsed},
    id::{DeviceId, PasskeyId, UserId},
    identity::{authenticator::Aaguid, user::User},
    name::DisplayName,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The longest credential id accepted, in bytes (WebAuthn L3 §7.1 step 25).
pub const MAX_CREDENTIAL_ID_BYTES: usize = 1023;

/// A passkey as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    /// The row; the credential id itself stays in the engine.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: DisplayName,
    /// The device it was made on; revoking that device ends the passkey too.
    pub device_id: DeviceId,
    /// Whether the authenticator keeps a copy elsewhere (WebAuthn BS flag), e.g. a password manager.
    pub backed_up: bool,
    /// The model of its authenticator, as it said when the passkey was made.
    pub aaguid: Option<Aaguid>,
    /// The name of that model, if it is known.
    pub authenticator: Option<String>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last used.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The passkey; not its credential id.
    pub id: PasskeyId,
    /// Whose it is.
    pub user_id: UserId,
    /// The device it belongs to; revoking that device ends the passkey too.
    pub device_id: DeviceId,
    /// By what the credential id is found, which is unique among all users.
    pub credential_digest: Vec<u8>,
    /// The credential record (WebAuthn L3 §4), serialised.
    pub credential: String,
    /// What its owner calls it.
    pub name: DisplayName,
    /// Whether the authenticator keeps a copy elsewhere (WebAuthn BS flag).
    pub backed_up: bool,
    /// The model of its authenticator, as it said when the passkey was made; unknown for passkeys of older versions.
    pub aaguid: Option<Aaguid>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last used.
    pub last_used_at: Option<OffsetDateTime>,
}

impl Passkey {
    /// The event of a new passkey.
    #[must_use]
    pub fn register(self, owner: User) -> PasskeyAdded {
        PasskeyAdded {
            owner: owner.with_passkey(self.created_at),
            passkey: self,
        }
    }

    /// Notes an assertion on a device: the credential as the assertion left it, and the device it belongs to from
    /// now on.
    #[must_use]
    pub fn use_on(
        self,
        device: DeviceId,
        belongs_to: DeviceId,
        credential: String,
        backed_up: bool,
        now: OffsetDateTime,
    ) -> PasskeyUsed {
        PasskeyUsed {
            passkey: Self {
                device_id: belongs_to,
                credential,
                backed_up,
                last_used_at: Some(now),
                ..self
            },
            device,
        }
    }

    /// Renames the passkey.
    #[must_use]
    pub fn rename(self, name: DisplayName) -> (Self, PasskeyRenamed) {
        let before = self.name.clone();
        let passkey = Self { name, ..self };
        let event = PasskeyRenamed {
            passkey: passkey.clone(),
            before,
        };
        (passkey, event)
    }
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            device_id: passkey.device_id,
            backed_up: passkey.backed_up,
            aaguid: passkey.aaguid,
            authenticator: passkey
                .aaguid
                .and_then(Aaguid::model)
                .map(|model| model.name.to_owned()),
            created_at: passkey.created_at,
            last_used_at: passkey.last_used_at,
        }
    }
}
