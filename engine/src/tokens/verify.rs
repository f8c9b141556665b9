//! Whether an access token is accepted: its signature and claims, what it rests on, and how often its service accepts one.

#[cfg(test)]
mod tests;

use super::{
    accepted_token::{AcceptedToken, TokenUser},
    authentication::KEY,
    delegation::Delegation,
    dpop::{Possession, ProvenRequest},
};
use crate::{Engine, Result, VerifyDecision, cache::service_index::ServiceEntry};
use latchkey_domain::{
    id::{ClientId, TokenFamilyId, UserId},
    tokens::{
        access_token::{LEEWAY, TYP},
        client::GrantType,
        scope::TokenScopes,
        verify::{Claimed, ClientFacts, holds},
    },
};
use latchkey_jose::{Audience, Expected, KeySet, Object, Registered, UnverifiedToken};
use serde_json::Value;
use time::OffsetDateTime;

/// An access token as a request presents it.
#[derive(Debug, Clone, Copy)]
pub struct PresentedToken<'a> {
    /// The token.
    pub text: &'a str,
    /// With a proof of possession: `Authorization: DPoP` (RFC 9449 §7.1). `None` for a bearer token.
    pub proof: Option<ProvenRequest<'a>>,
}

/// An access token that says that we issued it.
pub(crate) struct OwnToken<'a> {
    presented: &'a PresentedToken<'a>,
    parsed: UnverifiedToken<'a>,
}

/// Whether a token is accepted.
pub(crate) enum TokenCheck {
    Accepted(Box<AcceptedToken>),
    /// The service requires a more recent passkey of its user, which then counts for so many seconds.
    StepUp {
        max_age: Option<u32>,
    },
    /// The proof of possession needs a nonce.
    NonceRequired,
    /// Whatever is wrong; it is in the log at `debug`.
    Refused,
}

impl Engine {
    /// The access token, if it says that we issued it.
    pub(crate) fn own_token<'a>(
        &self,
        presented: Option<&'a PresentedToken<'a>>,
    ) -> Option<OwnToken<'a>> {
        let presented = presented?;
        let parsed = UnverifiedToken::parse(presented.text)?;
        (parsed.issuer() == Some(self.issuer())).then_some(OwnToken { presented, parsed })
    }

    /// Answers the holder of a service token about a caller with an access token. Whatever is wrong, the signature is checked,
    /// so that the time does not tell whether there is a service of that name.
    pub(crate) async fn answer_to_token(
        &self,
        service: &str,
        token: Option<&str>,
        presented: OwnToken<'_>,
        cookie: Option<&str>,
    ) -> Result<VerifyDecision> {
        let now = self.now();
        let (caller, named) = self
            .in_service_index(|index| {
                let caller = index.caller(token, now).and_then(|id| index.of_id(id));
                (caller.cloned(), index.services.get(service).cloned())
            })
            .await?;
        let checked = self
            .verify_access_token(presented, caller.as_deref(), cookie, now)
            .await?;
        let Some(caller) = caller else {
            return Ok(VerifyDecision::Unauthenticated);
        };
        let is_named = named.is_some_and(|named| named.facts.id == caller.facts.id);
        Ok(match checked {
            TokenCheck::Refused => VerifyDecision::Unauthenticated,
            TokenCheck::Accepted(_) | TokenCheck::StepUp { .. } | TokenCheck::NonceRequired
                if !is_named =>
            {
                VerifyDecision::ServiceNotFound
            }
            TokenCheck::Accepted(accepted) => VerifyDecision::TokenAccepted(accepted),
            TokenCheck::StepUp { max_age } => VerifyDecision::TokenTooOld { max_age },
            TokenCheck::NonceRequired => VerifyDecision::NonceRequired,
        })
    }

    /// Checks an access token for a service, which comes with a cookie or without one.
    ///
    /// # Errors
    /// Internal, also when the store that remembers used tokens cannot be asked: then nothing is accepted.
    pub(crate) async fn verify_access_token(
        &self,
        OwnToken { presented, parsed }: OwnToken<'_>,
        service: Option<&ServiceEntry>,
        cookie: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<TokenCheck> {
        let expected = Expected {
            typ: TYP,
            issuer: self.issuer(),
            // No service has an empty name.
            audience: Audience::Only(service.map_or("", |service| service.name.as_str())),
            now: now.unix_timestamp(),
            leeway: LEEWAY.whole_seconds(),
        };
        let keys = self.inner.signing.load();
        let registered = match expected.check_parsed(keys.access_tokens(), parsed) {
            Ok(registered) => registered,
            Err(wrong) => {
                tracing::debug!(%wrong, "an access token was refused");
                return Ok(TokenCheck::Refused);
            }
        };
        drop(keys);
        let (Some(service), Some(claims)) = (service, Claims::read(&registered)) else {
            return Ok(TokenCheck::Refused);
        };
        let nonce_required = service.access_tokens.dpop_nonce;
        let possession = self.possession(presented, claims.key, nonce_required);
        let possession = possession.await?;
        match possession {
            Possession::Proven | Possession::ProvenWithOldNonce => {}
            Possession::NonceRequired => return Ok(TokenCheck::NonceRequired),
            Possession::Refused => return Ok(TokenCheck::Refused),
        }
        let mut accepted = match self.check_basis(&registered, claims, service, now).await? {
            TokenCheck::Accepted(accepted) => accepted,
            refused => return Ok(refused),
        };
        // A request that names two users: for which of them it is cannot be said.
        if let Some(of_cookie) = self.user_of_cookie(cookie, now).await?
            && accepted.user.as_ref().map(|user| user.id) != Some(of_cookie)
        {
            return Ok(TokenCheck::Refused);
        }
        accepted.has_old_nonce = possession == Possession::ProvenWithOldNonce;
        match self.may_use(&accepted, service).await? {
            true => Ok(TokenCheck::Accepted(accepted)),
            false => Ok(TokenCheck::Refused),
        }
    }

    /// Whether everything is still there that a token with a right signature rests on.
    pub(super) async fn check_basis(
        &self,
        registered: &Registered,
        claims: Claims<'_>,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<TokenCheck> {
        let user = match claims.sid.parse::<TokenFamilyId>() {
            Ok(family) => match self.user_of_token(family, &claims, service, now).await? {
                Some(Ok(user)) => Some(user),
                Some(Err(check)) => return Ok(check),
                None => return Ok(TokenCheck::Refused),
            },
            Err(_) if self.speaks_for_client(&claims, service, now).await? => None,
            Err(_) => return Ok(TokenCheck::Refused),
        };
        if self.is_revoked(&registered.id).await? {
            return Ok(TokenCheck::Refused);
        }
        Ok(TokenCheck::Accepted(Box::new(AcceptedToken {
            client: claims.client,
            rests_on: claims.sid.to_owned(),
            user,
            scopes: claims.scopes,
            issued_at: registered.issued_at,
            expires_at: registered.expires_at,
            has_old_nonce: false,
            id: registered.id.clone(),
        })))
    }

    /// The user for whom a token of a family speaks, if everything is still there that it rests on.
    async fn user_of_token(
        &self,
        family: TokenFamilyId,
        claims: &Claims<'_>,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<Option<Result<TokenUser, TokenCheck>>> {
        let Some(family) = self.cached_family(family).await? else {
            return Ok(None);
        };
        let is_its = family.client_id == claims.client
            && family.audience == service.facts.id
            && family.key.as_deref() == claims.key
            && family.scopes.contains_all(&claims.scopes);
        if !is_its
            || !self
                .client_holds(claims, family.grant_type, true, service)
                .await?
        {
            return Ok(None);
        }
        let of = (family.user_id, family.device_id);
        let passkey = |device| family.passkey_of(device);
        let delegated = match self.delegation(of, passkey, service, now).await? {
            Delegation::Granted(delegated) => delegated,
            Delegation::StepUp => {
                let max_age = service.facts.policy.max_age();
                return Ok(Some(Err(TokenCheck::StepUp { max_age })));
            }
            Delegation::Refused => return Ok(None),
        };
        let is_whole = delegated.scopes.contains_all(&claims.scopes)
            && claims.subject == delegated.subject.to_string();
        Ok(is_whole.then_some(Ok(TokenUser {
            id: family.user_id,
            delegated,
            auth_time: family.auth_time,
            auth_methods: family.auth_method.amr(),
        })))
    }

    /// Whether a token speaks for its client, which still has what it got the token with.
    async fn speaks_for_client(
        &self,
        claims: &Claims<'_>,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<bool> {
        let has_secret = self
            .in_client_index(|index| {
                let client = index.clients.get(&claims.client);
                let keys = client.and_then(|client| client.keys.as_deref());
                index.secrets.accepts(claims.sid, claims.client, now) || has_key(keys, claims.sid)
            })
            .await?;
        Ok(claims.subject == claims.client.to_string()
            && service.access_tokens.scopes.contains_all(&claims.scopes)
            && self
                .client_holds(claims, GrantType::ClientCredentials, has_secret, service)
                .await?)
    }

    /// Whether a token's client has not lost what the token rests on.
    async fn client_holds(
        &self,
        claims: &Claims<'_>,
        grant_type: GrantType,
        has_credential: bool,
        service: &ServiceEntry,
    ) -> Result<bool> {
        let claimed = Claimed {
            audience: Some(service.facts.id),
            grant_type,
            scopes: &claims.scopes,
        };
        self.in_client_index(|index| {
            let facts = index.clients.get(&claims.client).map(|client| ClientFacts {
                audiences: &client.audiences,
                grant_types: &client.grant_types,
                scopes: &client.scopes,
                has_credential,
            });
            holds(claimed, facts)
        })
        .await
    }

    /// The user whom a cookie identifies.
    async fn user_of_cookie(
        &self,
        cookie: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Option<UserId>> {
        let Some(cookie) = cookie else {
            return Ok(None);
        };
        let found = self.gather(None, None, Some(cookie), now).await?;
        Ok(found.device.map(|device| device.facts.user_id))
    }
}

/// Whether a JWK set has the key that a token rests on.
pub(crate) fn has_key(keys: Option<&str>, sid: &str) -> bool {
    let keys = || KeySet::parse(keys?).ok();
    let id = sid.strip_prefix(KEY);
    id.is_some_and(|id| keys().is_some_and(|keys| keys.find(id).is_some()))
}

/// The claims of a token that only we make.
pub(super) struct Claims<'t> {
    pub(super) client: ClientId,
    subject: &'t str,
    pub(super) sid: &'t str,
    scopes: TokenScopes,
    pub(super) key: Option<&'t str>,
}

impl<'t> Claims<'t> {
    pub(super) fn read(token: &'t Registered) -> Option<Self> {
        let text = |object: &'t Object, name: &str| object.get(name).and_then(Value::as_str);
        let claims = &token.claims;
        Some(Self {
            client: text(claims, "client_id")?.parse().ok()?,
            subject: &token.subject,
            sid: text(claims, "sid")?,
            scopes: match claims.get("scope") {
                None => TokenScopes::default(),
                Some(_) => text(claims, "scope")?.parse().ok()?,
            },
            key: match claims.get("cnf") {
                None => None,
                Some(confirmation) => Some(text(confirmation.as_object()?, "jkt")?),
            },
        })
    }
}
