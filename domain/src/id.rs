//! Identifiers: newtypes over UUIDv7, so that a device's id can never stand where a user's is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that was read from a row or made by the engine's generator.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside, for a row or a wire format.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                // Only the hyphenated form: one thing has one name (no braces, no urn:, no case tricks).
                if text.len() != 36 {
                    return Err(IdError);
                }
                text.parse().map(Self).map_err(|_| IdError)
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// A registered device: what the device cookie names.
    DeviceId
);
id!(
    /// A passkey (WebAuthn public key credential) as a row; not its credential id.
    PasskeyId
);
id!(
    /// A protected service.
    ServiceId
);
id!(
    /// A grant: one person's way into one service.
    AccessGrantId
);
