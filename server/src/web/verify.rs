//! `GET /verify/{service}`: an application asks whether the device behind a browser's cookie has access to it. (A reverse
//! proxy asks about a whole request instead: `/forward-auth`, in `forward_auth`.)
//!
//! 1. The application sends its service token (`Authorization: Bearer`, RFC 6750 §2.1) and the browser's header `Cookie`, or
//!    the `Authorization` of a program that called it as `X-Original-Authorization`.
//! 2. The engine decides; a credential that is missing, malformed or sent twice counts as none.
//! 3. One match turns the decision into a status and a body.

mod body;

use super::{
    Web,
    reply::{Reply, json, json_text, text, unavailable},
};
use axum::http::{HeaderName, StatusCode, request::Parts};
use body::Body;
use latchkey_domain::{id::ClientId, tokens::scope::TokenScope};
use latchkey_engine::{AcceptedToken, CallerCredentials, Granted, VerifyDecision};
use latchkey_parsers::bearer::{bearer_token, bearer_token_in};
use serde::Serialize;

/// The `Authorization` of whoever called the application; its own one has the service token.
pub(super) const ORIGINAL_AUTHORIZATION: HeaderName =
    HeaderName::from_static("x-original-authorization");

/// Responds to an application that asks about its service.
pub(super) async fn verify(web: &Web, service: &str, asked: &Parts) -> Reply {
    let caller = CallerCredentials {
        cookie: web.device_cookie(&asked.headers).await,
        access_token: bearer_token_in(&asked.headers, &ORIGINAL_AUTHORIZATION),
    };
    match web
        .engine()
        .verify(service, bearer_token(&asked.headers), caller)
        .await
    {
        VerifyDecision::Granted(granted) => json_text(StatusCode::OK, body(&granted).json()),
        VerifyDecision::TokenAccepted(token) => json(StatusCode::OK, &TokenBody::from(&token)),
        VerifyDecision::StepUp => json(StatusCode::UNAUTHORIZED, &step_up(web)),
        VerifyDecision::NoAccess => text(
            StatusCode::UNAUTHORIZED,
            "User does not have access to this service",
        ),
        VerifyDecision::ServiceNotFound => text(StatusCode::NOT_FOUND, "Service Not Found!"),
        VerifyDecision::Unauthenticated => text(StatusCode::NOT_FOUND, ""),
        VerifyDecision::Unavailable => unavailable(),
    }
}

fn body(granted: &Granted) -> Body<'_> {
    Body {
        subject: granted.subject,
        scopes: granted.scopes,
        username: granted.username(),
        email: granted.email(),
        role: granted.role(),
        assurance: granted.assurance,
        auth_time: granted.auth_time.unix_timestamp(),
        auth_methods: granted.auth_methods,
    }
}

/// What a service learns of an access token.
#[derive(Serialize)]
struct TokenBody<'a> {
    subject: ClientId,
    client_id: ClientId,
    scopes: Vec<&'a TokenScope>,
    token: TokenTimes<'a>,
}

#[derive(Serialize)]
struct TokenTimes<'a> {
    id: &'a str,
    issued_at: i64,
    expires_at: i64,
}

impl<'a> From<&'a AcceptedToken> for TokenBody<'a> {
    fn from(token: &'a AcceptedToken) -> Self {
        Self {
            subject: token.client,
            client_id: token.client,
            scopes: token.scopes.iter().collect(),
            token: TokenTimes {
                id: &token.id,
                issued_at: token.issued_at,
                expires_at: token.expires_at,
            },
        }
    }
}

#[derive(Serialize)]
struct StepUpBody {
    error: &'static str,
    url: String,
}

fn step_up(web: &Web) -> StepUpBody {
    StepUpBody {
        error: "step_up_required",
        url: format!("{}login?step_up=1", web.public_url().url()),
    }
}
