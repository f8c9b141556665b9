//! Risk: approves devices that wait, and says something of networks.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next, change},
    messages::m,
};
use latchkey_domain::{access::permission::RiskWrite, risk::NetworkVerdict};
use latchkey_engine::Noun;
use leptos::prelude::*;
use time::Duration;

/// How long something is said of a network; anything else is refused by the engine.
fn lasting(days: &str) -> Option<Duration> {
    match days {
        "" => None,
        days => Some(Duration::days(days.parse::<u16>().unwrap_or(0).into())),
    }
}

/// Approves a device that waits for approval.
#[server(prefix = "/actions", endpoint = "risk/approve")]
pub async fn approve_waiting_device(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        RiskWrite,
        "/actions/risk/approve",
        Fields::none(),
        "/admin/risk",
        |change| async move {
            let id = form::id(&id, Noun::Device)?;
            (change.engine())
                .approve_any_device(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::RISK_APPROVED))
        },
    )
    .await
}

/// Blocks a network or vouches for it.
#[server(prefix = "/actions", endpoint = "risk/rule")]
pub async fn rule_network(
    #[server(default)] network: String,
    #[server(default)] verdict: String,
    #[server(default)] days: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("network", &network)
        .field("verdict", &verdict)
        .field("days", &days);
    change::administer(
        RiskWrite,
        "/actions/risk/rule",
        fields,
        "/admin/risk/networks",
        |change| async move {
            // What is neither is not what vouches.
            let verdict = verdict.parse().unwrap_or(NetworkVerdict::Block);
            let rule = (change.engine())
                .rule_network(
                    &change.proof,
                    &network,
                    verdict,
                    lasting(&days),
                    change.origin(),
                )
                .await?;
            let said = match verdict {
                NetworkVerdict::Block => m::network_is_blocked(rule.network),
                NetworkVerdict::Allow => m::network_is_allowed(rule.network),
            };
            Ok(Next::back().saying(said))
        },
    )
    .await
}

/// Removes what is said of a network.
#[server(prefix = "/actions", endpoint = "risk/remove")]
pub async fn remove_network_rule(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        RiskWrite,
        "/actions/risk/remove",
        Fields::none(),
        "/admin/risk/networks",
        |change| async move {
            let id = form::id(&id, Noun::NetworkRule)?;
            (change.engine())
                .remove_network_rule_by_id(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::NETWORK_REMOVED))
        },
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_number_of_days_is_never_for_good() {
        assert_eq!(lasting(""), None);
        assert_eq!(lasting("7"), Some(Duration::days(7)));
        for days in ["x", "-1", "7d", "99999999999"] {
            assert_eq!(lasting(days), Some(Duration::ZERO), "{days}");
        }
    }
}
