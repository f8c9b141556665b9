//! `/.well-known/jwks.json`: the keys with which services check assertions (RFC 7517 §5).

use super::Web;
use axum::{Json, extract::State, http::header, response::IntoResponse};
use latchkey_engine::PublicKey;
use serde::Serialize;

/// Its path.
pub(super) const ROUTE: &str = "/.well-known/jwks.json";

/// A new key is found soon, and an old one is not asked for at every request.
const CACHING: &str = "public, max-age=300";

#[derive(Serialize)]
struct KeySet {
    keys: Vec<PublicKey>,
}

/// Shows them.
pub(super) async fn show(State(web): State<Web>) -> impl IntoResponse {
    let keys = web.engine().assertion_keys();
    ([(header::CACHE_CONTROL, CACHING)], Json(KeySet { keys }))
}
