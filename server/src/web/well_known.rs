//! `/.well-known/jwks.json`: the keys with which services check assertions (RFC 7517 §5).

use super::{
    Web,
    route::Route,
    route_policy::{Checks, RoutePolicy},
};
use axum::{
    Json,
    extract::State,
    http::{Method, header},
    response::IntoResponse,
    routing::get,
};
use latchkey_jose::Jwk;
use serde::Serialize;

/// A new key is found soon, and an old one is not fetched for every request.
const CACHING: &str = "public, max-age=300";

#[derive(Serialize)]
struct KeySet {
    keys: Vec<Jwk>,
}

/// The routes below `/.well-known/`.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [Route {
        router: "well_known",
        method: Method::GET,
        path: "/.well-known/jwks.json".into(),
        policy: RoutePolicy::Checked(Checks::PUBLIC_DOCUMENT),
        handler: get(jwks),
    }]
    .into_iter()
}

async fn jwks(State(web): State<Web>) -> impl IntoResponse {
    let keys = web.engine().assertion_keys();
    ([(header::CACHE_CONTROL, CACHING)], Json(KeySet { keys }))
}
