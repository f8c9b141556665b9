//! What is said of networks.

use super::{
    call::{ApiResult, Call, id},
    response::{List, created, done},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_app::error::AppError;
use latchkey_domain::{
    access::permission::{RiskRead, RiskWrite},
    risk::NetworkVerdict,
};
use latchkey_engine::NetworkRuleView;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A network that is blocked or allowed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NetworkRule {
    id: Uuid,
    /// In CIDR notation; a single address without a length.
    network: String,
    /// `block` or `allow`.
    verdict: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

impl From<NetworkRuleView> for NetworkRule {
    fn from(view: NetworkRuleView) -> Self {
        Self {
            id: view.id.uuid(),
            network: view.network,
            verdict: view.verdict.as_str(),
            created_at: view.created_at,
            expires_at: view.expires_at,
        }
    }
}

/// A network to block or to allow, in place of what was said of it before.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddNetworkRule {
    /// An address, or a network such as `192.0.2.0/24`.
    network: String,
    /// `block` holds sign-ins from there; `allow` makes being there usual for everybody.
    verdict: String,
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

/// List the networks that are blocked or allowed
#[utoipa::path(get, path = "/api/v1/network-rules", tag = "risk", operation_id = "listNetworkRules",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query)),
    responses((status = 200, body = List<NetworkRule>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(RiskRead)?;
    let cursor = call.cursor()?;
    let batch = call.engine.network_rule_batch(&proof, cursor).await?;
    let list = List::<NetworkRule>::of(batch, |rule| rule.id.to_string());
    Ok(Json(list).into_response())
}

/// Block a network, or allow it
#[utoipa::path(post, path = "/api/v1/network-rules", tag = "risk", operation_id = "addNetworkRule",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AddNetworkRule,
    responses((status = 201, body = NetworkRule), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:write"])))]
pub(super) async fn add(call: Call) -> ApiResult {
    let proof = call.authorize(RiskWrite)?;
    let add = async {
        let new: AddNetworkRule = call.json()?;
        let verdict = new.verdict.parse::<NetworkVerdict>();
        let verdict = verdict.map_err(|_| AppError::unusable_value("verdict"))?;
        let lasts = new.expires_at.map(|end| end - call.engine.now());
        if lasts.is_some_and(|lasts| !lasts.is_positive()) {
            return Err(AppError::unusable_value("expires_at").into());
        }
        let rule = (call.engine)
            .rule_network(&proof, &new.network, verdict, lasts, &call.origin)
            .await?;
        let location = format!("/api/v1/network-rules/{}", rule.id);
        Ok(created(&NetworkRule::from(rule), &location))
    };
    call.once(add).await
}

/// Show a rule about a network
#[utoipa::path(get, path = "/api/v1/network-rules/{id}", tag = "risk", operation_id = "showNetworkRule",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = NetworkRule), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:read"])))]
pub(super) async fn show(Path(rule): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RiskRead)?;
    let rule = call.engine.network_rule(&proof, id(&rule)?).await?;
    Ok(Json(NetworkRule::from(rule)).into_response())
}

/// Remove a rule about a network
#[utoipa::path(delete, path = "/api/v1/network-rules/{id}", tag = "risk", operation_id = "removeNetworkRule",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:risk:write"])))]
pub(super) async fn remove(Path(rule): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RiskWrite)?;
    let id = id(&rule)?;
    let engine = &call.engine;
    engine
        .remove_network_rule_by_id(&proof, id, &call.origin)
        .await?;
    Ok(done())
}
