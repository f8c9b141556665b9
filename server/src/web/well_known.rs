//! `/.well-known/jwks.json`: the keys with which services verify identity tokens and access tokens (RFC 7517 §5), and
//! `/.well-known/oauth-authorization-server`: what clients need to know (RFC 8414). For password managers and browsers:
//! `/.well-known/passkey-endpoints` and `/.well-known/change-password`, where passkeys are managed, and
//! `/.well-known/webauthn`, where else they can be used (WebAuthn L3 §5.11).

use super::{
    Web,
    error::refuse,
    route::Route,
    route_policy::{Checks, RoutePolicy},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use latchkey_app::error::Code;
use latchkey_domain::tokens::client::GrantType;
use latchkey_jose::{Algorithm, Jwk};
use serde::Serialize;

/// A new key is found soon, and an old one is not fetched for every request.
const CACHING: &str = "public, max-age=300";

/// The page where users manage their passkeys.
const SECURITY: &str = "/security";

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
        document("/.well-known/passkey-endpoints", get(passkey_endpoints)),
        document("/.well-known/change-password", get(change_password)),
        document("/.well-known/webauthn", get(related_origins)),
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
    /// RFC 9701 §7.
    introspection_signing_alg_values_supported: [&'static str; 1],
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
        introspection_signing_alg_values_supported: [web
            .engine()
            .introspection_algorithm()
            .as_str()],
        dpop_signing_alg_values_supported: algorithms,
        response_types_supported: [],
        issuer,
    };
    ([(header::CACHE_CONTROL, CACHING)], Json(metadata))
}

/// W3C passkey endpoints §2: where a password manager leads its user.
#[derive(Serialize)]
struct PasskeyEndpoints {
    enroll: String,
    manage: String,
}

async fn passkey_endpoints(State(web): State<Web>) -> impl IntoResponse {
    let page = format!("{}{SECURITY}", web.public_url().origin());
    let endpoints = PasskeyEndpoints {
        enroll: page.clone(),
        manage: page,
    };
    ([(header::CACHE_CONTROL, CACHING)], Json(endpoints))
}

/// W3C change-password: there are no passwords, but users look for the same page.
async fn change_password() -> impl IntoResponse {
    (StatusCode::FOUND, [(header::LOCATION, SECURITY)])
}

/// WebAuthn L3 §5.11.
#[derive(Serialize)]
struct RelatedOrigins<'a> {
    origins: &'a [String],
}

async fn related_origins(State(web): State<Web>, headers: HeaderMap) -> Response {
    match web.related_origins() {
        [] => refuse(Code::NotFound, &headers),
        origins => (
            [(header::CACHE_CONTROL, CACHING)],
            Json(RelatedOrigins { origins }),
        )
            .into_response(),
    }
}

async fn jwks(State(web): State<Web>) -> impl IntoResponse {
    let keys = web.engine().token_keys();
    ([(header::CACHE_CONTROL, CACHING)], Json(KeySet { keys }))
}
