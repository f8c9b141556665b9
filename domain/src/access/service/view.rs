//! A service as lists and pages show it.

use super::{Policy, RiskPolicy, ServiceName};
use crate::{
    access::rule::Rules, id::ServiceId, request::host::HostPattern,
    rotating_secret::RotatingSecretView, tokens::policy::AccessTokenPolicy,
};
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
    /// What it asks of devices that were unusual.
    pub risk: RiskPolicy,
    /// How it uses access tokens.
    pub access_tokens: AccessTokenPolicy,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Users with a grant.
    pub grants: u64,
    /// Tokens that are accepted now: one, or two during a rotation.
    pub tokens: Vec<RotatingSecretView>,
}
