//! Passkeys of users. They are added in a browser, where the authenticator is.

use super::{
    call::{ApiResult, Call, id},
    response::{List, done},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::{
    access::permission::{UsersRead, UsersWrite},
    identity::passkey::PasskeyView,
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Passkey {
    id: Uuid,
    name: String,
    /// The device it was made on. Revoking that device removes the passkey too.
    device_id: Uuid,
    /// Whether the authenticator keeps a copy elsewhere, such as in a password manager.
    backed_up: bool,
    /// The model of its authenticator, as it said; null if it named none, or the passkey is of an older version.
    aaguid: Option<Uuid>,
    /// The name of that model, if it is known.
    authenticator: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
}

impl From<PasskeyView> for Passkey {
    fn from(view: PasskeyView) -> Self {
        Self {
            id: view.id.uuid(),
            name: view.name.to_string(),
            device_id: view.device_id.uuid(),
            backed_up: view.backed_up,
            aaguid: view.aaguid.map(|aaguid| aaguid.uuid()),
            authenticator: view.authenticator,
            created_at: view.created_at,
            last_used_at: view.last_used_at,
        }
    }
}

/// List the passkeys of a user
#[utoipa::path(get, path = "/api/v1/users/{id}/passkeys", tag = "passkeys", operation_id = "listPasskeys",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = List<Passkey>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:read"])))]
pub(super) async fn list(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersRead)?;
    let user = call.engine.user(&proof, id(&user)?).await?;
    let passkeys = call.engine.passkeys_of(&proof, user.id).await?;
    // They are few.
    let list = List {
        items: passkeys.into_iter().map(Passkey::from).collect(),
        next_cursor: None,
    };
    Ok(Json(list).into_response())
}

/// Remove a passkey
///
/// Devices whose assurance rests on it alone lose it. Without any passkey, the user signs in anew.
#[utoipa::path(delete, path = "/api/v1/passkeys/{id}", tag = "passkeys", operation_id = "removePasskey",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn remove(Path(passkey): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let removed = call
        .engine
        .remove_any_passkey(&proof, id(&passkey)?, &call.origin);
    removed.await?;
    Ok(done())
}
