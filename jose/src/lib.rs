//! Signed tokens: JWS (RFC 7515), JWK (RFC 7517, RFC 7638) and JWT (RFC 7519), as RFC 8725 asks for them.
//!
//! 1. Three algorithms, all asymmetric: EdDSA with Ed25519 (RFC 8037), ES256 and RS256 (RFC 7518). There is no HS256, because
//!    whoever can verify could forge, and no `none`.
//! 2. The algorithm belongs to the key, never to the token. Keys come from a [`KeySet`] of the caller, never from a token. Only a
//!    DPoP proof brings its key, because it proves nothing else than that its sender has this key.
//! 3. One verifier for each kind of token, and a token of one kind is none of another: [`Expected`] for access and identity tokens,
//!    [`dpop::Expected`] for proofs of possession (RFC 9449), [`assertion::Expected`] for assertions (RFC 7523).
#![forbid(unsafe_code)]

mod algorithm;
pub mod assertion;
pub mod dpop;
mod error;
mod json;
mod jws;
mod jwt;
mod key_set;
mod public_key;
mod signing_key;

pub use algorithm::Algorithm;
pub use error::TokenError;
pub use json::{Object, StrictJsonError, object};
pub use jws::{Header, MAX_BYTES, Opened, sign};
pub use jwt::{Audience, Expected, Registered, UnverifiedToken};
pub use key_set::KeySet;
pub use public_key::{Jwk, JwkError, PublicKey};
pub use signing_key::{KeyError, SigningKey};
