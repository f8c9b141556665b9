//! Access tokens (RFC 9068): what they claim, and how they are signed.

use super::delegation::Delegated;
use crate::{
    Engine, Error, Result,
    keys::{keyring::digest, purpose::KeyPurpose},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::service::ServiceName,
    id::{DeviceId, ServiceId},
    identity::user::Role,
    secret::SecretText,
    tokens::{access_token::TYP, client::Client, family::TokenFamily, scope::TokenScopes},
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
    /// What the token rests on, and ends with: the label of the client's secret, or the family.
    sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    #[serde(flatten)]
    user: Option<UserClaims>,
}

/// The key that a token is bound to (RFC 9449 §6.1).
#[derive(Serialize)]
struct Confirmation<'a> {
    jkt: &'a str,
}

/// How the user authenticated for whom the token speaks, and on what (RFC 9068 §2.2.1).
#[derive(Serialize)]
struct UserClaims {
    auth_time: i64,
    amr: &'static [&'static str],
    /// The assurance of the device.
    acr: &'static str,
    /// The device, by a pseudonym that only this service knows.
    device: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<[Role; 1]>,
}

/// What a token is issued on.
pub(crate) struct TokenBasis<'a> {
    pub(crate) client: &'a Client,
    pub(crate) audience: (ServiceId, &'a ServiceName),
    pub(crate) scopes: &'a TokenScopes,
    /// The label of the client's secret, or the family.
    pub(crate) sid: &'a str,
    /// The thumbprint of the key that the token is bound to.
    pub(crate) key: Option<&'a str>,
    /// The user for whom it speaks, if it is not its client.
    pub(crate) user: Option<(&'a TokenFamily, &'a Delegated)>,
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

    /// Signs an access token.
    pub(crate) fn sign_access_token(
        &self,
        basis: &TokenBasis<'_>,
        now: OffsetDateTime,
    ) -> Result<SignedToken> {
        let id = BASE64.encode(self.inner.settings.rng.bytes::<16>());
        let client_id = basis.client.id.to_string();
        let (service, audience) = basis.audience;
        let subject = basis
            .user
            .map(|(_, delegated)| delegated.subject.to_string());
        let issued_at = now.unix_timestamp();
        let user = basis.user.map(|(family, delegated)| UserClaims {
            auth_time: family.auth_time.unix_timestamp(),
            amr: family.auth_method.amr(),
            acr: delegated.assurance.as_str(),
            device: device_pseudonym(family.device_id, service),
            roles: delegated.role(basis.scopes).map(|role| [role]),
        });
        let claims = Claims {
            iss: self.issuer(),
            sub: subject.as_deref().unwrap_or(&client_id),
            aud: audience.as_str(),
            exp: issued_at + basis.client.token_lifetime.whole_seconds(),
            nbf: issued_at,
            iat: issued_at,
            jti: &id,
            client_id: &client_id,
            scope: basis.scopes,
            sid: basis.sid,
            cnf: basis.key.map(|jkt| Confirmation { jkt }),
            user,
        };
        let keys = self.inner.signing.load();
        let (_, key) = keys.current(KeyPurpose::of_access_tokens(basis.client.algorithm))?;
        let text = sign(key, TYP, &claims).map_err(Error::internal)?;
        Ok(SignedToken {
            text: SecretText::new(text),
            id,
        })
    }
}

/// Two services cannot find out that they know the same device.
fn device_pseudonym(device: DeviceId, service: ServiceId) -> String {
    let ids = [*device.uuid().as_bytes(), *service.uuid().as_bytes()];
    hex::encode(&digest("token_device", ids.as_flattened())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_device_has_a_pseudonym_of_its_own_at_each_service() {
        let pseudonym = |device, service| {
            let device = DeviceId::from_uuid(Uuid::from_u128(device));
            device_pseudonym(device, ServiceId::from_uuid(Uuid::from_u128(service)))
        };
        assert_eq!(pseudonym(1, 1), pseudonym(1, 1));
        assert_ne!(pseudonym(1, 1), pseudonym(1, 2));
        assert_ne!(pseudonym(1, 1), pseudonym(2, 1));
        assert_eq!(pseudonym(1, 1).len(), 32);
    }
}
