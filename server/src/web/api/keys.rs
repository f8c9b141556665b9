//! Signing keys.

use super::{
    call::{ApiResult, Call},
    response::List,
};
use axum::{Json, response::IntoResponse};
use latchkey_domain::access::permission::KeysRead;
use latchkey_engine::KeyView;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A signing key, without what is secret of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Key {
    /// `kid`.
    id: String,
    /// What it signs.
    purpose: &'static str,
    /// `next`, `current` or `retiring`.
    state: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Since when it is in its state.
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
}

impl From<KeyView> for Key {
    fn from(view: KeyView) -> Self {
        Self {
            purpose: view.purpose.as_str(),
            state: view.state.as_str(),
            id: view.id,
            created_at: view.created_at,
            changed_at: view.changed_at,
        }
    }
}

/// List signing keys
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys", operation_id = "listKeys",
    responses((status = 200, body = List<Key>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:keys:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(KeysRead)?;
    let list = List {
        items: call
            .engine
            .list_keys(&proof)
            .into_iter()
            .map(Key::from)
            .collect(),
        next_cursor: None,
    };
    Ok(Json(list).into_response())
}
