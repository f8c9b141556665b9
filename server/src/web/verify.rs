//! `GET /verify/{service}`: an application asks whether the device behind a browser's cookie has access to it. (A reverse
//! proxy asks about a whole request instead: `/forward-auth`, in `forward_auth`.)
//!
//! 1. The application sends its service token (`Authorization: Bearer`, RFC 6750 §2.1) and the browser's header `Cookie`.
//! 2. The engine decides; a credential that is missing, malformed or sent twice counts as none.
//! 3. One match turns the decision into a status and a body.

mod body;

use super::{
    Web,
    reply::{Reply, json, json_text, text, unavailable},
};
use axum::http::{StatusCode, request::Parts};
use body::Body;
use latchkey_engine::{Granted, VerifyDecision};
use latchkey_parsers::bearer::bearer_token;
use serde::Serialize;

/// Responds to an application that asks about its service.
pub(super) async fn verify(web: &Web, service: &str, asked: &Parts) -> Reply {
    let cookie = web.device_cookie(&asked.headers).await;
    match web
        .engine()
        .verify(service, bearer_token(&asked.headers), cookie)
        .await
    {
        VerifyDecision::Granted(granted) => json_text(StatusCode::OK, body(&granted).json()),
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
