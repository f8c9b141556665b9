//! Access tokens (RFC 9068): what they claim, and how they are signed.

use crate::{Engine, Error, Result, keys::purpose::KeyPurpose};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::service::ServiceName,
    secret::SecretText,
    tokens::{
        access_token::{LIFETIME, TYP},
        client::Client,
        scope::TokenScopes,
    },
};
use latchkey_jose::sign;
use serde::Serialize;
use time::OffsetDateTime;

/// The claims (RFC 9068 §2.2).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    nbf: i64,
    iat: i64,
    jti: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "TokenScopes::is_empty")]
    scope: &'a TokenScopes,
    /// What the token rests on, and ends with: the label of the client's secret.
    sid: &'a str,
}

/// A token that was signed.
pub(crate) struct SignedToken {
    pub(crate) text: SecretText,
    /// Its `jti`: 128 random bits.
    pub(crate) id: String,
}

impl Engine {
    /// The issuer: the public URL without a slash at its end.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.public_url().as_str().trim_end_matches('/')
    }

    /// Signs a token of a client for itself, which it got with the secret of this label.
    pub(crate) fn sign_client_token(
        &self,
        client: &Client,
        secret: &str,
        audience: &ServiceName,
        scopes: &TokenScopes,
        now: OffsetDateTime,
    ) -> Result<SignedToken> {
        let id = BASE64.encode(self.inner.settings.rng.bytes::<16>());
        let client_id = client.id.to_string();
        let issued_at = now.unix_timestamp();
        let claims = Claims {
            iss: self.issuer(),
            sub: &client_id,
            aud: audience.as_str(),
            exp: issued_at + LIFETIME.whole_seconds(),
            nbf: issued_at,
            iat: issued_at,
            jti: &id,
            client_id: &client_id,
            scope: scopes,
            sid: secret,
        };
        let keys = self.inner.signing.load();
        let (_, key) = keys.current(KeyPurpose::of_access_tokens(client.algorithm))?;
        let text = sign(key, TYP, &claims).map_err(Error::internal)?;
        Ok(SignedToken {
            text: SecretText::new(text),
            id,
        })
    }
}
