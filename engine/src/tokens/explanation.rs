//! Why an access token is accepted or not, for whoever operates the server. Callers are never told so much.

use super::{
    delegation::Delegation,
    verify::{Claims, TokenCheck},
};
use crate::{Engine, Result, cache::service_index::ServiceEntry};
use latchkey_domain::{
    access::permission::Operator,
    id::TokenFamilyId,
    tokens::{
        access_token::{LEEWAY, TYP},
        family::TokenFamily,
    },
};
use latchkey_jose::{Audience, Expected, Object, Registered, TokenError};
use std::sync::Arc;
use time::OffsetDateTime;

/// What is known of an access token.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenExplanation {
    /// What it claims, if we signed it.
    pub claims: Option<Object>,
    /// Why it is not accepted; `None` if it is.
    pub fault: Option<TokenFault>,
}

/// Why an access token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It is not a valid access token of this server.
    Invalid(TokenError),
    /// There is no such service any more.
    NoService,
    /// There is no such client any more.
    NoClient,
    /// Its client lost the service, a scope, the grant type, or the secret or key with which it got the token.
    Client,
    /// What the user approved was revoked, replaced, or has expired.
    FamilyEnded,
    /// The user or the device may not use the service, or not with these scopes.
    User,
    /// The service requires a more recent passkey.
    StepUp,
    /// It was revoked.
    Revoked,
    /// Its service accepts a token once, or the newest alone.
    Used,
}

impl Engine {
    /// Says why an access token is accepted or not. It is not marked as used.
    ///
    /// # Errors
    /// Internal only.
    pub async fn explain_token(
        &self,
        _operator: &Operator,
        token: &str,
    ) -> Result<TokenExplanation> {
        let now = self.now();
        let expected = Expected {
            typ: TYP,
            issuer: self.issuer(),
            audience: Audience::Any,
            now: now.unix_timestamp(),
            leeway: LEEWAY.whole_seconds(),
        };
        let keys = self.inner.signing.load();
        let opened = keys.access_tokens().open(token).ok();
        let claims = opened.and_then(|opened| serde_json::from_slice(&opened.payload).ok());
        let checked = expected.check(keys.access_tokens(), token);
        drop(keys);
        let fault = match checked {
            Ok(registered) => self.fault_of(&registered, now).await?,
            Err(wrong) => Some(TokenFault::Invalid(wrong)),
        };
        Ok(TokenExplanation { claims, fault })
    }

    async fn fault_of(
        &self,
        token: &Registered,
        now: OffsetDateTime,
    ) -> Result<Option<TokenFault>> {
        let Some(claims) = Claims::read(token) else {
            return Ok(Some(TokenFault::Invalid(TokenError::Claims)));
        };
        let service = self
            .in_service_index(|index| index.services.get(&token.audience).cloned())
            .await?;
        let Some(service) = service else {
            return Ok(Some(TokenFault::NoService));
        };
        let is_client = self
            .in_client_index(|index| index.clients.contains_key(&claims.client))
            .await?;
        if !is_client {
            return Ok(Some(TokenFault::NoClient));
        }
        let family = match claims.sid.parse::<TokenFamilyId>() {
            Ok(family) => match self.cached_family(family).await? {
                Some(family) => Some(family),
                None => return Ok(Some(TokenFault::FamilyEnded)),
            },
            Err(_) => None,
        };
        if self.is_revoked(&token.id).await? {
            return Ok(Some(TokenFault::Revoked));
        }
        match self.check_basis(token, claims, &service, now).await? {
            TokenCheck::Accepted(accepted) => {
                let is_usable = self.is_usable(&accepted, &service).await?;
                Ok((!is_usable).then_some(TokenFault::Used))
            }
            TokenCheck::StepUp { .. } => Ok(Some(TokenFault::StepUp)),
            TokenCheck::NonceRequired | TokenCheck::Refused => {
                self.fault_of_basis(family, &service, now).await.map(Some)
            }
        }
    }

    /// Which of what a token rests on was lost: the user's part of it, or the client's.
    async fn fault_of_basis(
        &self,
        family: Option<Arc<TokenFamily>>,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<TokenFault> {
        let Some(family) = family else {
            return Ok(TokenFault::Client);
        };
        let of = (family.user_id, family.device_id);
        let passkey = |device| family.passkey_of(device);
        Ok(match self.delegation(of, passkey, service, now).await? {
            Delegation::Granted(delegated) if delegated.scopes.contains_all(&family.scopes) => {
                TokenFault::Client
            }
            Delegation::Granted(_) | Delegation::StepUp | Delegation::Refused => TokenFault::User,
        })
    }
}
