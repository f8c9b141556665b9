//! Secrets of services and clients, which are replaced while the old one is still accepted for a while.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A secret, of which a salted digest is kept. `Owner` is the id of what authenticates with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotatingSecret<Owner> {
    /// The public part, by which it is found.
    pub label: String,
    /// Whose it is.
    pub owner: Owner,
    /// The salt of the digest.
    pub salt: Vec<u8>,
    /// The salted digest of the secret part.
    pub digest: Vec<u8>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Whether a newer one replaced it.
    pub state: RotationState,
}

/// Whether a secret is the newest one of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationState {
    /// The newest one.
    Current,
    /// A newer one replaced it.
    Retiring {
        /// When it stops being accepted.
        until: OffsetDateTime,
    },
}

impl RotationState {
    /// Reads a stored end.
    #[must_use]
    pub const fn of(expires_at: Option<OffsetDateTime>) -> Self {
        match expires_at {
            None => Self::Current,
            Some(until) => Self::Retiring { until },
        }
    }

    /// When the secret stops being accepted.
    #[must_use]
    pub const fn until(self) -> Option<OffsetDateTime> {
        match self {
            Self::Current => None,
            Self::Retiring { until } => Some(until),
        }
    }

    /// Whether the secret is accepted at `now`.
    #[must_use]
    pub fn is_accepted(self, now: OffsetDateTime) -> bool {
        self.until().is_none_or(|until| now < until)
    }
}

/// A secret as pages show it: never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotatingSecretView {
    /// The public part, to tell two apart.
    pub label: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it stops being accepted, if a newer one replaced it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}
