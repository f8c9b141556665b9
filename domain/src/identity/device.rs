//! Devices: what is registered, how sure we are of it, and how it ends.

use crate::{
    id::{DeviceId, UserId},
    identity::email::Email,
    name::DisplayName,
};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};
use time::{Duration, OffsetDateTime};

/// How long a device cookie lives after its last renewal.
pub const DEFAULT_LIFETIME: Duration = Duration::days(90);

/// What sort of thing it is, as far as its browser says. For icons and default names; never for a decision.
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
pub enum DeviceKind {
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A desktop or laptop computer.
    Computer,
    /// Anything else: a script, a television.
    #[default]
    Other,
}

impl DeviceKind {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored name; unknown ones are [`DeviceKind::Other`].
    #[must_use]
    pub fn from_word(name: &str) -> Self {
        name.parse().unwrap_or_default()
    }

    /// Guesses from a `User-Agent` header.
    #[must_use]
    pub fn from_user_agent(agent: &str) -> Self {
        let has = |word: &str| agent.contains(word);
        if has("iPad") || has("Tablet") || (has("Android") && !has("Mobile")) {
            Self::Tablet
        } else if has("iPhone") || has("Android") || has("Mobile") {
            Self::Phone
        } else if has("Windows") || has("Macintosh") || has("X11") || has("CrOS") || has("Linux") {
            Self::Computer
        } else {
            Self::Other
        }
    }
}

/// A first name for a device, from its `User-Agent`: "Firefox on Windows".
#[must_use]
pub fn default_name(agent: &str) -> DisplayName {
    let first = |pairs: &[(&str, &'static str)]| {
        pairs
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Macintosh", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
        ("X11", "Linux"),
    ]);
    let name = match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "New device".to_owned(),
    };
    DisplayName::parse(&name)
        .unwrap_or_else(|_| unreachable!("the names above are short and plain"))
}

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
    /// Signed out by its owner: it opens nothing until somebody proves themselves on it again.
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

/// The device was revoked before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this device was revoked before")]
pub struct AlreadyRevoked {
    /// When that was.
    pub at: OffsetDateTime,
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

    /// Ends the device, signed in or out.
    ///
    /// # Errors
    /// [`AlreadyRevoked`] if it had ended; the first time stays.
    pub const fn revoke(self, at: OffsetDateTime) -> Result<Self, AlreadyRevoked> {
        match self {
            Self::Active | Self::SignedOut { .. } => Ok(Self::Revoked { at }),
            Self::Revoked { at } => Err(AlreadyRevoked { at }),
        }
    }
}

/// A device as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
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
    /// Whether it was registered with a code on an account that has passkeys, and nobody has approved it
    /// yet, on another device or with a passkey on this one.
    pub is_limited: bool,
    /// When its owner signed out on it, if they did.
    #[serde(with = "time::serde::rfc3339::option")]
    pub signed_out_at: Option<OffsetDateTime>,
    /// When it was revoked, if it was.
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revoking_twice_keeps_the_first_time() {
        let (first, later) = (
            OffsetDateTime::UNIX_EPOCH,
            OffsetDateTime::UNIX_EPOCH + Duration::HOUR,
        );
        let revoked = DeviceState::Active.revoke(first);
        assert_eq!(revoked, Ok(DeviceState::Revoked { at: first }));
        assert_eq!(
            revoked.map(|state| state.revoke(later)),
            Ok(Err(AlreadyRevoked { at: first }))
        );
    }

    #[test]
    fn a_signed_out_device_can_be_revoked_and_stays_revoked() {
        let (first, later) = (
            OffsetDateTime::UNIX_EPOCH,
            OffsetDateTime::UNIX_EPOCH + Duration::HOUR,
        );
        let signed_out = DeviceState::of(Some(first), None);
        assert_eq!(signed_out, DeviceState::SignedOut { at: first });
        assert_eq!(
            signed_out.revoke(later),
            Ok(DeviceState::Revoked { at: later })
        );
        assert_eq!(
            DeviceState::of(Some(later), Some(first)),
            DeviceState::Revoked { at: first }
        );
    }

    #[test]
    fn device_names_are_derived_from_the_user_agent() {
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(
            (
                default_name(phone).as_str(),
                DeviceKind::from_user_agent(phone)
            ),
            ("Safari on iPhone", DeviceKind::Phone)
        );
        let laptop = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(
            (
                default_name(laptop).as_str(),
                DeviceKind::from_user_agent(laptop)
            ),
            ("Firefox on Linux", DeviceKind::Computer)
        );
        assert_eq!(
            (default_name("").as_str(), DeviceKind::from_user_agent("")),
            ("New device", DeviceKind::Other)
        );
    }
}
