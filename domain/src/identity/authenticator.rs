//! Authenticators: what a passkey is kept in, by its AAGUID (WebAuthn L3 §6.5.1).
//!
//! Without attestation an AAGUID is a claim: it names a passkey in lists, and nothing is decided by it.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// One model a line, sorted by AAGUID: AAGUID, kind, name. `domain/data/NOTICE` has their source.
const MODELS: &str = include_str!("../../data/authenticators.txt");

/// The model of an authenticator, as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Aaguid(Uuid);

/// What kind of thing an authenticator is, for its icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub enum AuthenticatorKind {
    /// A security key or smart card.
    Key,
    /// A computer, or a browser's profile on it.
    Computer,
    /// A phone.
    Phone,
    /// A password manager, which usually synchronises passkeys.
    Manager,
}

/// A known model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticatorModel {
    /// Its product name.
    pub name: &'static str,
    /// What it is.
    pub kind: AuthenticatorKind,
}

impl Aaguid {
    /// `None` for zeros, with which an authenticator names no model.
    #[must_use]
    pub const fn from_uuid(uuid: Uuid) -> Option<Self> {
        match uuid.is_nil() {
            true => None,
            false => Some(Self(uuid)),
        }
    }

    /// The same, of the bytes of authenticator data.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        Self::from_uuid(Uuid::from_bytes(bytes))
    }

    /// The UUID, for a row or a wire format.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.0
    }

    /// The model of this AAGUID, if it is known.
    #[must_use]
    pub fn model(self) -> Option<AuthenticatorModel> {
        let text = self.to_string();
        let line = MODELS.lines().find(|line| line.starts_with(&text))?;
        let (kind, name) = line.get(text.len()..)?.trim_start().split_once(' ')?;
        let kind = kind.parse().ok()?;
        Some(AuthenticatorModel { name, kind })
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aaguid(text: &str) -> Aaguid {
        Aaguid::from_uuid(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn known_models_have_their_name_and_kind() {
        for (id, name, kind) in [
            (
                "2fc0579f-8113-47ea-b116-bb5a8db9202a",
                "YubiKey 5 Series with NFC",
                AuthenticatorKind::Key,
            ),
            (
                "08987058-cadc-4b81-b6e1-30de50dcbe96",
                "Windows Hello",
                AuthenticatorKind::Computer,
            ),
            (
                "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
                "Google Password Manager",
                AuthenticatorKind::Manager,
            ),
            (
                "b93fd961-f2e6-462f-b122-82002247de78",
                "Android Authenticator",
                AuthenticatorKind::Phone,
            ),
        ] {
            let model = AuthenticatorModel { name, kind };
            assert_eq!(aaguid(id).model(), Some(model), "{id}");
        }
    }

    #[test]
    fn an_unknown_model_and_none_have_no_name() {
        assert_eq!(aaguid("01020304-0506-0708-0102-030405060708").model(), None);
        assert_eq!(Aaguid::from_bytes([0; 16]), None);
    }

    #[test]
    fn every_line_can_be_read_and_is_sorted() {
        let ids: Vec<&str> = MODELS.lines().map(|line| &line[..36]).collect();
        assert!(ids.is_sorted() && ids.len() > 300);
        for id in ids {
            let model = aaguid(id).model().unwrap();
            assert!(!model.name.is_empty() && model.name.len() <= 80, "{id}");
        }
    }
}
