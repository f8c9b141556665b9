//! What a service asks of devices that were unusual.

use super::{
    call::{ApiResult, Call},
    response::{ApiError, done},
};
use axum::extract::Path;
use latchkey_app::error::AppError;
use latchkey_domain::access::{
    permission::ServicesWrite,
    service::{RaisedLevel, RiskPolicy},
};
use latchkey_engine::Resource;
use serde::Deserialize;
use utoipa::ToSchema;

/// What a service asks of devices that were unusual from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetRiskPolicy {
    /// From this level, a passkey has to be used after the assessment; `null` for never.
    #[schema(pattern = "^(medium|high)$")]
    passkey_from: Option<String>,
    /// From this level, a passkey that cannot leave its authenticator; `null` for never.
    #[schema(pattern = "^(medium|high)$")]
    device_bound_passkey_from: Option<String>,
    /// Whether the service hears of the level.
    tells_risk: bool,
}

/// Change what a service asks of devices that were unusual
#[utoipa::path(put, path = "/api/v1/services/{name}/risk", tag = "services", operation_id = "setRiskPolicy",
    params(("name" = String, Path), ("If-Match" = String, Header)),
    request_body = SetRiskPolicy,
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:write"])))]
pub(super) async fn change(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ServicesWrite)?;
    let set: SetRiskPolicy = call.json()?;
    let risk = RiskPolicy {
        tells_level: set.tells_risk,
        passkey_from: level("passkey_from", set.passkey_from)?,
        device_bound_from: level("device_bound_passkey_from", set.device_bound_passkey_from)?,
    };
    let engine = call.replacing(Resource::Service(name.clone()))?;
    engine
        .change_risk_policy(&proof, &name, risk, &call.origin)
        .await?;
    Ok(done())
}

fn level(field: &'static str, text: Option<String>) -> Result<Option<RaisedLevel>, ApiError> {
    let parse = |text: String| text.parse();
    let level = text.map(parse).transpose();
    level.map_err(|_| ApiError::from(AppError::unusable_value(field)))
}
