//! Services: what stands behind the proxy, by which hosts, and how sure a device must be.

use crate::{
    access::rule::Rules,
    id::ServiceId,
    request::host::{HostPattern, is_label},
    text::parsed_text,
};
use serde::{Deserialize, Serialize};
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

parsed_text!(ServiceName, ServiceNameError, as_str);

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
        passkey_verified_at: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> bool {
        match self.requirement {
            Requirement::Device => true,
            Requirement::Passkey { max_age_seconds } => crate::access::permission::is_fresh(
                passkey_verified_at,
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
    pub hosts: Vec<HostPattern>,
    /// How sure a device must be, and whether administrators enter.
    pub policy: Policy,
    /// Which paths are for whom.
    pub rules: Rules,
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
    fn service_names_are_canonical() {
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
}
