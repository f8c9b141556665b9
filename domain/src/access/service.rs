//! Services behind the proxy: their hosts, and how sure a device must be.

mod risk_policy;
mod view;

pub use risk_policy::{RaisedLevel, RiskPolicy};
pub use view::ServiceView;

use crate::{
    access::rule::Rules,
    event::{Ended, ServiceAdded, ServiceChanged, ServiceDeleted, ServiceTokenRotated},
    id::ServiceId,
    request::host::{HostPattern, is_label},
    rotating_secret::RotatingSecret,
    text::parsed_text,
    tokens::policy::AccessTokenPolicy,
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
#[error("not a service name")]
pub struct ServiceNameError;

impl ServiceName {
    /// Parses a name. Nothing is folded: `Photos` is not `photos`, it is refused.
    ///
    /// # Errors
    /// [`ServiceNameError`].
    pub fn parse(text: &str) -> Result<Self, ServiceNameError> {
        if is_label(text) && !text.bytes().any(|b| b.is_ascii_uppercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ServiceNameError)
        }
    }

    /// The name of a stored service, also if it does not parse: what no name contains is then replaced by `?`, so that the
    /// service can be shown and deleted.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let replaced = text.chars().map(|c| if is_allowed(c) { c } else { '?' });
        Self::parse(text).unwrap_or_else(|_| Self(replaced.take(MAX_NAME_LENGTH).collect()))
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
    /// For how many seconds a passkey counts, if that is limited.
    #[must_use]
    pub const fn max_age(&self) -> Option<u32> {
        match self.requirement {
            Requirement::Device => None,
            Requirement::Passkey { max_age_seconds } => Some(max_age_seconds),
        }
    }

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

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The service.
    pub id: ServiceId,
    /// Its name.
    pub name: ServiceName,
    /// The hosts it answers on, in order.
    pub hosts: Vec<HostPattern>,
    /// How sure a device must be, and whether administrators enter.
    pub policy: Policy,
    /// Which paths are for whom.
    pub rules: Rules,
    /// What it asks of devices that were unusual.
    pub risk: RiskPolicy,
    /// How it uses access tokens.
    pub access_tokens: AccessTokenPolicy,
    /// When it was added.
    pub created_at: OffsetDateTime,
}

/// A service token: of its secret half, only a salted digest.
pub type ServiceToken = RotatingSecret<ServiceId>;

impl Service {
    /// The event of a new service with its first token.
    #[must_use]
    pub const fn add(self, token: ServiceToken) -> ServiceAdded {
        ServiceAdded {
            service: self,
            token,
        }
    }

    /// Changes hosts and rules.
    #[must_use]
    pub fn change(
        self,
        hosts: Vec<HostPattern>,
        policy: Policy,
        rules: Rules,
    ) -> (Self, ServiceChanged) {
        let service = Self {
            hosts,
            policy,
            rules,
            ..self.clone()
        };
        let event = ServiceChanged {
            service: service.clone(),
            before: self,
        };
        (service, event)
    }

    /// Changes how it uses access tokens.
    #[must_use]
    pub fn change_access_tokens(self, access_tokens: AccessTokenPolicy) -> (Self, ServiceChanged) {
        let service = Self {
            access_tokens,
            ..self.clone()
        };
        let event = ServiceChanged {
            service: service.clone(),
            before: self,
        };
        (service, event)
    }

    /// Changes what it asks of devices that were unusual.
    #[must_use]
    pub fn change_risk(self, risk: RiskPolicy) -> (Self, ServiceChanged) {
        let service = Self {
            risk,
            ..self.clone()
        };
        let event = ServiceChanged {
            service: service.clone(),
            before: self,
        };
        (service, event)
    }

    /// Replaces the current token, which is accepted for `overlap` more; one that was retiring ends.
    #[must_use]
    pub fn rotate_token(self, token: ServiceToken, overlap: Duration) -> ServiceTokenRotated {
        ServiceTokenRotated {
            until: token.created_at + overlap,
            service: self,
            token,
            overlap,
        }
    }

    /// Deletes the service; `ended` is what ends with it.
    #[must_use]
    pub const fn delete(self, ended: Ended) -> ServiceDeleted {
        ServiceDeleted {
            service: self,
            ended,
        }
    }
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
