//! Requests that go on, and what their service learns, in headers that the proxy copies.

use crate::web::{
    Web, cookies, dpop_nonce,
    reply::{Reply, text},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use latchkey_domain::access::access_grant::Scope;
use latchkey_engine::{Authorized, AuthorizedToken};

/// What Envoy takes out of a request that goes on. The others take out what they were told to
/// copy from the answer and do not find there.
const REMOVED: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// The request goes on, with the browser's cookies but ours.
pub(super) fn allow_anonymous(asked: &HeaderMap) -> Reply {
    let mut response = text(StatusCode::OK, "");
    let (name, value) = match cookies::without_own_cookies(asked) {
        Some(cookies) => (header::COOKIE, cookies),
        None => (REMOVED, HeaderValue::from_static("cookie")),
    };
    response.headers_mut().insert(name, value);
    response
}

/// The service learns what its grant says, in headers that the proxy copies.
pub(super) fn allow(web: &Web, admitted: &Authorized, asked: &HeaderMap) -> Reply {
    let mut response = allow_anonymous(asked);
    let granted = &admitted.granted;
    let scopes = granted
        .scopes
        .iter()
        .map(Scope::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let inside = web.internal_config();
    let names = &inside.identity;
    let headers = response.headers_mut();
    let mut tell = |name: &HeaderName, value: &str| {
        // Names are UTF-8 and have no controls; anything else is left out rather than mangled.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(name.clone(), value);
        }
    };
    tell(&names.subject, &granted.subject.to_string());
    tell(&names.scopes, &scopes);
    tell(&names.assurance, granted.assurance.as_str());
    tell(&names.assertion, &admitted.assertion);
    if let Some(level) = granted.risk {
        tell(&names.risk, level.as_str());
    }
    if let Some(name) = granted.username() {
        tell(&names.name, name);
    }
    if let Some(email) = granted.email() {
        tell(&names.email, email);
    }
    if let Some(role) = granted.role() {
        tell(&names.role, role.as_str());
    }
    response
}

/// The service learns of the token, in the same headers.
pub(super) fn allow_token(web: &Web, admitted: &AuthorizedToken, asked: &HeaderMap) -> Reply {
    let mut response = allow_anonymous(asked);
    let names = &web.internal_config().identity;
    let accepted = &admitted.accepted;
    let headers = response.headers_mut();
    let mut tell = |name: &HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(name.clone(), value);
        }
    };
    tell(&names.subject, &accepted.subject());
    tell(&names.scopes, &accepted.scopes.to_string());
    tell(&names.assertion, &admitted.assertion);
    if let Some(user) = &accepted.user {
        tell(&names.assurance, user.assurance().as_str());
    }
    if let Some(name) = accepted.username() {
        tell(&names.name, name);
    }
    if let Some(email) = accepted.email() {
        tell(&names.email, email);
    }
    if let Some(role) = accepted.role() {
        tell(&names.role, role.as_str());
    }
    if accepted.has_old_nonce {
        dpop_nonce::add(web, headers);
    }
    response
}
