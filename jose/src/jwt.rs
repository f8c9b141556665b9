//! What a token must claim (RFC 7519 §4.1, RFC 9068 §4, RFC 8725 §3).

use crate::{Header, KeySet, Object, Opened, TokenError, json, jws::Parts};
use serde_json::Value;
use std::fmt;

/// What a verifier expects.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// The type in the header, such as `at+jwt`.
    pub typ: &'e str,
    /// The issuer, letter by letter.
    pub issuer: &'e str,
    /// The audience.
    pub audience: Audience<'e>,
    /// Now, in seconds since the Unix epoch.
    pub now: i64,
    /// How far clocks may differ, in seconds.
    pub leeway: i64,
}

/// For whom a token must be.
#[derive(Debug, Clone, Copy)]
pub enum Audience<'e> {
    /// For this audience alone. A token for several is refused: each of them could use it at the others.
    Only(&'e str),
    /// For whomever it says, one audience; the caller decides.
    Any,
}

/// The registered claims of a token that was accepted, and all claims.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// The audience.
    pub audience: String,
    /// The subject.
    pub subject: String,
    /// When it ends, in seconds since the Unix epoch.
    pub expires_at: i64,
    /// When it was issued.
    pub issued_at: i64,
    /// Its id.
    pub id: String,
    /// Every claim.
    pub claims: Object,
}

/// The largest number of seconds that is a time: beyond it, JSON numbers are not exact.
const MAX_SECONDS: f64 = 9_007_199_254_740_991.0;

/// The longest id of a token that someone else made, in bytes.
pub(crate) const MAX_ID_BYTES: usize = 256;

/// How far the clocks of those who sign for us may differ from ours, in seconds.
pub(crate) const LEEWAY: i64 = 5;

impl Expected<'_> {
    /// Checks signature, type and claims.
    ///
    /// # Errors
    /// [`TokenError`]; what is wrong with the signature comes first.
    pub fn check(&self, keys: &KeySet, token: &str) -> Result<Registered, TokenError> {
        self.check_claims(&keys.open(token)?)
    }

    /// The same for a token that was parsed already.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check_parsed(
        &self,
        keys: &KeySet,
        token: UnverifiedToken<'_>,
    ) -> Result<Registered, TokenError> {
        token.parts.check_in(keys)?;
        self.check_type(&token.parts.header)?;
        self.registered(token.claims)
    }

    /// Checks type and claims of a token whose signature is right.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check_claims(&self, token: &Opened) -> Result<Registered, TokenError> {
        self.check_type(&token.header)?;
        let claims = json::object(&token.payload).map_err(|_| TokenError::Claims)?;
        self.registered(claims)
    }

    fn check_type(&self, header: &Header) -> Result<(), TokenError> {
        match (header.typ.as_deref()).is_some_and(|typ| is_type(typ, self.typ)) {
            true => Ok(()),
            false => Err(TokenError::Type),
        }
    }

    fn registered(&self, claims: Object) -> Result<Registered, TokenError> {
        if text(&claims, "iss")? != self.issuer {
            return Err(TokenError::Issuer);
        }
        let audience = audience(&claims)?;
        if let Audience::Only(expected) = self.audience
            && audience != expected
        {
            return Err(TokenError::Audience);
        }
        // Each that is there has the right type, also one that is not needed (CVE-2026-25537: a text was skipped).
        let expires_at = seconds(&claims, "exp")?.ok_or(TokenError::Claim("exp"))?;
        let issued_at = seconds(&claims, "iat")?.ok_or(TokenError::Claim("iat"))?;
        let not_before = seconds(&claims, "nbf")?.unwrap_or(issued_at);
        seconds(&claims, "auth_time")?;
        if self.now >= expires_at.saturating_add(self.leeway) {
            return Err(TokenError::Expired);
        }
        if not_before.max(issued_at) > self.now.saturating_add(self.leeway) {
            return Err(TokenError::NotYetValid);
        }
        Ok(Registered {
            audience: audience.to_owned(),
            subject: text(&claims, "sub")?.to_owned(),
            expires_at,
            issued_at,
            id: text(&claims, "jti")?.to_owned(),
            claims,
        })
    }
}

/// A token that was parsed. Nothing of it is checked yet: [`Expected::check_parsed`].
pub struct UnverifiedToken<'t> {
    parts: Parts<'t, Header>,
    claims: Object,
}

impl<'t> UnverifiedToken<'t> {
    /// Parses a token; `None` for anything that is no JWT.
    #[must_use]
    pub fn parse(token: &'t str) -> Option<Self> {
        let parts = Parts::parse(token, Header::read).ok()?;
        let claims = json::object(&parts.payload).ok()?;
        Some(Self { parts, claims })
    }

    /// The issuer that it names: to tell tokens of ours from those of others.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }
}

/// Nothing of it, because it may be a secret.
impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").finish_non_exhaustive()
    }
}

/// Media types are compared without regard to case, and `application/` may be left out (RFC 7515 §4.1.9).
pub(crate) fn is_type(found: &str, expected: &str) -> bool {
    const PREFIX: &str = "application/";
    let found = match found.get(..PREFIX.len()) {
        Some(prefix) if prefix.eq_ignore_ascii_case(PREFIX) => &found[PREFIX.len()..],
        _ => found,
    };
    found.eq_ignore_ascii_case(expected)
}

/// A text that is not empty.
pub(crate) fn text<'c>(claims: &'c Object, name: &'static str) -> Result<&'c str, TokenError> {
    claims
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
        .ok_or(TokenError::Claim(name))
}

/// The id of a token that someone else made, as a record of used tokens keeps it (RFC 9449 §11.1).
pub(crate) fn foreign_id(claims: &Object) -> Result<&str, TokenError> {
    let id = text(claims, "jti")?;
    match id.len() <= MAX_ID_BYTES {
        true => Ok(id),
        false => Err(TokenError::Claim("jti")),
    }
}

fn audience(claims: &Object) -> Result<&str, TokenError> {
    match claims.get("aud") {
        Some(Value::Array(items)) => match items.as_slice() {
            [Value::String(one)] => Ok(one),
            [_, _, ..] if items.iter().all(Value::is_string) => Err(TokenError::Audience),
            _ => Err(TokenError::Claim("aud")),
        },
        Some(Value::String(one)) => Ok(one),
        _ => Err(TokenError::Claim("aud")),
    }
}

/// A NumericDate (RFC 7519 §2), in whole seconds; `None` where there is none.
pub(crate) fn seconds(claims: &Object, name: &'static str) -> Result<Option<i64>, TokenError> {
    let wrong = TokenError::Claim(name);
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(seconds), _) if seconds.unsigned_abs() <= MAX_SECONDS as u64 => Ok(Some(seconds)),
            (None, Some(seconds)) if seconds.abs() <= MAX_SECONDS => Ok(Some(seconds as i64)),
            _ => Err(wrong),
        },
        Some(_) => Err(wrong),
    }
}
