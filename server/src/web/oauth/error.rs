//! Errors of RFC 6749 §5.2 and of what extends it: a status and `{"error": …}`.

use crate::web::{Web, dpop_nonce, error::short};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_app::error::log_if_internal;
use latchkey_engine::{Error, FailedAttempt, RequestOrigin, TokenError};
use serde::Serialize;

#[derive(Serialize)]
struct ErrorBody {
    error: String,
}

/// The response to a request that gets nothing.
pub(super) fn refuse(web: &Web, error: &TokenError, origin: &RequestOrigin) -> Response {
    let status = match error {
        TokenError::Failed(cause) => return fail(cause),
        TokenError::InvalidClient => {
            FailedAttempt::Client.log(origin);
            StatusCode::UNAUTHORIZED
        }
        TokenError::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        TokenError::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        TokenError::InvalidRequest
        | TokenError::InvalidGrant
        | TokenError::UnsupportedGrantType
        | TokenError::AuthorizationPending
        | TokenError::SlowDown
        | TokenError::AccessDenied
        | TokenError::ExpiredToken
        | TokenError::InvalidProof
        | TokenError::NonceRequired
        | TokenError::Refused(_) => StatusCode::BAD_REQUEST,
    };
    let body = ErrorBody {
        error: error.to_string(),
    };
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        // RFC 6749 §5.2 wants it for clients that used the header; others it does not hurt.
        let challenge = HeaderValue::from_static("Basic realm=\"latchkey\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let soon = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
    }
    if matches!(error, TokenError::NonceRequired | TokenError::InvalidProof) {
        dpop_nonce::add(web, response.headers_mut());
    }
    response
}

/// Our own fault, or too much to do.
pub(super) fn fail(cause: &Error) -> Response {
    log_if_internal(cause);
    short(&cause.into())
}
