//! How a device was registered, how sure we are of it, and whether it still counts.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use time::OffsetDateTime;

/// How a device came to be registered.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Registration {
    /// A one-time link, then a TOTP code.
    Link,
    /// E-mail and a TOTP code.
    #[default]
    Code,
    /// A passkey used on a new device.
    Passkey,
    /// An approval on another device of the user: a browser, or a program with a key of its own.
    Approval,
    /// A recovery code, or an enrolment link for which nobody vouched.
    Recovery,
    /// Nothing: the operator's proxy doctor made it, for a few minutes. Opens services alone.
    #[strum(serialize = "probe")]
    DiagnosticDevice,
}

impl Registration {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored name; unknown ones are the weakest, [`Registration::Code`].
    #[must_use]
    pub fn from_word(name: &str) -> Self {
        name.parse().unwrap_or_default()
    }
}

/// What is known of a device's strength; grows with what was proven on it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Assurance {
    /// Registered with a code: something you have, once.
    Registered,
    /// A passkey with user verification was used on it.
    Passkey,
}

impl Assurance {
    /// The rule: a device on which a passkey assertion was verified is of passkey assurance.
    #[must_use]
    pub const fn of(passkey_verified_at: Option<OffsetDateTime>) -> Self {
        match passkey_verified_at {
            Some(_) => Self::Passkey,
            None => Self::Registered,
        }
    }

    /// The printed name, also in responses to services.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether a device still counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum DeviceState {
    /// Accepted.
    Active,
    /// Signed out by its owner: its cookie is refused until its user signs in on it again.
    SignedOut {
        /// When.
        at: OffsetDateTime,
    },
    /// Ended by its owner or an administrator; there is no way back.
    Revoked {
        /// When.
        at: OffsetDateTime,
    },
}

impl DeviceState {
    /// Reads the two times of a stored device; a revocation counts more than signing out.
    #[must_use]
    pub const fn of(
        signed_out_at: Option<OffsetDateTime>,
        revoked_at: Option<OffsetDateTime>,
    ) -> Self {
        match (revoked_at, signed_out_at) {
            (Some(at), _) => Self::Revoked { at },
            (None, Some(at)) => Self::SignedOut { at },
            (None, None) => Self::Active,
        }
    }
}
