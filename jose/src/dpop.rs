//! DPoP proofs (RFC 9449): with each request, a client proves that it has the private key that its tokens are bound to.
//!
//! 1. The client signs method, URL and time with [`prove`] and sends the proof in the header `DPoP`.
//! 2. The server compares it with the request: [`Expected::check`] makes the checks of §4.3. The nonce comes last, so that a client
//!    that is asked for a nonce needs nothing else.
//! 3. The server marks the proof as used (§11.1).
//!
//! Two things are the caller's:
//! - Check 1: a request has exactly one header `DPoP`. If there are two, it is refused; neither of them is passed on.
//! - Replay: [`Proof::thumbprint`] and [`Proof::id`] together are marked as used until [`Proof::usable_until`], in one statement
//!   that fails if they were marked before. The text of the proof is no substitute for its id: anyone can turn a valid ECDSA signature
//!   into another one.
//!
//! The rules are stricter than the RFC's where two readers could understand a proof differently: its header has no parameter
//! beyond the three that §4.2 defines, no member comes twice, a proof for an access token is refused without one, and URLs that can be
//! read in two ways are not compared. `exp` and `nbf`, which the RFC does not mention, count if they are there.

mod error;
mod request_url;
#[cfg(test)]
mod tests;

pub use error::ProofError;

use crate::{
    Algorithm, Jwk, Object, PublicKey, SigningKey, TokenError, json,
    jws::{Parts, sign_with_header},
    jwt::{LEEWAY, foreign_id, is_type, seconds, text},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::digest;
use serde::{Deserialize as _, Serialize};
use serde_json::Value;

/// The type of a proof (RFC 9449 §4.2).
const TYPE: &str = "dpop+jwt";

/// For how long a proof may be used after it was made, in seconds, beside the leeway of five seconds for clocks that differ.
const MAX_AGE: i64 = 60;

/// The members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The request that a proof must be for.
#[derive(Clone, Copy)]
pub struct Expected<'e> {
    /// The method of the request, letter by letter (RFC 9110 §9.1).
    pub method: &'e str,
    /// The URL of the request as the client knows it, absolute, with scheme and host from the configuration: if they came from
    /// the request, its sender could use a proof that was made for another server. Query and fragment are ignored.
    pub url: &'e str,
    /// Now, in seconds since the Unix epoch.
    pub now: i64,
    /// What the request presents that is bound to a key.
    pub binding: Binding<'e>,
    /// The nonces that are accepted now, usually the current and the previous one; `None` if no nonce is required.
    pub nonces: Option<&'e [&'e str]>,
}

/// What a request presents that is bound to a key.
#[derive(Clone, Copy)]
pub enum Binding<'e> {
    /// Nothing: whatever is issued will be bound to the key of the proof.
    None,
    /// Something that is bound to the key with this thumbprint: a refresh token, a code, the parameter `dpop_jkt`.
    Key(&'e str),
    /// An access token (RFC 9449 §7).
    AccessToken {
        /// The token, as it is in the header `Authorization`.
        token: &'e str,
        /// The thumbprint of its key: its `cnf.jkt` (§6.1).
        thumbprint: &'e str,
    },
}

/// A proof that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its key: the members that it needs.
    pub key: Jwk,
    /// The thumbprint of its key (RFC 7638), in base64url.
    pub thumbprint: String,
    /// Its id, `jti`: 1 to 256 bytes.
    pub id: String,
    /// When it was made, in seconds since the Unix epoch.
    pub issued_at: i64,
    /// Before this second it was refused.
    pub usable_from: i64,
    /// After this second it is refused anyway; up to and including it, it must be marked as used.
    pub usable_until: i64,
    /// The nonce in it; one of the expected ones, if any were.
    pub nonce: Option<String>,
}

impl Expected<'_> {
    /// Checks a proof: the value of the only header `DPoP`.
    ///
    /// # Errors
    /// [`ProofError`]; its [`error`](ProofError::error) is the code for the client.
    pub fn check(&self, proof: &str) -> Result<Proof, ProofError> {
        // Checks 2, 4, 5 and 7, then 6: nothing in the payload is looked at before the signature is verified.
        let parts = Parts::parse(proof, key_of_header)?;
        let key = &parts.header;
        parts.check(key)?;
        // Check 3. Each claim that is there has the right type, also one that is not needed.
        let claims = json::object(&parts.payload).map_err(|_| TokenError::Claims)?;
        let id = foreign_id(&claims)?;
        let (method, url) = (text(&claims, "htm")?, text(&claims, "htu")?);
        let issued_at = seconds(&claims, "iat")?.ok_or(TokenError::Claim("iat"))?;
        let (expires_at, not_before) = (seconds(&claims, "exp")?, seconds(&claims, "nbf")?);
        let (hash, nonce) = (optional(&claims, "ath")?, optional(&claims, "nonce")?);
        // Checks 8 and 9.
        if method != self.method {
            return Err(ProofError::Method);
        }
        match (
            request_url::normalized(url),
            request_url::normalized(self.url),
        ) {
            (Some(url), Some(expected)) if url == expected => {}
            _ => return Err(ProofError::Url),
        }
        // Check 11.
        let usable_until = issued_at.saturating_add(MAX_AGE + LEEWAY);
        let is_over = |end: i64| self.now >= end.saturating_add(LEEWAY);
        if self.now > usable_until || expires_at.is_some_and(is_over) {
            return Err(TokenError::Expired.into());
        }
        let begins = not_before.map_or(issued_at, |from| from.max(issued_at));
        let usable_from = begins.saturating_sub(LEEWAY);
        if usable_from > self.now {
            return Err(TokenError::NotYetValid.into());
        }
        // Check 12. Without an access token, a proof that was made for one is refused too (RFC 9449 §7).
        let thumbprint = key.thumbprint();
        let (token, bound_to) = match self.binding {
            Binding::None => (None, None),
            Binding::Key(thumbprint) => (None, Some(thumbprint)),
            Binding::AccessToken { token, thumbprint } => (Some(token), Some(thumbprint)),
        };
        if hash != token.map(token_hash).as_deref() {
            return Err(ProofError::AccessToken);
        }
        if bound_to.is_some_and(|bound_to| bound_to != thumbprint) {
            return Err(ProofError::Key);
        }
        // Check 10.
        if let Some(accepted) = self.nonces
            && !nonce.is_some_and(|nonce| accepted.contains(&nonce))
        {
            return Err(ProofError::Nonce);
        }
        Ok(Proof {
            key: key.required_members(),
            thumbprint,
            id: id.to_owned(),
            issued_at,
            usable_from,
            usable_until,
            nonce: nonce.map(str::to_owned),
        })
    }
}

/// The key of a proof's header: an object of `typ`, `alg` and `jwk` alone.
fn key_of_header(header: &[u8]) -> Result<PublicKey, ProofError> {
    let header = json::object(header).map_err(|_| ProofError::Header)?;
    let (typ, alg, jwk) = match (header.get("typ"), header.get("alg"), header.get("jwk")) {
        (Some(Value::String(typ)), Some(Value::String(alg)), Some(Value::Object(jwk)))
            if header.len() == 3 =>
        {
            (typ, alg, jwk)
        }
        _ => return Err(ProofError::Header),
    };
    if !is_type(typ, TYPE) {
        return Err(TokenError::Type.into());
    }
    let algorithm = Algorithm::from_name(alg).ok_or(TokenError::Algorithm)?;
    if PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name)) {
        return Err(ProofError::Jwk);
    }
    let jwk = Jwk::deserialize(jwk).map_err(|_| ProofError::Jwk)?;
    let key = PublicKey::from_jwk(&jwk).map_err(|_| ProofError::Jwk)?;
    // With the coordinates of another kind of key beside its own, it would be another key for another reader.
    let members = Jwk {
        alg: None,
        purpose: None,
        key_ops: None,
        kid: None,
        ..jwk
    };
    if members != key.required_members() {
        return Err(ProofError::Jwk);
    }
    match key.algorithm() == algorithm {
        true => Ok(key),
        false => Err(TokenError::Algorithm.into()),
    }
}

/// A text that may be absent, but not empty.
fn optional<'c>(claims: &'c Object, name: &'static str) -> Result<Option<&'c str>, TokenError> {
    let is_there = claims.contains_key(name);
    is_there.then(|| text(claims, name)).transpose()
}

/// The hash of an access token, as `ath` has it.
fn token_hash(token: &str) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    alg: &'static str,
    jwk: Jwk,
}

#[derive(Serialize)]
struct Claims<'c> {
    jti: &'c str,
    htm: &'c str,
    htu: String,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'c str>,
}

/// Makes a proof for one request: the value of its header `DPoP` (RFC 9449 §4.2).
///
/// `url` is the absolute URL of the request, whose query and fragment are left out; `iat` is now, in seconds since the Unix epoch;
/// `jti` has at least 96 random bits and is never used again; `access_token` is the one in the header `Authorization`, if the
/// request has one; `nonce` is the last one that this server sent in a header `DPoP-Nonce` (§8.2).
///
/// # Errors
/// [`ProofError::Url`] when the URL can be read in two ways, or when the key cannot sign.
pub fn prove(
    key: &SigningKey,
    method: &str,
    url: &str,
    iat: i64,
    jti: &str,
    access_token: Option<&str>,
    nonce: Option<&str>,
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    let header = Header {
        typ: TYPE,
        alg: key.algorithm().as_str(),
        jwk: key.public().required_members(),
    };
    let claims = Claims {
        jti,
        htm: method,
        htu: request_url::normalized(url).ok_or(ProofError::Url)?,
        iat,
        ath: access_token.map(token_hash),
        nonce,
    };
    sign_with_header(key, &header, &claims)
}
