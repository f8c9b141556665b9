//! What the API answers: a resource, a list, or problem details (RFC 9457).

use crate::web::{
    admission::{Counted, rate_limit_fields},
    challenge::{Challenge, scheme_in},
    error::problem,
};
use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use latchkey_app::{
    error::{AppError, Code, log_if_internal},
    messages::Language,
};
use latchkey_domain::{
    access::permission::{Denial, Permission, STEP_UP_FRESHNESS},
    pagination::Batch,
};
use latchkey_engine::Error;
use serde::Serialize;
use std::sync::{Arc, OnceLock};
use utoipa::ToSchema;

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// In the order in which they were made.
    pub(super) items: Vec<T>,
    /// The `cursor` of the next part; `null` at the end.
    pub(super) next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A batch with what its last row is found by.
    pub(super) fn of<V>(batch: Batch<V>, id: impl Fn(&V) -> String) -> Self
    where
        T: From<V>,
    {
        let next_cursor = batch.items.last().filter(|_| batch.has_more).map(id);
        Self {
            items: batch.items.into_iter().map(T::from).collect(),
            next_cursor,
        }
    }
}

/// Why a call did nothing.
#[derive(Debug)]
pub(super) enum ApiError {
    /// No token, or one that is not accepted.
    Unauthenticated,
    /// The token's user has to use a passkey again (RFC 9470), which then counts for so many seconds.
    StepUp { max_age: Option<u32> },
    /// The token's user has no passkey, and needs one.
    NeedsPasskey,
    /// A scope is missing, or the role of the token's user does not permit it.
    Forbidden(Permission),
    /// Anything else.
    App(AppError),
    /// A response that was made elsewhere.
    Made(Box<Response>),
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self::App(code.into())
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        log_if_internal(&error);
        match error {
            Error::Denied(Denial::SignIn | Denial::NotApproved | Denial::Recovery) => {
                Self::Unauthenticated
            }
            Error::Denied(Denial::StepUp) => Self::step_up(),
            Error::Denied(Denial::NeedsPasskey) => Self::NeedsPasskey,
            other => Self::App(AppError::from(&other)),
        }
    }
}

impl ApiError {
    /// A change needs a recent passkey.
    pub(super) fn step_up() -> Self {
        Self::StepUp {
            max_age: change_max_age(),
        }
    }
}

/// For how long a passkey counts where something is changed.
fn change_max_age() -> Option<u32> {
    u32::try_from(STEP_UP_FRESHNESS.whole_seconds()).ok()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (error, challenge): (AppError, _) = match self {
            Self::Made(response) => return *response,
            Self::App(error) => (error, None),
            Self::Unauthenticated => (Code::InvalidToken.into(), Some(Challenge::InvalidToken)),
            Self::StepUp { max_age } => (
                Code::StepUpRequired.into(),
                Some(Challenge::InsufficientAuthentication { max_age }),
            ),
            Self::NeedsPasskey => (
                Code::PasskeyRequired.into(),
                Some(Challenge::InsufficientAuthentication {
                    max_age: change_max_age(),
                }),
            ),
            Self::Forbidden(permission) => (
                Code::Forbidden.into(),
                Some(Challenge::InsufficientScope(permission)),
            ),
        };
        let mut response = problem(&error, Language::default());
        // `finish` knows the scheme of the token.
        if let Some(challenge) = challenge {
            response.extensions_mut().insert(challenge);
        }
        response
    }
}

/// A resource under its entity tag.
pub(super) fn tagged(body: &impl Serialize, tag: &str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{tag}\"");
    let is_known = headers
        .get_all(header::IF_NONE_MATCH)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|one| one.trim() == "*" || one.trim().trim_start_matches("W/") == tag);
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Json(body).into_response(),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Something that was made, and where it is.
pub(super) fn created(body: &impl Serialize, location: &str) -> Response {
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// A response with a secret in it is repeated only as long as a program needs to ask again ([`super::idempotency`]).
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownOnce;

/// A response with a secret.
pub(super) fn shown_once(mut response: Response) -> Response {
    response.extensions_mut().insert(ShownOnce);
    response
}

/// Nothing is left to say.
pub(super) fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// How the request of a program was counted, for the layer around its handler.
#[derive(Debug, Clone, Default)]
pub(super) struct CountNote(Arc<OnceLock<Counted>>);

impl CountNote {
    pub(super) fn set(&self, counted: Option<Counted>) {
        if let Some(counted) = counted {
            self.0.get_or_init(|| counted);
        }
    }
}

/// Says what is left of the program's quota and what its token lacks, and that nothing is kept by caches: everything here is about users, and some of it
/// is secret.
pub(super) async fn finish(mut request: Request, next: Next) -> Response {
    let note = CountNote::default();
    request.extensions_mut().insert(note.clone());
    let scheme = scheme_in(request.headers(), &header::AUTHORIZATION);
    let mut response = next.run(request).await;
    let challenge = response.extensions_mut().remove::<Challenge>();
    let headers = response.headers_mut();
    if let Some(challenge) = challenge {
        headers.insert(header::WWW_AUTHENTICATE, challenge.value(scheme));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(counted) = note.0.get() {
        headers.extend(rate_limit_fields(counted.policy, counted.remaining, None));
    }
    response
}
