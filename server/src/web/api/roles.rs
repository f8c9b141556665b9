//! Roles.

use super::{
    call::{ApiResult, Call},
    response::{List, created, done, tagged},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::{
    access::permission::{RolesRead, RolesWrite},
    identity::custom_role::RoleView,
};
use latchkey_engine::{Resource, etag};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A role.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Role {
    name: String,
    /// Such as `users:read`.
    permissions: Vec<&'static str>,
    /// Whether it stays as it is.
    is_built_in: bool,
    /// How many users have it.
    users: u64,
    #[serde(with = "time::serde::rfc3339::option")]
    created_at: Option<OffsetDateTime>,
}

impl From<RoleView> for Role {
    fn from(view: RoleView) -> Self {
        Self {
            name: view.name.to_string(),
            permissions: view.permissions.iter().map(|one| one.as_str()).collect(),
            is_built_in: view.is_built_in,
            users: view.users,
            created_at: view.created_at,
        }
    }
}

/// A role to define.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddRole {
    #[schema(pattern = "^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$")]
    name: String,
    permissions: Vec<String>,
}

/// All that a role permits from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPermissions {
    permissions: Vec<String>,
}

/// List roles
#[utoipa::path(get, path = "/api/v1/roles", tag = "roles", operation_id = "listRoles",
    responses((status = 200, body = List<Role>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:roles:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(RolesRead)?;
    // They are few.
    let roles = call.engine.list_roles(&proof).await?;
    let list = List {
        items: roles.into_iter().map(Role::from).collect(),
        next_cursor: None,
    };
    Ok(Json(list).into_response())
}

/// Define a role
#[utoipa::path(post, path = "/api/v1/roles", tag = "roles", operation_id = "addRole",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AddRole,
    responses((status = 201, body = Role), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:roles:write"])))]
pub(super) async fn add(call: Call) -> ApiResult {
    let proof = call.authorize(RolesWrite)?;
    let add = async {
        let new: AddRole = call.json()?;
        let permissions = new.permissions.join(" ");
        let added = call
            .engine
            .add_role(&proof, &new.name, &permissions, &call.origin);
        let role = added.await?;
        let location = format!("/api/v1/roles/{}", role.name);
        Ok(created(&Role::from(role), &location))
    };
    call.once(add).await
}

/// Show a role
#[utoipa::path(get, path = "/api/v1/roles/{name}", tag = "roles", operation_id = "showRole",
    params(("name" = String, Path)),
    responses((status = 200, body = Role), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:roles:read"])))]
pub(super) async fn show(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RolesRead)?;
    let view = call.engine.role(&proof, &name).await?;
    let tag = etag(&view)?;
    Ok(tagged(&Role::from(view), &tag, &call.headers))
}

/// Change what a role permits
///
/// If it is more than before, the users of the role are signed out everywhere.
#[utoipa::path(put, path = "/api/v1/roles/{name}/permissions", tag = "roles", operation_id = "changeRole",
    params(("name" = String, Path), ("If-Match" = String, Header)),
    request_body = SetPermissions,
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:roles:write"])))]
pub(super) async fn change(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RolesWrite)?;
    let set: SetPermissions = call.json()?;
    let engine = call.replacing(Resource::Role(name.clone()))?;
    let permissions = set.permissions.join(" ");
    let changed = engine.change_role(&proof, &name, &permissions, &call.origin);
    changed.await?;
    Ok(done())
}

/// Delete a role that no user has
#[utoipa::path(delete, path = "/api/v1/roles/{name}", tag = "roles", operation_id = "deleteRole",
    params(("name" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:roles:write"])))]
pub(super) async fn remove(Path(name): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(RolesWrite)?;
    let engine = call.changing(Resource::Role(name.clone()));
    engine.delete_role(&proof, &name, &call.origin).await?;
    Ok(done())
}
