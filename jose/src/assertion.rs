//! Assertions (RFC 7521, RFC 7523): a signed token takes the place of a client's secret (`private_key_jwt`), or of a user's
//! consent (the grant type `jwt-bearer`).
//!
//! 1. [`UnverifiedParties::read`] tells whose assertion it says to be, so that the caller finds the keys of that party, and none of
//!    another (RFC 8725 §3.8).
//! 2. [`Expected::check`] verifies the signature and compares every claim with what is expected of that party.
//! 3. The caller marks the assertion as used: [`Assertion::issuer`] and [`Assertion::id`] together, until
//!    [`Assertion::usable_until`], in one statement that fails if they were marked before. Both purposes share these marks, because
//!    an assertion without a type says nothing about its purpose.
//!
//! The audience is our issuer identifier alone, a text and not a list (FAPI 2.0 Security Profile §5.3.2.1). The URL of an endpoint is
//! refused, for both purposes: another server could name our endpoint as its own and pass on what it receives
//! (draft-ietf-oauth-rfc7523bis §1).

#[cfg(test)]
mod tests;

use crate::{
    Header, KeySet, Object, Opened, TokenError, json,
    jws::Parts,
    jwt::{LEEWAY, foreign_id, is_type, seconds, text},
};

/// How far ahead an assertion may end, in seconds, beside the leeway of five seconds for clocks that differ.
const MAX_LIFETIME: i64 = 300;

/// What a verifier expects of an assertion.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'e> {
    /// What it is used for.
    pub purpose: Purpose<'e>,
    /// Our issuer identifier (RFC 8414 §2), letter by letter.
    pub audience: &'e str,
    /// Now, in seconds since the Unix epoch.
    pub now: i64,
}

/// What an assertion is used for, and whose it must be.
#[derive(Debug, Clone, Copy)]
pub enum Purpose<'e> {
    /// To authenticate a client (RFC 7523 §2.2). The type is `client-authentication+jwt` (draft-ietf-oauth-rfc7523bis §4), `JWT` or
    /// absent.
    ClientAuthentication {
        /// The client, which is both issuer and subject.
        client_id: &'e str,
    },
    /// To obtain an access token (RFC 7523 §2.1). The type is `JWT` or absent.
    AuthorizationGrant {
        /// Who signed it.
        issuer: &'e str,
        /// For whom the token is.
        subject: &'e str,
    },
}

/// An assertion that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Assertion {
    /// Who signed it; the expected one.
    pub issuer: String,
    /// About whom it is; the expected one.
    pub subject: String,
    /// Its id, `jti`: 1 to 256 bytes.
    pub id: String,
    /// Before this second it was refused.
    pub usable_from: i64,
    /// After this second it is refused anyway; up to and including it, it must be marked as used. In seconds since the Unix epoch.
    pub usable_until: i64,
    /// Every claim.
    pub claims: Object,
}

impl Expected<'_> {
    /// Checks signature, type and claims. `keys` are those of the expected issuer alone.
    ///
    /// # Errors
    /// [`TokenError`]; what is wrong with the signature comes first.
    pub fn check(&self, keys: &KeySet, assertion: &str) -> Result<Assertion, TokenError> {
        self.check_claims(&keys.open(assertion)?)
    }

    /// Checks type and claims of an assertion whose signature is right: one that
    /// [`PublicKey::open`](crate::PublicKey::open) opened with the only key of the expected issuer need not name its key.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check_claims(&self, assertion: &Opened) -> Result<Assertion, TokenError> {
        let (types, issuer, subject): (&[&str], _, _) = match self.purpose {
            Purpose::ClientAuthentication { client_id } => {
                (&["JWT", "client-authentication+jwt"], client_id, client_id)
            }
            Purpose::AuthorizationGrant { issuer, subject } => (&["JWT"], issuer, subject),
        };
        if let Some(typ) = &assertion.header.typ
            && !types.iter().any(|expected| is_type(typ, expected))
        {
            return Err(TokenError::Type);
        }
        let claims = json::object(&assertion.payload).map_err(|_| TokenError::Claims)?;
        if text(&claims, "iss")? != issuer {
            return Err(TokenError::Issuer);
        }
        if text(&claims, "sub")? != subject {
            return Err(TokenError::Subject);
        }
        if text(&claims, "aud")? != self.audience {
            return Err(TokenError::Audience);
        }
        let id = foreign_id(&claims)?.to_owned();
        // Each that is there has the right type, also one that is not needed.
        let expires_at = seconds(&claims, "exp")?.ok_or(TokenError::Claim("exp"))?;
        let starts = [seconds(&claims, "nbf")?, seconds(&claims, "iat")?];
        seconds(&claims, "auth_time")?;
        let ends_before = expires_at.saturating_add(LEEWAY);
        if self.now >= ends_before {
            return Err(TokenError::Expired);
        }
        let begins_by_end = expires_at
            .saturating_sub(MAX_LIFETIME)
            .saturating_sub(LEEWAY);
        if begins_by_end > self.now {
            return Err(TokenError::Lifetime);
        }
        let begins = starts.into_iter().flatten().max();
        let usable_from = begins.map_or(begins_by_end, |begins| {
            begins.saturating_sub(LEEWAY).max(begins_by_end)
        });
        if usable_from > self.now {
            return Err(TokenError::NotYetValid);
        }
        Ok(Assertion {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            id,
            usable_from,
            usable_until: ends_before - 1,
            claims,
        })
    }
}

/// Whose assertion it says to be. Anyone can write this: it is for finding keys, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedParties {
    /// Who says to have signed it.
    pub issuer: String,
    /// About whom it says to be.
    pub subject: String,
}

impl UnverifiedParties {
    /// Reads issuer and subject of an assertion, if it has the right size and form. Its signature is not verified.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn read(assertion: &str) -> Result<Self, TokenError> {
        let parts = Parts::parse(assertion, Header::read)?;
        let claims = json::object(&parts.payload).map_err(|_| TokenError::Claims)?;
        Ok(Self {
            issuer: text(&claims, "iss")?.to_owned(),
            subject: text(&claims, "sub")?.to_owned(),
        })
    }
}
