//! `POST /oauth/introspect` (RFC 7662, RFC 9701).

use super::{
    error::{fail, refuse},
    quota::RequestQuota,
    request::ProgramRequest,
};
use crate::web::{Web, admission};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use latchkey_domain::id::ClientId;
use latchkey_engine::{ActiveToken, Introspection, IntrospectionCaller, TokenError};
use latchkey_parsers::bearer::bearer_token;
use serde::Serialize;
use std::sync::Arc;

/// The media type of a signed response.
const SIGNED: &str = "application/token-introspection+jwt";

/// RFC 7662 §2.2.
#[derive(Serialize)]
struct IntrospectionBody<'a> {
    active: bool,
    #[serde(flatten)]
    token: Option<TokenBody<'a>>,
}

#[derive(Serialize)]
struct TokenBody<'a> {
    token_type: &'static str,
    iss: &'a str,
    aud: &'a str,
    sub: String,
    client_id: ClientId,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    exp: i64,
    iat: i64,
    jti: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    #[serde(flatten)]
    user: Option<UserBody>,
}

#[derive(Serialize)]
struct Confirmation<'a> {
    jkt: &'a str,
}

#[derive(Serialize)]
struct UserBody {
    auth_time: i64,
    amr: &'static [&'static str],
    acr: &'static str,
}

/// Says what a token is good for.
pub(super) async fn introspect(State(web): State<Web>, request: ProgramRequest) -> Response {
    let quota = Arc::new(RequestQuota::of(&web, admission::ProgramRequest::Service));
    let mut response = match ask(&web, &request, quota.clone()).await {
        Ok(found) => respond(&web, &found, &request.headers),
        Err(error) => refuse(&web, &error, &request.origin),
    };
    quota.tell(&mut response);
    response
}

async fn ask(
    web: &Web,
    request: &ProgramRequest,
    quota: Arc<RequestQuota>,
) -> Result<Introspection, TokenError> {
    let token = request
        .form
        .get("token")
        .ok_or(TokenError::InvalidRequest)?;
    let caller = match bearer_token(&request.headers) {
        Some(token) => IntrospectionCaller::Service(token),
        None => IntrospectionCaller::Client(request.credentials()?),
    };
    web.engine()
        .counting_tokens(quota)
        .introspect_token(caller, token)
        .await
}

fn respond(web: &Web, found: &Introspection, headers: &HeaderMap) -> Response {
    let issuer = web.engine().issuer();
    let body = IntrospectionBody {
        active: found.active.is_some(),
        token: found.active.as_ref().map(|active| body(issuer, active)),
    };
    let is_signed = headers
        .get_all(header::ACCEPT)
        .iter()
        .any(|line| line.to_str().is_ok_and(|line| line.contains(SIGNED)));
    if !is_signed {
        return Json(body).into_response();
    }
    match web.engine().sign_introspection(&found.caller, &body) {
        Ok(text) => ([(header::CONTENT_TYPE, SIGNED)], text).into_response(),
        Err(cause) => fail(&cause),
    }
}

fn body<'a>(issuer: &'a str, active: &'a ActiveToken) -> TokenBody<'a> {
    let token = &active.token;
    TokenBody {
        token_type: if active.key.is_some() {
            "DPoP"
        } else {
            "Bearer"
        },
        iss: issuer,
        aud: active.audience.as_str(),
        sub: token.subject(),
        client_id: token.client,
        scope: token.scopes.to_string(),
        exp: token.expires_at,
        iat: token.issued_at,
        jti: &token.id,
        username: token.username(),
        cnf: active.key.as_deref().map(|jkt| Confirmation { jkt }),
        user: token.user.as_ref().map(|user| UserBody {
            auth_time: user.auth_time.unix_timestamp(),
            amr: user.auth_methods,
            acr: user.assurance().as_str(),
        }),
    }
}
