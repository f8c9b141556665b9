//! Blocking networks, and vouching for them.

use super::store;
use crate::{Conflict, Engine, Error, InvalidInput, Noun, RequestOrigin, Result};
use latchkey_domain::{
    access::permission::{Authorizes, RiskRead, RiskWrite},
    event::{NetworkRuleAdded, NetworkRuleRemoved},
    id::NetworkRuleId,
    pagination::{Batch, Cursor, ListQuery, MAX_BATCH, PAGE_SIZE, Page},
    risk::{AddressRange, MAX_NETWORK_RULES, NetworkRule, NetworkVerdict},
};
use serde::Serialize;
use time::{Duration, OffsetDateTime};

/// The widest networks, in bits of an IPv6 address: a typing error must not hold everybody.
const WIDEST_V4: u8 = 96 + 8;
const WIDEST_V6: u8 = 16;

/// The longest time for which something can be said of a network; without a time it is for good.
const LONGEST: Duration = Duration::days(3660);

/// A rule as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NetworkRuleView {
    /// The rule.
    pub id: NetworkRuleId,
    /// The network, in CIDR notation.
    pub network: String,
    /// What is said of it.
    pub verdict: NetworkVerdict,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Until when.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

impl From<NetworkRule> for NetworkRuleView {
    fn from(rule: NetworkRule) -> Self {
        Self {
            id: rule.id,
            network: rule.range.to_string(),
            verdict: rule.verdict,
            created_at: rule.created_at,
            expires_at: rule.expires_at,
        }
    }
}

fn parse(network: &str) -> Result<AddressRange> {
    (network.trim().parse()).map_err(|_| {
        Error::bad_input("network")(InvalidInput::Network(network.chars().take(64).collect()))
    })
}

impl Engine {
    /// What is said of networks.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_network_rules(
        &self,
        _proof: &dyn Authorizes<RiskRead>,
    ) -> Result<Vec<NetworkRuleView>> {
        let rules = store::network_rule::live_rules(&self.read(), self.now()).await?;
        Ok(rules.into_iter().map(NetworkRuleView::from).collect())
    }

    /// What is said of networks, in pages. Search: a part of the network; filter: `block`, `allow`; sort: `network` (default), `created`,
    /// `expires`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn find_network_rules(
        &self,
        proof: &dyn Authorizes<RiskRead>,
        query: &ListQuery,
    ) -> Result<Page<NetworkRuleView>> {
        let query = query.clone().bounded();
        let mut rules = self.list_network_rules(proof).await?;
        rules.retain(|rule| {
            rule.network.contains(query.search.trim())
                && (query.filter.is_empty() || rule.verdict.as_str() == query.filter)
        });
        match query.sort.as_str() {
            "created" => rules.sort_by_key(|rule| rule.created_at),
            // What is for good ends last.
            "expires" => rules.sort_by_key(|rule| (rule.expires_at.is_none(), rule.expires_at)),
            _ => {}
        }
        if query.descending {
            rules.reverse();
        }
        // There are at most `MAX_NETWORK_RULES`.
        let total = rules.len() as u64;
        let skipped = usize::try_from(query.offset()).unwrap_or(usize::MAX);
        let shown = usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
        Ok(Page {
            items: rules.into_iter().skip(skipped).take(shown).collect(),
            total,
            page: query.page,
        })
    }

    /// A batch of what is said of networks, in the order in which it was said.
    ///
    /// # Errors
    /// Internal only.
    pub async fn network_rule_batch(
        &self,
        proof: &dyn Authorizes<RiskRead>,
        cursor: Cursor<NetworkRuleId>,
    ) -> Result<Batch<NetworkRuleView>> {
        let mut rules = self.list_network_rules(proof).await?;
        rules.sort_by_key(|rule| rule.id.uuid());
        let after = cursor.after.map(NetworkRuleId::uuid);
        rules.retain(|rule| after.is_none_or(|after| rule.id.uuid() > after));
        Ok(Batch::of(rules, cursor.limit.clamp(1, MAX_BATCH)))
    }

    /// A rule about a network.
    ///
    /// # Errors
    /// Not found.
    pub async fn network_rule(
        &self,
        _proof: &dyn Authorizes<RiskRead>,
        id: NetworkRuleId,
    ) -> Result<NetworkRuleView> {
        let rule = store::network_rule::find_by_id(&self.read(), id, self.now()).await?;
        let rule = rule.ok_or(Error::NotFound(Noun::NetworkRule))?;
        Ok(rule.into())
    }

    /// Blocks a network or vouches for it, for a while or for good, in place of what was said of it before.
    ///
    /// # Errors
    /// Bad input (`network`, `for`), conflict when there are as many rules as there can be.
    pub async fn rule_network(
        &self,
        proof: &dyn Authorizes<RiskWrite>,
        network: &str,
        verdict: NetworkVerdict,
        lasts: Option<Duration>,
        origin: &RequestOrigin,
    ) -> Result<NetworkRuleView> {
        let range = parse(network)?;
        let widest = match network.contains(':') {
            true => WIDEST_V6,
            false => WIDEST_V4,
        };
        if range.length() < widest {
            return Err(Error::bad_input("network")(InvalidInput::NetworkTooWide));
        }
        if lasts.is_some_and(|lasts| !lasts.is_positive() || lasts > LONGEST) {
            return Err(Error::bad_input("for")(InvalidInput::Expired));
        }
        let now = self.now();
        let mut tx = self.begin(proof, origin).await?;
        let before = store::network_rule::find(&tx, range, now).await?;
        let count = store::network_rule::count(&tx, now).await?;
        if before.is_none() && count >= MAX_NETWORK_RULES {
            let reason = Conflict::TooManyNetworkRules {
                most: MAX_NETWORK_RULES,
            };
            return Err(Error::conflict("network", reason));
        }
        let rule = NetworkRule {
            id: NetworkRuleId::from_uuid(self.inner.settings.rng.uuid(now)),
            range,
            verdict,
            created_at: now,
            expires_at: lasts.map(|lasts| now + lasts),
        };
        let event = NetworkRuleAdded {
            rule: rule.clone(),
            before,
        };
        tx.apply(event).await?;
        tx.commit().await?;
        Ok(rule.into())
    }

    /// Removes what is said of a network.
    ///
    /// # Errors
    /// Bad input (`network`), not found.
    pub async fn remove_network_rule(
        &self,
        proof: &dyn Authorizes<RiskWrite>,
        network: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let range = parse(network)?;
        let mut tx = self.begin(proof, origin).await?;
        let rule = store::network_rule::find(&tx, range, self.now()).await?;
        let rule = rule.ok_or(Error::NotFound(Noun::NetworkRule))?;
        tx.apply(NetworkRuleRemoved { rule }).await?;
        tx.commit().await
    }

    /// The same by the rule's id.
    ///
    /// # Errors
    /// Not found, also when another rule about the network has replaced it.
    pub async fn remove_network_rule_by_id(
        &self,
        proof: &dyn Authorizes<RiskWrite>,
        id: NetworkRuleId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let rule = store::network_rule::find_by_id(&tx, id, self.now()).await?;
        let rule = rule.ok_or(Error::NotFound(Noun::NetworkRule))?;
        tx.apply(NetworkRuleRemoved { rule }).await?;
        tx.commit().await
    }
}
