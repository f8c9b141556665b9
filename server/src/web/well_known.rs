//! `/.well-known/jwks.json`: the keys with which services verify identity tokens and access tokens (RFC 7517 §5), and
//! `/.well-known/oauth-authorization-server`: what clients need to know (RFC 8414).

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
use latchkey_domain::tokens::client::GrantType;
use latchkey_jose::{Algorithm, Jwk};
use serde::Serialize;

/// A new key is found soon, and an old one is not fetched for every request.
const CACHING: &str = "public, max-age=300";

#[derive(Serialize)]
struct KeySet {
    keys: Vec<Jwk>,
}

/// The routes below `/.well-known/`.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    let document = |path: &'static str, handler| Route {
        router: "well_known",
        method: Method::GET,
        path: path.into(),
        policy: RoutePolicy::Checked(Checks::PUBLIC_DOCUMENT),
        handler,
    };
    [
        document("/.well-known/jwks.json", get(jwks)),
        document("/.well-known/oauth-authorization-server", get(metadata)),
    ]
    .into_iter()
}

/// RFC 8414 §2.
#[derive(Serialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    device_authorization_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    jwks_uri: String,
    grant_types_supported: [&'static str; 4],
    token_endpoint_auth_methods_supported: [&'static str; 4],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 4],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    dpop_signing_alg_values_supported: [&'static str; 3],
    /// Required, although nothing here is asked in a browser.
    response_types_supported: [&'static str; 0],
}

async fn metadata(State(web): State<Web>) -> impl IntoResponse {
    let issuer = web.engine().issuer().to_owned();
    let [basic, post, key, none] = [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
    ];
    let (methods, algorithms) = (
        [basic, post, key, none],
        Algorithm::ALL.map(Algorithm::as_str),
    );
    let metadata = Metadata {
        token_endpoint: format!("{issuer}/oauth/token"),
        device_authorization_endpoint: format!("{issuer}/oauth/device"),
        revocation_endpoint: format!("{issuer}/oauth/revoke"),
        introspection_endpoint: format!("{issuer}/oauth/introspect"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        grant_types_supported: [
            GrantType::ClientCredentials.as_str(),
            GrantType::DeviceCode.as_str(),
            GrantType::JwtBearer.as_str(),
            GrantType::RefreshToken.as_str(),
        ],
        token_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_methods_supported: methods,
        introspection_endpoint_auth_methods_supported: [basic, post, key],
        token_endpoint_auth_signing_alg_values_supported: algorithms,
        dpop_signing_alg_values_supported: algorithms,
        response_types_supported: [],
        issuer,
    };
    ([(header::CACHE_CONTROL, CACHING)], Json(metadata))
}

async fn jwks(State(web): State<Web>) -> impl IntoResponse {
    let keys = web.engine().token_keys();
    ([(header::CACHE_CONTROL, CACHING)], Json(KeySet { keys }))
}
