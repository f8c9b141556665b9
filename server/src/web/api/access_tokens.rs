//! How a service uses access tokens.

use super::{
    call::{ApiResult, Call},
    response::{ApiError, done},
};
use axum::extract::Path;
use latchkey_app::error::AppError;
use latchkey_domain::access::permission::ServicesWrite;
use latchkey_engine::{NewAccessTokens, Resource};
use serde::Deserialize;
use utoipa::ToSchema;

/// How a service uses access tokens from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetAccessTokens {
    /// The scopes of its own that access tokens can have.
    scopes: Vec<String>,
    #[schema(pattern = "^(reusable|one_shot|single_active)$")]
    token_use: String,
    /// Whether users get tokens for it with `latchkey login`.
    accepts_native_devices: bool,
    /// Whether proofs of possession need a nonce (RFC 9449).
    #[serde(default)]
    requires_dpop_nonce: bool,
}

/// Change how a service uses access tokens
#[utoipa::path(put, path = "/api/v1/services/{name}/access-tokens", tag = "services", operation_id = "setAccessTokens",
    params(("name" = String, Path), ("If-Match" = String, Header)),
    request_body = SetAccessTokens,
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:services:write"])))]
pub(super) async fn change(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ServicesWrite)?;
    let set: SetAccessTokens = call.json()?;
    let token_use = set.token_use.parse();
    let token_use = token_use.map_err(|_| ApiError::from(AppError::unusable_value("token_use")))?;
    let (engine, scopes) = (
        call.replacing(Resource::Service(name.clone()))?,
        set.scopes.join(" "),
    );
    let new = NewAccessTokens {
        scopes: &scopes,
        token_use,
        native: set.accepts_native_devices,
        dpop_nonce: set.requires_dpop_nonce,
    };
    engine
        .change_access_tokens(&proof, &name, new, &call.origin)
        .await?;
    Ok(done())
}
