//! Why a proof is refused.

use crate::TokenError;
use thiserror::Error;

/// Why a proof is refused. For logs and developers; a client learns [`ProofError::error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Something is wrong that would be wrong with any token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The header is not an object of `typ`, `alg` and `jwk` alone, or has a member twice somewhere.
    #[error("the header has something else than typ, alg and jwk, or has something twice")]
    Header,
    /// `jwk` has private members, or is not a public key for EdDSA, ES256 or RS256.
    #[error("the key in the header is not a public key that is accepted")]
    Jwk,
    /// `htm` is not the method of the request.
    #[error("the proof is for another method")]
    Method,
    /// `htu` is not the URL of the request, or one of both can be read in two ways.
    #[error("the proof is for another URL")]
    Url,
    /// `ath` is not the hash of the request's access token: it is for another one, or only one of both is there.
    #[error("the proof is for another access token")]
    AccessToken,
    /// What the request presents is bound to another key.
    #[error("the proof was made with another key")]
    Key,
    /// `nonce` is absent, or is not one of those that are accepted now. Everything else is right.
    #[error("the nonce is missing or no longer accepted")]
    Nonce,
}

impl ProofError {
    /// The stable name.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Header => "header",
            Self::Jwk => "jwk",
            Self::Method => "htm",
            Self::Url => "htu",
            Self::AccessToken => "ath",
            Self::Key => "jkt",
            Self::Nonce => "nonce",
        }
    }

    /// The error code for the client (RFC 9449 §5, §7.1, §8, §9): `use_dpop_nonce` if it has to try again with the nonce that the
    /// response gives it, otherwise `invalid_dpop_proof`.
    #[must_use]
    pub const fn error(self) -> &'static str {
        match self {
            Self::Nonce => "use_dpop_nonce",
            _ => "invalid_dpop_proof",
        }
    }
}
