//! Grants.

use super::{
    call::{ApiResult, Call, id},
    response::{List, created, done, tagged},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_app::error::AppError;
use latchkey_domain::{
    access::{
        access_grant::{AccessGrantView, Scopes},
        permission::{GrantsRead, GrantsWrite},
    },
    id::AccessGrantId,
};
use latchkey_engine::{AccessGrantFilter, Resource, etag};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A grant: a user may use a service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Grant {
    id: Uuid,
    user_id: Uuid,
    #[schema(format = Email)]
    email: String,
    /// The name of the service.
    service: String,
    /// What the service learns.
    scopes: Vec<String>,
    /// `explicit`, or `admin` if it comes with the role.
    origin: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

impl From<AccessGrantView> for Grant {
    fn from(view: AccessGrantView) -> Self {
        Self {
            id: view.id.uuid(),
            user_id: view.user_id.uuid(),
            email: view.email.to_string(),
            service: view.service.to_string(),
            scopes: view
                .scopes
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            origin: view.origin.as_str(),
            created_at: view.created_at,
            expires_at: view.expires_at,
        }
    }
}

/// A grant to add, or to change if the user has one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddGrant {
    #[schema(format = Email)]
    email: String,
    service: String,
    /// `read:username`, `read:email`, `read:user-role`.
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

/// List grants
#[utoipa::path(get, path = "/api/v1/grants", tag = "grants", operation_id = "listGrants",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query), ("user" = Option<Uuid>, Query), ("service" = Option<String>, Query)),
    responses((status = 200, body = List<Grant>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:grants:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(GrantsRead)?;
    let cursor = call.cursor()?;
    let filter = AccessGrantFilter {
        user: call.parsed("user")?,
        service: call.parameter("service"),
    };
    let batch = call.engine.grant_batch(&proof, cursor, &filter).await?;
    let list = List::<Grant>::of(batch, |grant| grant.id.to_string());
    Ok(Json(list).into_response())
}

/// Give access
#[utoipa::path(post, path = "/api/v1/grants", tag = "grants", operation_id = "addGrant",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AddGrant,
    responses((status = 201, body = Grant), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:grants:write"])))]
pub(super) async fn add(call: Call) -> ApiResult {
    let proof = call.authorize(GrantsWrite)?;
    let add = async {
        let new: AddGrant = call.json()?;
        let scopes: Result<Scopes, _> = new.scopes.iter().map(|scope| scope.parse()).collect();
        let scopes = scopes.map_err(|_| AppError::unusable_value("scopes"))?;
        let added = call.engine.add_grant(
            &proof,
            &new.email,
            &new.service,
            scopes,
            new.expires_at,
            &call.origin,
        );
        let grant = added.await?;
        let location = format!("/api/v1/grants/{}", grant.id);
        Ok(created(&Grant::from(grant), &location))
    };
    call.once(add).await
}

/// Show a grant
#[utoipa::path(get, path = "/api/v1/grants/{id}", tag = "grants", operation_id = "showGrant",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Grant), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:grants:read"])))]
pub(super) async fn show(Path(grant): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(GrantsRead)?;
    let view = call.engine.grant(&proof, id(&grant)?).await?;
    let tag = etag(&view)?;
    Ok(tagged(&Grant::from(view), &tag, &call.headers))
}

/// Take access away
#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "grants", operation_id = "removeGrant",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:grants:write"])))]
pub(super) async fn remove(Path(grant): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(GrantsWrite)?;
    let id: AccessGrantId = id(&grant)?;
    let engine = call.changing(Resource::Grant(id));
    engine.remove_grant_by_id(&proof, id, &call.origin).await?;
    Ok(done())
}
