//! Why a request is refused.

use http::{HeaderValue, Response, StatusCode, header};
use latchkey_jose::{TokenError, dpop::ProofError};
use thiserror::Error;

/// Why a request is refused. [`Error::code`] is for logs; the client learns [`Error::challenge`] only.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is bound to a key (`cnf`) and came without a proof of that key (RFC 9449 §7.1), or with a proof and is not
    /// bound to a key.
    #[error("the token is bound to a key and came without a proof of it, or the other way round")]
    Dpop,
    /// The proof is refused.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The proof was used before, or so many were used that no more can be remembered.
    #[error("the proof was used before")]
    ProofUsed,
    /// There is no token, or more than one.
    #[error("the request has no token, or more than one")]
    Missing,
    /// The token lacks this scope.
    #[error("the token does not have the scope {0}")]
    InsufficientScope(String),
    /// Introspection: the token is unknown, has expired, or was revoked.
    #[error("the token is not active")]
    Inactive,
    /// There are no keys, and they cannot be fetched.
    #[error("the issuer's keys cannot be fetched")]
    KeysUnavailable,
    /// Introspection: the server cannot be asked, or refuses the client.
    #[error("the server cannot be asked")]
    Unavailable,
}

impl Error {
    /// The stable name, the same in all SDKs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Dpop | Self::Proof(_) | Self::ProofUsed => "dpop",
            Self::Missing => "missing",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::Inactive => "inactive",
            Self::KeysUnavailable => "keys_unavailable",
            Self::Unavailable => "unavailable",
        }
    }

    /// The status of the response: 401, 403 or 503.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Token(_)
            | Self::Dpop
            | Self::Proof(_)
            | Self::ProofUsed
            | Self::Missing
            | Self::Inactive => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::KeysUnavailable | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 §3), without an error code if the request had no token (§3.1); `None` if no
    /// other token would help.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        match self {
            Self::Token(_) | Self::Dpop | Self::Inactive => {
                Some(r#"Bearer error="invalid_token""#.to_owned())
            }
            // RFC 9449 §7.1.
            Self::Proof(_) | Self::ProofUsed => {
                Some(r#"DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256""#.to_owned())
            }
            Self::Missing => Some("Bearer".to_owned()),
            Self::InsufficientScope(scope) => Some(format!(
                r#"Bearer error="insufficient_scope", scope="{scope}""#
            )),
            Self::KeysUnavailable | Self::Unavailable => None,
        }
    }

    /// The response, which has no body.
    #[must_use]
    pub fn response<B: Default>(&self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.challenge().map(HeaderValue::try_from) {
            Some(Ok(challenge)) => headers.insert(header::WWW_AUTHENTICATE, challenge),
            Some(Err(_)) => None,
            None => headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5")),
        };
        response
    }
}

/// Why `/verify` denies access.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Denied {
    /// The service requires a recent passkey: redirect to this address.
    #[error("a recent passkey is required")]
    StepUpRequired(String),
    /// The user has no grant for this service.
    #[error("the user does not have access to this service")]
    NoAccess,
    /// There is no valid cookie or access token, or the service token is wrong.
    #[error("there is no valid cookie or access token, or the service token is wrong")]
    Unauthenticated,
    /// The service token is another service's.
    #[error("the service token is another service's")]
    ServiceNotFound,
    /// The proof of possession needs this nonce (RFC 9449 §9): respond 401 with it in `DPoP-Nonce`, and
    /// `WWW-Authenticate: DPoP error="use_dpop_nonce"`; the program tries again.
    #[error("the proof needs a nonce")]
    UseDpopNonce(String),
    /// The program makes too many requests; it may come again after so many seconds.
    #[error("the program makes too many requests")]
    RateLimited(Option<u64>),
    /// Nothing is known for certain; ask again after so many seconds, if the server says when.
    #[error("the server cannot be asked")]
    Unavailable(Option<u64>),
}

impl Denied {
    /// The stable name, the same in all SDKs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StepUpRequired(_) => "step_up_required",
            Self::NoAccess => "no_access",
            Self::Unauthenticated => "unauthenticated",
            Self::ServiceNotFound => "service_not_found",
            Self::UseDpopNonce(_) => "use_dpop_nonce",
            Self::RateLimited(_) => "rate_limited",
            Self::Unavailable(_) => "unavailable",
        }
    }
}
