//! Errors of RFC 6749 §5.2 and of what extends it: a status and `{"error": …}`.

use crate::web::{Web, error::fail};
use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use latchkey_engine::TokenError;
use serde::Serialize;

/// The nonce for the next proof (RFC 9449 §8).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

#[derive(Serialize)]
struct ErrorBody {
    error: String,
}

/// The response to a request that gets nothing.
pub(super) fn refuse(web: &Web, error: &TokenError, headers: &HeaderMap) -> Response {
    let status = match error {
        TokenError::Failed(cause) => return fail(cause, headers),
        TokenError::InvalidClient => StatusCode::UNAUTHORIZED,
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
        add_nonce(web, &mut response);
    }
    response
}

/// Tells the program which nonce its next proof has.
pub(super) fn add_nonce(web: &Web, response: &mut Response) {
    // Base64url.
    if let Ok(nonce) = HeaderValue::from_str(&web.engine().dpop_nonce()) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
}
