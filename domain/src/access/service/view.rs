//! A service as lists and pages show it.

use super::{Policy, ServiceName};
use crate::{access::rule::Rules, id::ServiceId, request::host::HostPattern};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A service as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
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
    /// Users with a grant.
    pub grants: u64,
    /// Tokens that are accepted now: one, or two during a rotation.
    pub tokens: Vec<ServiceTokenView>,
}

/// A service token as pages show it: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTokenView {
    /// The public part of the token, to tell two apart.
    pub label: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it stops being accepted, if a newer one replaced it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}
