//! How a device was registered, how sure we are of it, and whether it still counts.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use time::{Duration, OffsetDateTime};

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

/// How long after the cooling-off period a device in recovery may add its passkey. Afterwards another code is needed: a
/// forgotten recovery must not stay open.
pub const RECOVERY_WINDOW: Duration = Duration::days(7);

/// What a device may not do, although it is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceLimit {
    /// Nothing is kept from it.
    #[default]
    None,
    /// It was registered with a code by a user who has passkeys, and was not approved yet.
    Unapproved,
    /// It was registered with a recovery code, or an enrolment link for which nobody vouched. It opens nothing; it can revoke
    /// devices, and add a passkey when the cooling-off period has ended.
    Recovery {
        /// When that is.
        passkey_after: OffsetDateTime,
    },
}

impl DeviceLimit {
    /// Reads the two columns of a stored device.
    #[must_use]
    pub const fn of(is_limited: bool, passkey_after: Option<OffsetDateTime>) -> Self {
        match (passkey_after, is_limited) {
            (Some(passkey_after), _) => Self::Recovery { passkey_after },
            (None, true) => Self::Unapproved,
            (None, false) => Self::None,
        }
    }

    /// Whether anything is kept from the device.
    #[must_use]
    pub const fn is_limited(self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether the device is in recovery.
    #[must_use]
    pub const fn is_recovery(self) -> bool {
        matches!(self, Self::Recovery { .. })
    }

    /// When a device in recovery may add a passkey.
    #[must_use]
    pub const fn passkey_after(self) -> Option<OffsetDateTime> {
        match self {
            Self::Recovery { passkey_after } => Some(passkey_after),
            Self::None | Self::Unapproved => None,
        }
    }

    /// Where a recovery is at `now`; `None` if there is none.
    #[must_use]
    pub fn recovery(self, now: OffsetDateTime) -> Option<RecoveryStage> {
        let after = self.passkey_after()?;
        Some(match now {
            now if now < after => RecoveryStage::CoolingOff,
            now if now - after <= RECOVERY_WINDOW => RecoveryStage::Ready,
            _ => RecoveryStage::Lapsed,
        })
    }

    /// The limit of a signed-in device on which another recovery begins: one that is under way keeps its time, so that
    /// signing in again with the next code does not start the wait again. It is never longer than that of a new one.
    #[must_use]
    pub(super) fn recovered_again(self, new: Self, now: OffsetDateTime) -> Self {
        match (self.recovery(now), self.passkey_after(), new) {
            (
                Some(RecoveryStage::CoolingOff | RecoveryStage::Ready),
                Some(before),
                Self::Recovery { passkey_after },
            ) => Self::Recovery {
                passkey_after: passkey_after.min(before),
            },
            _ => new,
        }
    }
}

/// Where a recovery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryStage {
    /// The user's other devices can still cancel it, and no passkey can be added.
    CoolingOff,
    /// A passkey can be added.
    Ready,
    /// None was added in time: another code is needed.
    Lapsed,
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
