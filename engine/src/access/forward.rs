//! `/forward-auth`: a proxy asks about a whole request; its host names the service, and the
//! service's rules its audience.

use crate::{
    CallerCredentials, Engine, Error, Granted, Result,
    access::verify::Found,
    cache::{service_index::ServiceEntry, snapshot::CachedGrant},
    error::chain,
    tokens::{
        accepted_token::AcceptedToken,
        verify::{OwnToken, TokenCheck},
    },
};
use latchkey_domain::{
    access::access_grant::Scopes,
    access::forward::{ForwardVerdict, decide_for},
    access::permission::CurrentUser,
    access::rule::Audience,
    access::service::ServiceName,
    access::verify::{Facts, Verdict, decide},
    identity::device::Assurance,
    request::host::Host,
    request::path::RequestPath,
    request::return_to::ReturnTo,
};
use std::sync::Arc;
use time::OffsetDateTime;

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Requester<'a> {
    /// A proxy at an address that the configuration names for this: it may ask for every service.
    Trusted,
    /// The holder of a service token, or of nothing; may ask for that service.
    Token(Option<&'a str>),
}

/// The request that the proxy holds back.
#[derive(Debug, Clone, Copy)]
pub struct OriginalRequest<'a> {
    /// Its method, as it came (RFC 9110 §9.1: letters have their case).
    pub method: &'a str,
    /// Whether it came over https.
    pub is_https: bool,
    /// Its host.
    pub host: &'a Host,
    /// Its target in origin form, with the query.
    pub target: &'a str,
}

/// The answer to a proxy.
#[derive(Debug, Clone)]
pub enum ForwardDecision {
    /// Let it through: the service's rules open this to everybody.
    Public,
    /// Let it through, and tell the service who it is.
    Granted(Authorized),
    /// Nobody is signed in.
    SignIn,
    /// The service wants a fresher passkey.
    StepUp,
    /// The user has no grant, or is no administrator where one is wanted.
    NoAccess,
    /// The service's rules close this to everybody, or its path can be read in two ways.
    Closed,
    /// Let it through, and tell the service which client it is.
    TokenAccepted(AuthorizedToken),
    /// Its access token is one of ours and not accepted, or a cookie names another user.
    InvalidToken,
    /// The proof of possession needs a nonce (RFC 9449 §9).
    NonceRequired,
    /// The service requires that the user of the token authenticated more recently (RFC 9470).
    TokenTooOld {
        /// For how many seconds a passkey counts, if that is limited.
        max_age: Option<u32>,
    },
    /// The caller may not ask, or not for this host.
    NotForCaller,
    /// Invalidations could not be read lately, or uses cannot be marked, so nothing is certain.
    Unavailable,
}

/// Who was let in.
#[derive(Debug, Clone)]
pub struct Authorized {
    /// What it learns.
    pub granted: Granted,
    /// The same, signed: a JWT for the service (RFC 7519).
    pub assertion: Arc<str>,
}

/// Which client was let in.
#[derive(Debug, Clone)]
pub struct AuthorizedToken {
    /// What the service learns.
    pub accepted: Box<AcceptedToken>,
    /// The same, signed: a JWT for the service.
    pub assertion: Arc<str>,
}

impl Engine {
    /// Answers whether whoever brought `credentials` may make a request.
    pub async fn forward_auth(
        &self,
        caller: Requester<'_>,
        request: OriginalRequest<'_>,
        credentials: &CallerCredentials<'_>,
    ) -> ForwardDecision {
        if !self.is_cache_fresh().await {
            return ForwardDecision::Unavailable;
        }
        match self.passage(caller, request, credentials).await {
            Ok(answer) => answer,
            // In the log once, not with every request.
            Err(Error::UsesUnknown) => ForwardDecision::Unavailable,
            Err(cause) => {
                tracing::error!(error = %chain(&cause), "forward-auth failed");
                ForwardDecision::Unavailable
            }
        }
    }

    async fn passage(
        &self,
        caller: Requester<'_>,
        request: OriginalRequest<'_>,
        credentials: &CallerCredentials<'_>,
    ) -> Result<ForwardDecision> {
        let now = self.now();
        let (service, asks_for) = self
            .in_service_index(|service_index| {
                let service = service_index
                    .of_host(request.host, request.is_https)
                    .cloned();
                let asks_for = match caller {
                    Requester::Trusted => service.as_ref().map(|service| service.facts.id),
                    Requester::Token(token) => service_index.caller(token, now),
                };
                (service, asks_for)
            })
            .await?;
        let Some(service) = service.filter(|service| asks_for == Some(service.facts.id)) else {
            return Ok(ForwardDecision::NotForCaller);
        };
        // Where no rule depends on the path, an odd path satisfies none; many services use such.
        let audience = if service.rules.is_empty() {
            Audience::Users
        } else {
            match RequestPath::parse(request.target) {
                Ok(path) => service.rules.audience(request.method, &path),
                Err(_) => return Ok(ForwardDecision::Closed),
            }
        };
        if let Some(token) = self.own_token(credentials.access_token) {
            let passage = self.passage_of_token(token, credentials.cookie, audience, &service);
            return Box::pin(passage).await;
        }
        let (facts, cookie) = (Some(service.facts), credentials.cookie);
        let mut found = self.gather(asks_for, facts, cookie, now).await?;
        let mut passage = decide_for(audience, &found.facts, now);
        if passage == ForwardVerdict::Decided(Verdict::NeedsImplicitGrant) {
            Box::pin(self.create_implicit_grant(&found.facts)).await?;
            found = self.gather(asks_for, facts, cookie, now).await?;
            passage = decide_for(audience, &found.facts, now);
        }
        if matches!(passage, ForwardVerdict::Decided(Verdict::Granted { .. }))
            && let Some(is_refused) = self.other_use_of(&found, credentials.origin, now)
            && is_refused.await?
        {
            passage = decide_for(audience, &found.facts.challenged(), now);
        }
        Ok(match passage {
            ForwardVerdict::Public => ForwardDecision::Public,
            ForwardVerdict::Closed => ForwardDecision::Closed,
            ForwardVerdict::Decided(Verdict::Granted { scopes, assurance }) => {
                let admitted = self.admit(found, scopes, assurance, &service.name, now)?;
                admitted.map_or(ForwardDecision::SignIn, ForwardDecision::Granted)
            }
            ForwardVerdict::Decided(Verdict::StepUp) => ForwardDecision::StepUp,
            ForwardVerdict::Decided(Verdict::Unauthenticated) => ForwardDecision::SignIn,
            ForwardVerdict::Decided(
                Verdict::NoAccess | Verdict::NeedsImplicitGrant | Verdict::ServiceNotFound,
            ) => ForwardDecision::NoAccess,
        })
    }

    /// A rule for administrators lets in tokens of administrators alone.
    async fn passage_of_token(
        &self,
        token: OwnToken<'_>,
        cookie: Option<&str>,
        audience: Audience,
        service: &ServiceEntry,
    ) -> Result<ForwardDecision> {
        let now = self.now();
        match audience {
            Audience::Nobody => return Ok(ForwardDecision::Closed),
            Audience::Public | Audience::Users | Audience::Admins => {}
        }
        match self
            .verify_access_token(token, Some(service), cookie, now)
            .await?
        {
            TokenCheck::Accepted(accepted)
                if audience == Audience::Admins && !accepted.is_of_administrator() =>
            {
                Ok(ForwardDecision::NoAccess)
            }
            TokenCheck::Accepted(accepted) => {
                let assertion = self.token_assertion(&accepted, &service.name, now)?;
                Ok(ForwardDecision::TokenAccepted(AuthorizedToken {
                    accepted,
                    assertion,
                }))
            }
            TokenCheck::StepUp { max_age } => Ok(ForwardDecision::TokenTooOld { max_age }),
            TokenCheck::NonceRequired => Ok(ForwardDecision::NonceRequired),
            TokenCheck::Refused => Ok(ForwardDecision::InvalidToken),
        }
    }

    /// Whether this device has access to the service of a target's host as it is now. If the service redirects its user to
    /// the sign-in page all the same, it did not receive the device's cookie.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] only.
    pub async fn can_access(&self, current_user: &CurrentUser, target: &ReturnTo) -> Result<bool> {
        let now = self.now();
        let is_https = target.as_str().starts_with("https:");
        let Some(Ok(host)) = target.host().map(Host::parse) else {
            return Ok(false);
        };
        let service = self
            .in_service_index(|service_index| Some(service_index.of_host(&host, is_https)?.facts))
            .await?;
        let device = self.known_device(current_user.device_id, now).await?;
        let user = self.cached_user(current_user.user_id).await?;
        let caller = service.map(|service| service.id);
        let facts = Facts {
            device: device.map(|device| device.facts),
            owner: user.as_ref().map(|user| user.facts),
            caller,
            service,
            grant: user
                .as_ref()
                .zip(caller)
                .and_then(|(user, service)| user.grant(service))
                .map(CachedGrant::facts),
        };
        Ok(matches!(
            decide(&facts, now),
            Verdict::Granted { .. } | Verdict::NeedsImplicitGrant
        ))
    }

    fn admit(
        &self,
        found: Found,
        scopes: Scopes,
        assurance: Assurance,
        service: &ServiceName,
        now: OffsetDateTime,
    ) -> Result<Option<Authorized>> {
        let device = found.device.map(|device| device.facts.id);
        let granted = self.grant_of(found, scopes, assurance, now);
        let Some((device, granted)) = device.zip(granted) else {
            return Ok(None);
        };
        Ok(self
            .assertion(device, &granted, service, now)?
            .map(|assertion| Authorized { granted, assertion }))
    }
}
