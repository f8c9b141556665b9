//! Events of services and of the grants to them.

use super::Ended;
use crate::{
    access::access_grant::AccessGrant,
    access::service::{Service, ServiceName, ServiceToken},
    identity::email::Email,
};
use std::fmt;
use time::{Duration, OffsetDateTime};

/// A service was added, with its first token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAdded {
    /// The service.
    pub service: Service,
    /// Its token.
    pub token: ServiceToken,
}

/// A service's hosts or rules were changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceChanged {
    /// The service, as it is now.
    pub service: Service,
    /// The service, as it was.
    pub before: Service,
}

/// A service got a new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTokenRotated {
    /// The service.
    pub service: Service,
    /// The new token.
    pub token: ServiceToken,
    /// When the old one stops being accepted.
    pub until: OffsetDateTime,
    /// How long that is from now.
    pub overlap: Duration,
}

/// A service was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceDeleted {
    /// The service, as it was.
    pub service: Service,
    /// What ended with it.
    pub ended: Ended,
}

/// Whose grant to what, by name, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantNames {
    /// The user's address.
    pub email: Email,
    /// The service's name.
    pub service: ServiceName,
}

impl fmt::Display for GrantNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", self.email, self.service)
    }
}

/// Access was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantAdded {
    /// The grant.
    pub grant: AccessGrant,
    /// Whose, to what.
    pub names: GrantNames,
}

/// A grant was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantChanged {
    /// The grant, as it is now.
    pub grant: AccessGrant,
    /// The grant, as it was.
    pub before: AccessGrant,
    /// Whose, to what.
    pub names: GrantNames,
}

/// A grant was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRemoved {
    /// The grant, as it was.
    pub grant: AccessGrant,
    /// Whose, to what.
    pub names: GrantNames,
}
