//! What a service is told about a user, signed: a JWT (RFC 7519) with ES256 (RFC 7518 §3.4), good
//! for a minute and for one service. A backend that checks it need not trust the network in front.
//!
//! Signing costs more than all the rest of an answer, so an assertion is used again for half of its
//! time; every change of its user or device drops it with everything else known of them.

#[cfg(test)]
mod tests;

use crate::{
    Engine, Error, Granted, Result, keys::purpose::KeyPurpose,
    tokens::accepted_token::AcceptedToken,
};
use latchkey_domain::{
    access::access_grant::Scope, access::service::ServiceName, access::subject::Subject,
    id::DeviceId, identity::device::Assurance, identity::user::Role, tokens::scope::TokenScopes,
};
use latchkey_jose::{Jwk, sign};
use serde::Serialize;
use std::sync::Arc;
use time::OffsetDateTime;

/// Seconds that an assertion is good for.
const LIFETIME: i64 = 60;
/// Seconds that one must still be good for when it is handed out.
const REMAINDER: i64 = 30;
/// Assertions kept for one user at one service: one for each device in use just now.
const MAX_KEPT: usize = 8;

/// An assertion that can be handed out again.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    device: DeviceId,
    /// An authentication on the device makes the assertion another one.
    auth_time: OffsetDateTime,
    /// So does a passkey that was removed.
    assurance: Assurance,
    /// The id of the key: what a former one signed may be refused.
    kid: Arc<str>,
    until: i64,
    text: Arc<str>,
}

/// Registered claims (RFC 7519 §4.1), those of OpenID Connect Core §2 and §5.1, and ours.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: Subject,
    iat: i64,
    nbf: i64,
    exp: i64,
    auth_time: i64,
    amr: &'a [&'static str],
    assurance: &'static str,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

/// What a service is told about an access token. If it speaks for its client, nobody authenticated, and there is nothing to say
/// of that.
#[derive(Serialize)]
struct TokenClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    scope: &'a TokenScopes,
    #[serde(flatten)]
    user: Option<UserClaims<'a>>,
}

/// What a service is told about the user of an access token.
#[derive(Serialize)]
struct UserClaims<'a> {
    auth_time: i64,
    amr: &'a [&'static str],
    assurance: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

impl Engine {
    /// The assertion of an access token that was accepted. It ends with the token.
    pub(crate) fn token_assertion(
        &self,
        accepted: &AcceptedToken,
        service: &ServiceName,
        now: OffsetDateTime,
    ) -> Result<Arc<str>> {
        let (now, client) = (now.unix_timestamp(), accepted.client.to_string());
        let subject = accepted.subject();
        let claims = TokenClaims {
            iss: self.issuer(),
            aud: service.as_str(),
            sub: &subject,
            client_id: &client,
            iat: now,
            nbf: now,
            exp: accepted.expires_at.min(now + LIFETIME),
            scope: &accepted.scopes,
            user: accepted.user.as_ref().map(|user| UserClaims {
                auth_time: user.auth_time.unix_timestamp(),
                amr: user.auth_methods,
                assurance: user.assurance().as_str(),
                name: accepted.username(),
                email: accepted.email(),
                role: accepted.role(),
            }),
        };
        let keys = self.inner.signing.load();
        let (_, key) = keys.current(KeyPurpose::IdentityToken)?;
        Ok(sign(key, "JWT", &claims).map_err(Error::internal)?.into())
    }

    /// The keys with which services verify identity tokens and access tokens; `next`, `current` and `retiring` ones.
    #[must_use]
    pub fn token_keys(&self) -> Vec<Jwk> {
        let keys = self.signing_keys();
        KeyPurpose::OF_TOKENS
            .into_iter()
            .flat_map(|purpose| keys.published(purpose))
            .map(|(key, _)| key.jwk())
            .collect()
    }

    /// The assertion of a granted request; `None` where there is no grant after all.
    pub(crate) fn assertion(
        &self,
        device: DeviceId,
        granted: &Granted,
        service: &ServiceName,
        now: OffsetDateTime,
    ) -> Result<Option<Arc<str>>> {
        let now = now.unix_timestamp();
        let Some(grant) = granted.grant() else {
            return Ok(None);
        };
        let keys = self.inner.signing.load();
        let (kid, key) = keys.current(KeyPurpose::IdentityToken)?;
        let is_this = |kept: &Kept| {
            (kept.device, kept.auth_time, kept.assurance, &kept.kid)
                == (device, granted.auth_time, granted.assurance, kid)
        };
        let mut all = grant.assertions();
        // A clock set back must not extend validity.
        let is_good = |kept: &Kept| (now + REMAINDER..=now + LIFETIME).contains(&kept.until);
        if let Some(kept) = all.iter().find(|kept| is_this(kept) && is_good(kept)) {
            return Ok(Some(Arc::clone(&kept.text)));
        }
        let text: Arc<str> = sign(
            key,
            "JWT",
            &Claims {
                iss: self.issuer(),
                aud: service.as_str(),
                sub: granted.subject,
                iat: now,
                nbf: now,
                exp: now + LIFETIME,
                auth_time: granted.auth_time.unix_timestamp(),
                amr: granted.auth_methods,
                assurance: granted.assurance.as_str(),
                scope: granted
                    .scopes
                    .iter()
                    .map(Scope::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
                name: granted.username(),
                email: granted.email(),
                role: granted.role(),
            },
        )
        .map_err(Error::internal)?
        .into();
        all.retain(|kept| is_good(kept) && !is_this(kept));
        if all.len() >= MAX_KEPT {
            all.remove(0);
        }
        all.push(Kept {
            device,
            auth_time: granted.auth_time,
            assurance: granted.assurance,
            kid: Arc::clone(kid),
            until: now + LIFETIME,
            text: Arc::clone(&text),
        });
        Ok(Some(text))
    }
}
