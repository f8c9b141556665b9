//! `GET /verify/{service}`: may the device behind this cookie enter this service?
//!
//! 1. The proxy or the service sends its own token (`Authorization: Bearer`, RFC 6750 §2.1) and the
//!    cookie that the browser brought.
//! 2. Both are handed to the engine as they came; what is missing, doubled or malformed is nothing.
//! 3. The engine's answer becomes a status and a body, in one match.

use super::{
    Web,
    bearer::bearer,
    reply::{Reply, json, text, unavailable},
};
use axum::http::{StatusCode, request::Parts};
use latchkey_domain::{
    grant::{Scope, Scopes},
    subject::Subject,
};
use latchkey_engine::{Answer, Granted};
use serde::{Serialize, Serializer};

/// What a service learns (the answer's body).
#[derive(Serialize)]
struct Body200<'a> {
    subject: Subject,
    #[serde(serialize_with = "scope_words")]
    scopes: Scopes,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    device: DeviceFacts,
    auth: AuthFacts,
}

#[derive(Serialize)]
struct DeviceFacts {
    assurance: &'static str,
}

#[derive(Serialize)]
struct AuthFacts {
    /// Seconds since the epoch, as `auth_time` in OpenID Connect Core §2.
    time: i64,
    methods: &'static [&'static str],
}

fn scope_words<S: Serializer>(scopes: &Scopes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter().map(Scope::as_str))
}

/// The answer to a question about a service.
pub(super) async fn verify(web: &Web, service: &str, asked: &Parts) -> Reply {
    let cookie = web.cookies().device(&asked.headers);
    match web
        .engine()
        .verify(service, bearer(&asked.headers), cookie)
        .await
    {
        Answer::Granted(granted) => json(StatusCode::OK, &body(&granted)),
        Answer::StepUp => json(StatusCode::UNAUTHORIZED, &step_up(web)),
        Answer::NoAccess => text(
            StatusCode::UNAUTHORIZED,
            "User does not have access to this service",
        ),
        Answer::ServiceNotFound => text(StatusCode::NOT_FOUND, "Service Not Found!"),
        Answer::Unknown => text(StatusCode::NOT_FOUND, ""),
        Answer::Unavailable => unavailable(),
    }
}

fn body(granted: &Granted) -> Body200<'_> {
    Body200 {
        subject: granted.subject,
        scopes: granted.scopes,
        username: granted.username(),
        email: granted.email(),
        role: granted.role().map(|role| role.as_str()),
        device: DeviceFacts {
            assurance: granted.assurance.as_str(),
        },
        auth: AuthFacts {
            time: granted.auth_time.unix_timestamp(),
            methods: granted.auth_methods,
        },
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
