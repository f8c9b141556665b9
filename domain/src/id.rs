//! Identifiers: newtypes of UUIDv7, so that a device's id cannot be used as a user's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not a UUID.
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
            /// Wraps a UUID from a row or from the engine's generator.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, for a row or a wire format.
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
                // Only the hyphenated form: no braces, no `urn:`.
                if text.len() != 36 {
                    return Err(IdError);
                }
                text.parse().map(Self).map_err(|_| IdError)
            }
        }
    };
}

id!(
    /// A user.
    UserId
);
id!(
    /// A registered device, named by the device cookie.
    DeviceId
);
id!(
    /// A passkey (WebAuthn public key credential); not its credential id.
    PasskeyId
);
id!(
    /// A protected service.
    ServiceId
);
id!(
    /// A grant of one user to one service.
    AccessGrantId
);
id!(
    /// A token family: what a user approved for a program; the `sid` of its access tokens.
    TokenFamilyId
);
id!(
    /// A program that asks for access tokens: its `client_id`.
    ClientId
);
id!(
    /// Something that a user is told.
    NotificationId
);
id!(
    /// A rule about a network.
    NetworkRuleId
);
id!(
    /// A mail that is to be sent.
    MailId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_form() {
        let text = "0190a6a0-0000-7000-8000-0000000000ab";
        let id: UserId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(UserId::from_uuid(id.uuid()), id);
        for other in [
            &text.replace('-', ""),
            &format!("{{{text}}}"),
            &format!("urn:uuid:{text}"),
            &text[1..],
            "0190a6a0-0000-7000-8000-0000000000ax",
            "",
        ] {
            assert_eq!(other.parse::<UserId>(), Err(IdError), "{other}");
        }
    }
}
