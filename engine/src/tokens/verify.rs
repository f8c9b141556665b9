//! Whether an access token is accepted: its signature and claims, what it rests on, and how often its service accepts one.

#[cfg(test)]
mod tests;

use crate::{
    CallerCredentials, Engine, Result, VerifyDecision, cache::service_index::ServiceEntry,
};
use latchkey_domain::{
    id::ClientId,
    tokens::{
        access_token::{LEEWAY, TYP},
        client::GrantType,
        scope::TokenScopes,
        verify::{Claimed, ClientFacts, holds},
    },
};
use latchkey_jose::{Audience, Expected, unverified_issuer};
use time::OffsetDateTime;

/// A token that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedToken {
    /// Its client, which is also whom it speaks for.
    pub client: ClientId,
    /// What it may do.
    pub scopes: TokenScopes,
    /// Its `jti`.
    pub id: String,
    /// When it was issued, in seconds since the Unix epoch.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

impl Engine {
    /// The access token, if we issued it, or if somebody says so.
    pub(crate) fn own_token<'a>(&self, caller: CallerCredentials<'a>) -> Option<&'a str> {
        let is_own = |token: &&str| unverified_issuer(token).as_deref() == Some(self.issuer());
        caller.access_token.filter(is_own)
    }

    /// Answers the holder of a service token about a caller with an access token. Whatever is wrong, the signature is checked,
    /// so that the time does not tell whether there is a service of that name.
    pub(crate) async fn answer_to_token(
        &self,
        service: &str,
        token: Option<&str>,
        access_token: &str,
        cookie: Option<&str>,
    ) -> Result<VerifyDecision> {
        let now = self.now();
        let (caller, named) = self
            .in_service_index(|index| {
                let caller = index.caller(token, now).and_then(|id| index.of_id(id));
                (caller.cloned(), index.services.get(service).cloned())
            })
            .await?;
        let is_known_device = self.is_known_device(cookie, now).await?;
        let accepted = self
            .verify_access_token(
                access_token,
                caller.as_deref().filter(|_| !is_known_device),
                now,
            )
            .await?;
        Ok(match (caller, accepted) {
            (Some(caller), Some(accepted)) => {
                match named.is_some_and(|named| named.facts.id == caller.facts.id) {
                    true => VerifyDecision::TokenAccepted(accepted),
                    false => VerifyDecision::ServiceNotFound,
                }
            }
            (None, _) | (_, None) => VerifyDecision::Unauthenticated,
        })
    }

    /// Whether a cookie identifies a user: then a request names two, and which of them it is for cannot be said.
    pub(crate) async fn is_known_device(
        &self,
        cookie: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<bool> {
        match cookie {
            Some(_) => Ok(self.gather(None, None, cookie, now).await?.device.is_some()),
            None => Ok(false),
        }
    }

    /// Checks an access token for a service. `None` for anything that is not accepted; why is in the log at `debug`.
    ///
    /// # Errors
    /// Internal, also when the store that remembers used tokens cannot be asked: then nothing is accepted.
    pub(crate) async fn verify_access_token(
        &self,
        token: &str,
        service: Option<&ServiceEntry>,
        now: OffsetDateTime,
    ) -> Result<Option<AcceptedToken>> {
        let expected = Expected {
            typ: TYP,
            issuer: self.issuer(),
            // No service has an empty name.
            audience: Audience::Only(service.map_or("", |service| service.name.as_str())),
            now: now.unix_timestamp(),
            leeway: LEEWAY.whole_seconds(),
        };
        let claims = match expected.check(self.inner.signing.load().access_tokens(), token) {
            Ok(claims) => claims,
            Err(wrong) => {
                tracing::debug!(%wrong, "an access token was refused");
                return Ok(None);
            }
        };
        let Some(service) = service else {
            return Ok(None);
        };
        let text = |name: &str| claims.claims.get(name).and_then(serde_json::Value::as_str);
        let client = text("client_id").and_then(|id| id.parse::<ClientId>().ok());
        let scopes = match claims.claims.get("scope") {
            None => Some(TokenScopes::default()),
            Some(_) => text("scope").and_then(|scope| scope.parse().ok()),
        };
        let (Some(client), Some(scopes), Some(sid)) = (client, scopes, text("sid")) else {
            return Ok(None);
        };
        // No token speaks for a user yet.
        if claims.subject != client.to_string() {
            return Ok(None);
        }
        let accepted = AcceptedToken {
            client,
            scopes,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            id: claims.id,
        };
        let is_accepted = self.still_holds(&accepted, sid, service, now).await?
            && self.may_use(&accepted, service).await?;
        Ok(is_accepted.then_some(accepted))
    }

    /// Whether what the token rests on is still there.
    async fn still_holds(
        &self,
        token: &AcceptedToken,
        sid: &str,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<bool> {
        let claimed = Claimed {
            audience: Some(service.facts.id),
            grant_type: GrantType::ClientCredentials,
            scopes: &token.scopes,
        };
        let is_held = self
            .in_client_index(|index| {
                let facts = index.clients.get(&token.client).map(|client| ClientFacts {
                    audiences: &client.audiences,
                    grant_types: &client.grant_types,
                    scopes: &client.scopes,
                    has_credential: index.secrets.accepts(sid, client.id, now),
                });
                holds(claimed, facts)
            })
            .await?;
        Ok(is_held && service.access_tokens.scopes.contains_all(&token.scopes))
    }
}
