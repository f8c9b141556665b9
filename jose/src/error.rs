//! Why a token is refused.

use thiserror::Error;

/// Why a token is refused. For logs and developers; a client learns `invalid_token` (RFC 6750 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Longer than [`crate::MAX_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts in base64url without padding.
    #[error("the token is not a JWS in Compact Serialization")]
    Malformed,
    /// The header is not an object of `alg`, `kid` and `typ` alone. Keys and extensions in a token are never accepted.
    #[error("the header has something else than alg, kid and typ, or has something twice")]
    Header,
    /// The algorithm is not the key's.
    #[error("the algorithm is not that of the key")]
    Algorithm,
    /// The type is not the expected one.
    #[error("the token is of another type")]
    Type,
    /// The key id is missing, or not that of a key in the set.
    #[error("the token was not signed with a known key")]
    KeyId,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// The claims are not an object, or have a member twice.
    #[error("the claims are not an object, or have a member twice")]
    Claims,
    /// A registered claim is missing or has the wrong type.
    #[error("the claim {0} is missing or of the wrong type")]
    Claim(&'static str),
    /// Another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// Another subject.
    #[error("the token is about another subject")]
    Subject,
    /// Another audience.
    #[error("the token is for another audience")]
    Audience,
    /// The token has ended.
    #[error("the token has expired")]
    Expired,
    /// The token ends too far in the future.
    #[error("the token is valid for too long")]
    Lifetime,
    /// The token does not count yet, or was issued in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}

impl TokenError {
    /// The stable name, the same in all SDKs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Header => "header",
            Self::Algorithm => "algorithm",
            Self::Type => "type",
            Self::KeyId => "key_id",
            Self::Signature => "signature",
            Self::Claims | Self::Claim(_) => "claims",
            Self::Issuer => "issuer",
            Self::Subject => "subject",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::Lifetime => "lifetime",
            Self::NotYetValid => "not_yet_valid",
        }
    }
}
