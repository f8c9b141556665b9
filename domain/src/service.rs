//! Services: what stands behind the proxy, by which hosts, and how sure a device must be.

use crate::id::ServiceId;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use time::{Duration, OffsetDateTime};

/// The longest service name: one DNS label.
pub const MAX_NAME_LENGTH: usize = 63;

/// A service's name, as in `/verify/{service}`: lower-case letters, digits, inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceName(String);

/// The text is not a service name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A service name has 1 to 63 lower-case letters, digits and hyphens, like photo-gallery.")]
pub struct ServiceNameError;

impl ServiceName {
    /// Parses a name. Nothing is folded: `Photos` is not `photos`, it is refused.
    ///
    /// # Errors
    /// [`ServiceNameError`] in words for the person.
    pub fn parse(text: &str) -> Result<Self, ServiceNameError> {
        if is_label(text) && !text.bytes().any(|b| b.is_ascii_uppercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ServiceNameError)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A DNS label (RFC 1123 §2.1).
fn is_label(text: &str) -> bool {
    (1..=MAX_NAME_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServiceName {
    type Err = ServiceNameError;

    fn from_str(text: &str) -> Result<Self, ServiceNameError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for ServiceName {
    type Error = ServiceNameError;

    fn try_from(text: String) -> Result<Self, ServiceNameError> {
        Self::parse(&text)
    }
}

impl From<ServiceName> for String {
    fn from(name: ServiceName) -> Self {
        name.0
    }
}

/// A host that a service answers on: canonical (lower case, no trailing dot), with an optional port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

/// The text is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("A host is a plain name like photos.example.com, with a port if it is not the usual one.")]
pub struct HostError;

impl Host {
    /// Parses `name` or `name:port` and canonicalises it.
    ///
    /// # Errors
    /// [`HostError`] for schemes, paths, user info, spaces, wildcards, bad labels.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(HostError);
        }
        let port = match port {
            // Five plain digits at most: `+80`, `080` or ` 80` would be a second spelling.
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0') => {
                Some(port.parse::<u16>().map_err(|_| HostError)?)
            }
            Some(_) => return Err(HostError),
            None => None,
        };
        let name = name.to_ascii_lowercase();
        Ok(Self(match port {
            Some(port) => format!("{name}:{port}"),
            None => name,
        }))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Host {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, HostError> {
        Self::parse(&text)
    }
}

impl From<Host> for String {
    fn from(host: Host) -> Self {
        host.0
    }
}

/// How sure a device must be before a service lets it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "require")]
pub enum Requirement {
    /// A registered device is enough.
    Device,
    /// A passkey assertion with user verification, not older than this.
    Passkey {
        /// Seconds since the assertion.
        max_age_seconds: u32,
    },
}

/// A service's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// How sure a device must be.
    #[serde(flatten)]
    pub requirement: Requirement,
    /// Whether administrators come in without a grant.
    pub admins_enter: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            requirement: Requirement::Device,
            admins_enter: true,
        }
    }
}

impl Policy {
    /// Whether the last strong authentication of a device satisfies the service at `now`.
    #[must_use]
    pub fn is_satisfied_by(
        &self,
        strong_auth_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> bool {
        match self.requirement {
            Requirement::Device => true,
            Requirement::Passkey { max_age_seconds } => crate::access::is_fresh(
                strong_auth_at,
                Duration::seconds(i64::from(max_age_seconds)),
                now,
            ),
        }
    }
}

/// A service as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The service.
    pub id: ServiceId,
    /// Its name.
    pub name: ServiceName,
    /// The hosts it answers on; the first is where its tile leads.
    pub hosts: Vec<Host>,
    /// Its rules.
    pub policy: Policy,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// People with a grant.
    pub grants: u64,
    /// Tokens that are accepted now: one, or two during a rotation.
    pub tokens: Vec<ServiceToken>,
}

/// A service token as pages show it: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceToken {
    /// The public part of the token, to tell two apart.
    pub label: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it stops being accepted, if a newer one replaced it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_names_have_one_spelling() {
        for text in ["photos", "photo-gallery", "a", "9"] {
            assert!(ServiceName::parse(text).is_ok(), "{text:?}");
        }
        for text in [
            "",
            "Photos",
            "-a",
            "a-",
            "a b",
            "a/b",
            "a.b",
            "a%2fb",
            "ä",
            &"a".repeat(64),
            "a\0",
        ] {
            assert!(ServiceName::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn r2_hosts_are_canonical() {
        for (text, canonical) in [
            ("Photos.Example.COM", "photos.example.com"),
            ("photos.example.com.", "photos.example.com"),
            ("localhost:8443", "localhost:8443"),
        ] {
            assert_eq!(
                Host::parse(text).map(String::from),
                Ok(canonical.to_owned())
            );
        }
        for text in [
            "",
            ".",
            "a..b",
            "*.example.com",
            "https://a",
            "a/b",
            "u@a",
            "a b",
            "a:0",
            "a:99999",
            "a:+80",
            "a:080",
            "a:",
            "[::1]",
            "a\\b",
            "a%00",
            "ä.example",
        ] {
            assert!(Host::parse(text).is_err(), "{text:?}");
        }
    }
}
