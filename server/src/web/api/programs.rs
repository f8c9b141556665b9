//! Programs that act for a user, each with what its user approved.

use super::{
    call::{ApiResult, Call, id},
    response::{List, done},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::{
    access::permission::{DevicesRead, DevicesRevoke},
    tokens::family::TokenFamilyView,
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A program that acts for a user at a service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Program {
    id: Uuid,
    user_id: Uuid,
    #[schema(format = Email)]
    email: String,
    client_id: Uuid,
    /// The name of the client.
    client: String,
    /// The name of the service.
    service: String,
    scopes: Vec<String>,
    /// The device on which the user approved it. Revoking that device ends the program too.
    device_id: Uuid,
    /// Whether it is a native device of the user.
    is_native: bool,
    /// Whether its tokens are bound to a key (RFC 9449).
    is_bound: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    refreshed_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl From<TokenFamilyView> for Program {
    fn from(view: TokenFamilyView) -> Self {
        Self {
            id: view.id.uuid(),
            user_id: view.user_id.uuid(),
            email: view.email.to_string(),
            client_id: view.client_id.uuid(),
            client: view.client.to_string(),
            service: view.service.to_string(),
            scopes: view.scopes.iter().map(ToString::to_string).collect(),
            device_id: view.device_id.uuid(),
            is_native: view.is_native,
            is_bound: view.is_bound,
            created_at: view.created_at,
            refreshed_at: view.refreshed_at,
            expires_at: view.expires_at,
        }
    }
}

/// List the programs that act for users
#[utoipa::path(get, path = "/api/v1/programs", tag = "programs", operation_id = "listPrograms",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query), ("user" = Option<Uuid>, Query, description = "Only the programs of this user")),
    responses((status = 200, body = List<Program>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:devices:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(DevicesRead)?;
    let (cursor, user) = (call.cursor()?, call.parsed("user")?);
    let batch = call.engine.token_family_batch(&proof, cursor, user).await?;
    let list = List::<Program>::of(batch, |family| family.id.to_string());
    Ok(Json(list).into_response())
}

/// End the access of a program
///
/// Its tokens are no longer accepted.
#[utoipa::path(delete, path = "/api/v1/programs/{id}", tag = "programs", operation_id = "endProgram",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:devices:revoke"])))]
pub(super) async fn end(Path(program): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(DevicesRevoke)?;
    let ended = call
        .engine
        .revoke_token_family(&proof, id(&program)?, &call.origin);
    ended.await?;
    Ok(done())
}
