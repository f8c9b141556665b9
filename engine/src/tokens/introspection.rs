//! `POST /oauth/introspect` (RFC 7662): what an access token is good for now. Who asks is the service that it is for, or the client
//! that got it; to anyone else every token is an inactive one.

use super::{
    accepted_token::AcceptedToken,
    authentication::ClientCredentials,
    error::TokenError,
    verify::{Claims, TokenCheck},
};
use crate::{Engine, Error, Result, keys::purpose::KeyPurpose};
use latchkey_domain::{
    access::service::ServiceName,
    id::{ClientId, ServiceId},
    tokens::access_token::{LEEWAY, TYP},
};
use latchkey_jose::{Algorithm, Audience, Expected, sign};
use serde::Serialize;

/// The key of signed responses (RFC 9701), which have one algorithm for all callers.
const SIGNED_WITH: KeyPurpose = KeyPurpose::AccessToken;

/// With what an introspection is asked for.
#[derive(Debug, Clone, Copy)]
pub enum IntrospectionCaller<'a> {
    /// A service, with its token.
    Service(&'a str),
    /// A client.
    Client(ClientCredentials<'a>),
}

/// Who asks.
enum Caller {
    Service(ServiceId, ServiceName),
    Client(ClientId),
}

/// An active token.
#[derive(Debug)]
pub struct ActiveToken {
    /// What it is good for.
    pub token: AcceptedToken,
    /// For which service.
    pub audience: ServiceName,
    /// The thumbprint of the key that it is bound to.
    pub key: Option<String>,
}

/// A response, for whoever asked.
#[derive(Debug)]
pub struct Introspection {
    /// The token, if it is active and the caller may know it.
    pub active: Option<ActiveToken>,
    /// The `aud` of a signed response: the service's name or the client's id.
    pub caller: String,
}

/// A signed response (RFC 9701 §5).
#[derive(Serialize)]
struct SignedIntrospection<'a, T> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: &'a T,
}

impl Engine {
    /// Says what an access token is good for now. Nothing is marked as used.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn introspect_token(
        &self,
        caller: IntrospectionCaller<'_>,
        token: &str,
    ) -> Result<Introspection, TokenError> {
        let caller = self.introspection_caller(caller).await?;
        let active = self.active_token(&caller, token).await?;
        Ok(Introspection {
            active,
            caller: match caller {
                Caller::Service(_, name) => name.to_string(),
                Caller::Client(id) => id.to_string(),
            },
        })
    }

    async fn introspection_caller(
        &self,
        caller: IntrospectionCaller<'_>,
    ) -> Result<Caller, TokenError> {
        match caller {
            IntrospectionCaller::Service(token) => {
                let now = self.now();
                let service = self
                    .in_service_index(|index| {
                        let id = index.caller(Some(token), now)?;
                        Some(Caller::Service(id, index.of_id(id)?.name.clone()))
                    })
                    .await?;
                service.ok_or(TokenError::InvalidClient)
            }
            IntrospectionCaller::Client(credentials) => {
                let caller = self.authenticate_client(credentials).await?;
                // Anyone can say to be a public client (RFC 7662 §2.1).
                caller.secret.ok_or(TokenError::InvalidClient)?;
                self.take_of_quota(caller.client.id, None)?;
                Ok(Caller::Client(caller.client.id))
            }
        }
    }

    async fn active_token(&self, caller: &Caller, token: &str) -> Result<Option<ActiveToken>> {
        let now = self.now();
        let expected = Expected {
            typ: TYP,
            issuer: self.issuer(),
            audience: match caller {
                Caller::Service(_, name) => Audience::Only(name.as_str()),
                Caller::Client(_) => Audience::Any,
            },
            now: now.unix_timestamp(),
            leeway: LEEWAY.whole_seconds(),
        };
        let checked = expected.check(self.inner.signing.load().access_tokens(), token);
        let Ok(registered) = checked else {
            return Ok(None);
        };
        let Some(claims) = Claims::read(&registered) else {
            return Ok(None);
        };
        let service = match caller {
            Caller::Service(id, _) => self.service_of(*id).await?,
            Caller::Client(id) if *id == claims.client => {
                self.in_service_index(|index| index.services.get(&registered.audience).cloned())
                    .await?
            }
            Caller::Client(_) => None,
        };
        let Some(service) = service else {
            return Ok(None);
        };
        let key = claims.key.map(str::to_owned);
        let checked = self.check_basis(&registered, claims, &service, now).await?;
        let TokenCheck::Accepted(token) = checked else {
            return Ok(None);
        };
        let is_usable = self.is_usable(&token, &service).await?;
        Ok(is_usable.then(|| ActiveToken {
            token: *token,
            audience: service.name.clone(),
            key,
        }))
    }

    /// The algorithm of signed responses.
    #[must_use]
    pub const fn introspection_algorithm(&self) -> Algorithm {
        SIGNED_WITH.algorithm()
    }

    /// A signed response (RFC 9701 §5), for whoever has to prove later what it was told.
    ///
    /// # Errors
    /// Internal only.
    pub fn sign_introspection(&self, caller: &str, response: &impl Serialize) -> Result<String> {
        let claims = SignedIntrospection {
            iss: self.issuer(),
            aud: caller,
            iat: self.now().unix_timestamp(),
            token_introspection: response,
        };
        let keys = self.inner.signing.load();
        let (_, key) = keys.current(SIGNED_WITH)?;
        sign(key, "token-introspection+jwt", &claims).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use crate::test_engine::TestEngine;
    use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    use serde_json::{Value, json};

    #[tokio::test]
    async fn a_signed_response_is_for_its_caller() {
        let test = TestEngine::new().await;
        let response = json!({"active": false});
        let signed = test.engine.sign_introspection("photos", &response);
        let signed = signed.unwrap();
        let part = |place| -> Value {
            let part = signed.split('.').nth(place).unwrap();
            serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
        };
        assert_eq!(part(0)["typ"], "token-introspection+jwt");
        let claims = part(1);
        assert_eq!(
            (&claims["aud"], &claims["token_introspection"]),
            (&"photos".into(), &response)
        );
    }
}
