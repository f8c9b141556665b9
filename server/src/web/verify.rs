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
    admission::{Counted, ProgramRequest, Refused, rate_limit_fields},
    challenge::{Challenge, scheme_of},
    client, dpop_nonce,
    error::short_reply,
    oauth::DPOP,
    reply::{Reply, json, json_text, text, unavailable},
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use body::Body;
use latchkey_app::error::{AppError, Code};
use latchkey_domain::{id::ClientId, identity::user::Role, tokens::scope::TokenScope};
use latchkey_engine::{
    AcceptedToken, CallerCredentials, Granted, PresentedToken, ProvenRequest, VerifyDecision,
};
use latchkey_parsers::bearer::{Scheme, access_token_in, bearer_token};
use serde::Serialize;
use std::net::SocketAddr;

/// The `Authorization` of whoever called the application; its own one has the service token.
pub(super) const ORIGINAL_AUTHORIZATION: HeaderName =
    HeaderName::from_static("x-original-authorization");

/// The method and the URL of that request, for a proof of possession.
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");

/// How unusual the device was last, for services that want to hear of it.
const RISK: HeaderName = HeaderName::from_static("latchkey-risk");

/// What the browser of that request calls itself.
const ORIGINAL_USER_AGENT: HeaderName = HeaderName::from_static("x-original-user-agent");

/// Responds to an application that asks about its service.
pub(super) async fn verify(web: &Web, peer: SocketAddr, service: &str, asked: &Parts) -> Reply {
    let presented = original_token(&asked.headers);
    let caller = CallerCredentials {
        cookie: web.device_cookie(&asked.headers).await,
        access_token: presented.as_deref(),
        origin: client::asked_for(peer, &asked.headers, web.proxy(), &ORIGINAL_USER_AGENT),
    };
    match web
        .engine()
        .verify(service, bearer_token(&asked.headers), caller)
        .await
    {
        VerifyDecision::Granted(granted) => {
            let mut reply = json_text(StatusCode::OK, body(&granted).json());
            if let Some(level) = granted.risk {
                let level = HeaderValue::from_static(level.as_str());
                reply.headers_mut().insert(RISK, level);
            }
            reply
        }
        VerifyDecision::TokenAccepted(token) => match count(web, &token) {
            Ok(counted) => {
                let mut response = told(json(StatusCode::OK, &TokenBody::from(&*token)), counted);
                if token.has_old_nonce {
                    dpop_nonce::add(web, response.headers_mut());
                }
                response
            }
            Err(refused) => too_many(StatusCode::TOO_MANY_REQUESTS, &refused),
        },
        VerifyDecision::NonceRequired => {
            let mut response = json(StatusCode::UNAUTHORIZED, &NONCE_REQUIRED);
            dpop_nonce::demand(web, response.headers_mut());
            response
        }
        VerifyDecision::TokenTooOld { max_age } => {
            let mut response = json(StatusCode::UNAUTHORIZED, &TOKEN_TOO_OLD);
            let challenge = Challenge::InsufficientAuthentication { max_age };
            let challenge = challenge.value(scheme_of(presented.as_deref()));
            (response.headers_mut()).insert(header::WWW_AUTHENTICATE, challenge);
            response
        }
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

/// Counts the request that an access token came with.
pub(super) fn count(web: &Web, token: &AcceptedToken) -> Result<Option<Counted>, Refused> {
    web.admission()
        .count_program(ProgramRequest::Service, token.counted_as())
}

/// With what is left of the quota.
pub(super) fn told(mut reply: Reply, counted: Option<Counted>) -> Reply {
    if let Some(counted) = counted {
        let fields = rate_limit_fields(counted.policy, counted.remaining, None);
        reply.headers_mut().extend(fields);
    }
    reply
}

/// The reply to a program that asks too often.
pub(super) fn too_many(status: StatusCode, refused: &Refused) -> Reply {
    let seconds = refused.wait_seconds();
    let error = AppError::from(Code::TooManyRequests).after(seconds);
    let mut reply = short_reply(status, &error);
    let headers = reply.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    if let Some(policy) = refused.policy {
        headers.extend(rate_limit_fields(policy, 0, Some(seconds)));
    }
    reply
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

/// The token of whoever called the application, with the proof for it if it needs one.
fn original_token(headers: &HeaderMap) -> Option<Box<PresentedToken<'_>>> {
    let (method, url) = (
        only(headers, &ORIGINAL_METHOD),
        only(headers, &ORIGINAL_URL),
    );
    presented_token(headers, &ORIGINAL_AUTHORIZATION, method, url)
}

/// The access token in a header, for a request with this method and URL.
pub(super) fn presented_token<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
    method: &'h str,
    url: &'h str,
) -> Option<Box<PresentedToken<'h>>> {
    let (scheme, text) = access_token_in(headers, name)?;
    let proof = match scheme {
        Scheme::Bearer => None,
        // Without a proof, or with two, it is an empty one, which is refused.
        Scheme::Dpop => Some(ProvenRequest {
            proof: only(headers, &DPOP),
            method,
            url,
        }),
    };
    // Boxed: rare, and its room would be copied with every answer.
    Some(Box::new(PresentedToken { text, proof }))
}

/// The value of a header that is there once; else nothing.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    let mut lines = headers.get_all(name).into_iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().unwrap_or_default(),
        _ => "",
    }
}

/// What a service learns of an access token.
#[derive(Serialize)]
struct TokenBody<'a> {
    subject: String,
    client_id: ClientId,
    scopes: Vec<&'a TokenScope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<TokenDevice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<TokenAuth>,
    token: TokenTimes<'a>,
}

#[derive(Serialize)]
struct TokenDevice {
    assurance: &'static str,
}

#[derive(Serialize)]
struct TokenAuth {
    time: i64,
    methods: &'static [&'static str],
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
            subject: token.subject(),
            client_id: token.client,
            scopes: token.scopes.iter().collect(),
            username: token.username(),
            email: token.email(),
            role: token.role(),
            device: token.user.as_ref().map(|user| TokenDevice {
                assurance: user.assurance().as_str(),
            }),
            auth: token.user.as_ref().map(|user| TokenAuth {
                time: user.auth_time.unix_timestamp(),
                methods: user.auth_methods,
            }),
            token: TokenTimes {
                id: &token.id,
                issued_at: token.issued_at,
                expires_at: token.expires_at,
            },
        }
    }
}

/// The application passes it on to its client with the headers `WWW-Authenticate` and `DPoP-Nonce`.
#[derive(Serialize)]
struct TokenProblem {
    error: &'static str,
}

const NONCE_REQUIRED: TokenProblem = TokenProblem {
    error: "use_dpop_nonce",
};

/// A program cannot be redirected to the sign-in page.
const TOKEN_TOO_OLD: TokenProblem = TokenProblem {
    error: "insufficient_user_authentication",
};

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
