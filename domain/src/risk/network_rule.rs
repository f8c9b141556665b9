//! What an administrator says of a network.

use super::address_set::AddressRange;
use crate::id::NetworkRuleId;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use strum::{EnumString, IntoStaticStr};
use time::OffsetDateTime;

/// The most rules that there are at a time: each sign-in reads them.
pub const MAX_NETWORK_RULES: u64 = 1000;

/// What is said of a network.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum NetworkVerdict {
    /// Sign-ins from there are held.
    Block,
    /// Being there is usual for everybody.
    Allow,
}

impl NetworkVerdict {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What an administrator says of a network, for a while or for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRule {
    /// The rule.
    pub id: NetworkRuleId,
    /// The network.
    pub range: AddressRange,
    /// What is said of it.
    pub verdict: NetworkVerdict,
    /// Since when.
    pub created_at: OffsetDateTime,
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
}

impl NetworkRule {
    /// Whether it still holds.
    #[must_use]
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// What is said of an address: the rule about the smallest network that has it decides; of two about one network, the one that blocks.
    #[must_use]
    pub fn verdict_about(
        rules: &[Self],
        ip: IpAddr,
        now: OffsetDateTime,
    ) -> Option<NetworkVerdict> {
        (rules.iter())
            .filter(|rule| rule.is_live(now) && rule.range.contains(ip))
            .max_by_key(|rule| {
                let blocks = rule.verdict == NetworkVerdict::Block;
                (rule.range.length(), blocks)
            })
            .map(|rule| rule.verdict)
    }
}
