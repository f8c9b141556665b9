//! Signing keys.

use super::{
    call::{ApiResult, Call},
    response::List,
};
use axum::{Json, extract::Path, http::StatusCode, response::IntoResponse};
use latchkey_app::error::Code;
use latchkey_domain::access::permission::{KeysRead, KeysWrite};
use latchkey_engine::{KeyPurpose, KeyView};
use serde::{Deserialize, Serialize};
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

/// How a key is rotated.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// Replaces the current and the next key by new ones, when they are in the wrong hands: what they signed is refused as
    /// soon as a service has fetched the new keys, and what the new key signs until then.
    #[serde(default)]
    at_once: bool,
}

/// Rotate a signing key
///
/// The next key becomes the current one. What the former one signed is accepted until it expires.
#[utoipa::path(post, path = "/api/v1/keys/{purpose}/rotations", tag = "keys", operation_id = "rotateKey",
    params(("purpose" = String, Path, description = "As the list of keys has it"), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body(content = Option<Rotation>),
    responses((status = 201, body = Key), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:keys:write"])))]
pub(super) async fn rotate(Path(purpose): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(KeysWrite)?;
    let rotate = async {
        let purpose = KeyPurpose::ALL
            .into_iter()
            .find(|known| known.as_str() == purpose)
            .ok_or(Code::NotFound)?;
        let Rotation { at_once } = call.json_or_default()?;
        let key = call
            .engine
            .rotate_key(&proof, purpose, at_once, &call.origin)
            .await?;
        Ok((StatusCode::CREATED, Json(Key::from(key))).into_response())
    };
    call.once(rotate).await
}
