//! Why a program gets no token.

use crate::Error;
use latchkey_domain::tokens::access_token::TokenRefusal;

/// Why there is no token (RFC 6749 §5.2, RFC 8707 §2, RFC 8628 §3.5, RFC 9449 §5).
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A parameter is missing or cannot be read.
    #[error("invalid_request")]
    InvalidRequest,
    /// The client is not known, or did not authenticate.
    #[error("invalid_client")]
    InvalidClient,
    /// What it brought to get a token is wrong, used, or over.
    #[error("invalid_grant")]
    InvalidGrant,
    /// There is no such grant type here.
    #[error("unsupported_grant_type")]
    UnsupportedGrantType,
    /// The user has not decided yet.
    #[error("authorization_pending")]
    AuthorizationPending,
    /// The same, and the client asks too often.
    #[error("slow_down")]
    SlowDown,
    /// The user denied it.
    #[error("access_denied")]
    AccessDenied,
    /// Nobody decided in time.
    #[error("expired_token")]
    ExpiredToken,
    /// The proof of possession is wrong.
    #[error("invalid_dpop_proof")]
    InvalidProof,
    /// The proof needs a nonce of ours.
    #[error("use_dpop_nonce")]
    NonceRequired,
    /// The client asks too often.
    #[error("too_many_requests")]
    TooManyRequests,
    /// The client may not have what it asks for.
    #[error(transparent)]
    Refused(#[from] TokenRefusal),
    /// It cannot be known whether the proof or assertion was used before. Another one may be accepted in a moment.
    #[error("temporarily_unavailable")]
    TemporarilyUnavailable,
    /// Our own fault, or too much to do.
    #[error(transparent)]
    Failed(Error),
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match error {
            Error::UsesUnknown => Self::TemporarilyUnavailable,
            error => Self::Failed(error),
        }
    }
}
