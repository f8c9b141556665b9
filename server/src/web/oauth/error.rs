//! Errors of RFC 6749 §5.2 and of what extends it: a status and `{"error": …}`.

use crate::web::{Web, dpop_nonce, error::fail};
use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_engine::{FailedAttempt, RequestOrigin, TokenError};
use serde::Serialize;

#[derive(Serialize)]
struct ErrorBody {
    error: String,
}

/// The response to a request that gets nothing.
pub(super) fn refuse(
    web: &Web,
    error: &TokenError,
    origin: &RequestOrigin,
    headers: &HeaderMap,
) -> Response {
    let status = match error {
        TokenError::Failed(cause) => return fail(cause, headers),
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
