//! `GET /verify/{service}`: parse, gather facts from memory, decide.
//!
//! Every refusal of the first row of the table costs the same: the cookie's tag, the device's
//! secret and the token's digest are computed whether or not there is anything to compare with.

#[cfg(test)]
mod tests;

use crate::{
    Engine, Error, RequestOrigin, Result, access,
    access::access_grant::names,
    cache::service_index::ServiceEntry,
    cache::snapshot::{CachedGrant, CachedUser, KnownDevice},
    error::chain,
    identity,
    keys::device_cookie::DeviceCookie,
    risk::use_mark::CallerOrigin,
    tokens::{accepted_token::AcceptedToken, verify::PresentedToken},
    unit_of_work::Actor,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, Scope, Scopes},
    access::subject::Subject,
    access::verify::{DeviceFacts, Facts, ServiceFacts, UserFacts, Verdict, decide},
    id::{DeviceId, ServiceId, UserId},
    identity::device::Assurance,
    identity::user::Role,
    risk::{Level, Mode},
    secret::SecretBytes,
};
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;

/// What identifies the user or program that calls a service, as it came in; anything may be missing or malformed.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallerCredentials<'a> {
    /// The device cookie of a browser.
    pub cookie: Option<&'a str>,
    /// An access token. One that another issuer made belongs to the service, and counts as none.
    pub access_token: Option<&'a PresentedToken<'a>>,
    /// Where the request came from, as far as that is known. What is used with a cookie is compared with it; programs may be anywhere.
    pub origin: CallerOrigin<'a>,
}

impl<'a> From<Option<&'a str>> for CallerCredentials<'a> {
    fn from(cookie: Option<&'a str>) -> Self {
        Self {
            cookie,
            ..Self::default()
        }
    }
}

/// Whether a device or an access token may be used at a service.
#[derive(Debug, Clone)]
pub enum VerifyDecision {
    /// No acceptable device or no acceptable token; which of them is not told.
    Unauthenticated,
    /// The token is not for a service of that name.
    ServiceNotFound,
    /// The user has no grant.
    NoAccess,
    /// The service requires a fresher passkey assertion.
    StepUp,
    /// The same for the user of a token (RFC 9470).
    TokenTooOld {
        /// For how many seconds a passkey counts, if that is limited.
        max_age: Option<u32>,
    },
    /// The user has access.
    Granted(Granted),
    /// The access token is accepted.
    TokenAccepted(Box<AcceptedToken>),
    /// The proof of possession needs a nonce (RFC 9449 §9).
    NonceRequired,
    /// Invalidations could not be read recently, or uses cannot be marked, so no decision is safe.
    Unavailable,
}

/// What a service learns.
#[derive(Debug, Clone)]
pub struct Granted {
    user: Arc<CachedUser>,
    service: ServiceId,
    /// By what it knows the user.
    pub subject: Subject,
    /// What it may learn.
    pub scopes: Scopes,
    /// How sure we are of the device.
    pub assurance: Assurance,
    /// The last authentication on the device.
    pub auth_time: OffsetDateTime,
    /// How (RFC 8176): `otp` for a code, `hwk` or `swk` and `user` for a passkey.
    pub auth_methods: &'static [&'static str],
    /// How unusual the device was last, if the service wants to hear of it and scores have an effect.
    pub risk: Option<Level>,
}

impl Granted {
    /// With `read:username`.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.may(Scope::Username).then(|| self.user.name.as_str())
    }

    /// With `read:email`.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.may(Scope::Email).then(|| self.user.email.as_str())
    }

    /// With `read:user-role`.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.may(Scope::UserRole).then_some(self.user.facts.role)
    }

    fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    pub(crate) fn grant(&self) -> Option<&CachedGrant> {
        self.user.grant(self.service)
    }
}

/// What was found for a request: the facts, and where they came from.
pub(crate) struct Found {
    pub(crate) facts: Facts,
    pub(crate) device: Option<KnownDevice>,
    user: Option<Arc<CachedUser>>,
}

impl Engine {
    /// Answers whether a caller may enter `service`, asked by the holder of `token`. All as they came in; anything may be
    /// missing or malformed.
    pub async fn verify<'a>(
        &self,
        service: &str,
        token: Option<&str>,
        caller: impl Into<CallerCredentials<'a>>,
    ) -> VerifyDecision {
        let caller = caller.into();
        if !self.is_cache_fresh().await {
            return VerifyDecision::Unavailable;
        }
        let answer = match self.own_token(caller.access_token) {
            // Boxed: checking a signature takes far longer, and the room would be copied with every answer.
            Some(access_token) => {
                Box::pin(self.answer_to_token(service, token, access_token, caller.cookie)).await
            }
            None => self.answer(service, token, &caller).await,
        };
        match answer {
            Ok(answer) => answer,
            // In the log once, not with every request.
            Err(Error::UsesUnknown) => VerifyDecision::Unavailable,
            Err(cause) => {
                tracing::error!(error = %chain(&cause), "verify failed");
                VerifyDecision::Unavailable
            }
        }
    }

    async fn answer(
        &self,
        service: &str,
        token: Option<&str>,
        credentials: &CallerCredentials<'_>,
    ) -> Result<VerifyDecision> {
        let (now, cookie) = (self.now(), credentials.cookie);
        let (caller, service) = self
            .in_service_index(|service_index| {
                let service = service_index.services.get(service);
                let caller = service_index.caller(token, now);
                (caller, service.map(|service| service.facts))
            })
            .await?;
        let mut found = self.gather(caller, service, cookie, now).await?;
        let mut verdict = decide(&found.facts, now);
        if verdict == Verdict::NeedsImplicitGrant {
            Box::pin(self.create_implicit_grant(&found.facts)).await?;
            found = self.gather(caller, service, cookie, now).await?;
            verdict = decide(&found.facts, now);
        }
        if matches!(verdict, Verdict::Granted { .. })
            && let Some(is_refused) = self.other_use_of(&found, credentials.origin, now)
            && is_refused.await?
        {
            verdict = decide(&found.facts.challenged(), now);
        }
        Ok(match verdict {
            Verdict::Unauthenticated => VerifyDecision::Unauthenticated,
            Verdict::ServiceNotFound => VerifyDecision::ServiceNotFound,
            // A link that could not be made is no access.
            Verdict::NoAccess | Verdict::NeedsImplicitGrant => VerifyDecision::NoAccess,
            Verdict::StepUp => VerifyDecision::StepUp,
            Verdict::Granted { scopes, assurance } => self
                .grant_of(found, scopes, assurance, now)
                .map_or(VerifyDecision::Unauthenticated, VerifyDecision::Granted),
        })
    }

    /// The facts about a device and its owner, for a caller who asks about a service.
    pub(crate) async fn gather(
        &self,
        caller: Option<ServiceId>,
        service: Option<ServiceFacts>,
        cookie: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Found> {
        let cookie = DeviceCookie::parse(cookie.unwrap_or_default(), &self.inner.keys, now).ok();
        // Only a cookie that we tagged reaches a look-up.
        let device = match &cookie {
            Some(cookie) => self.known_device(cookie.device, now).await?,
            None => None,
        };
        let decoy = DeviceCookie {
            device: DeviceId::from_uuid(Uuid::nil()),
            secret: SecretBytes::new([0; 32]),
            expires_at: now,
        };
        let is_right = cookie.as_ref().unwrap_or(&decoy).is_secret_of(
            &self.inner.keys,
            device.as_ref().map(|device| &device.secret_tag[..]),
        );
        let device = device.filter(|_| is_right);
        let user = match &device {
            Some(device) => self.cached_user(device.facts.user_id).await?,
            None => None,
        };
        let facts = Facts {
            device: device.as_ref().map(|device| device.facts),
            owner: user.as_ref().map(|user| user.facts),
            caller,
            service,
            grant: user
                .as_ref()
                .zip(caller)
                .and_then(|(user, caller)| user.grant(caller))
                .map(CachedGrant::facts),
        };
        Ok(Found {
            facts,
            device,
            user,
        })
    }

    /// What a service learns of a granted request, whose use is noted. `None` where there is no grant
    /// after all: the verdict rests on it, and without its subject there is nothing to say.
    pub(crate) fn grant_of(
        &self,
        found: Found,
        scopes: Scopes,
        assurance: Assurance,
        now: OffsetDateTime,
    ) -> Option<Granted> {
        let (device, user) = (found.device?, found.user?);
        let service = found.facts.caller?;
        let tells_level = (found.facts.service).is_some_and(|service| service.risk.tells_level);
        let risk =
            (tells_level && self.risk_mode() == Mode::Enforce).then_some(device.facts.risk.level);
        let subject = user.grant(service)?.subject?;
        self.note_use(&device, now);
        Some(Granted {
            user,
            service,
            subject,
            scopes,
            assurance,
            auth_time: device.last_auth_at,
            auth_methods: device.auth_method.amr(),
            risk,
        })
    }

    /// The same where the user approves a program, if they are an administrator without a grant.
    pub(crate) async fn create_implicit_grant_of(
        &self,
        user: UserId,
        device: DeviceId,
        service: &ServiceEntry,
    ) -> Result<()> {
        let now = self.now();
        let device = self.known_device(device, now).await?;
        let user = self.cached_user(user).await?;
        let grant = user.as_ref().and_then(|user| user.grant(service.facts.id));
        let facts = Facts {
            device: device.map(|device| device.facts),
            owner: user.as_ref().map(|user| user.facts),
            caller: Some(service.facts.id),
            service: Some(service.facts),
            grant: grant.map(CachedGrant::facts),
        };
        match decide(&facts, now) {
            Verdict::NeedsImplicitGrant => Box::pin(self.create_implicit_grant(&facts)).await,
            _ => Ok(()),
        }
    }

    /// An administrator's first access makes the link; of racing ones, the first makes it.
    pub(crate) async fn create_implicit_grant(&self, facts: &Facts) -> Result<()> {
        let (Some(device), Some(service)) = (facts.device, facts.caller) else {
            return Ok(());
        };
        let user = device.user_id;
        let mut tx = (self.begin(Actor::System, &RequestOrigin::default())).await?;
        if access::store::access_grant::find(&tx, user, service)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let user = identity::store::user::find(&tx, user).await?;
        let service = access::store::service::find(&tx, service).await?;
        let device = identity::store::device::find(&tx, device.id).await?;
        let (Some(user), Some(service), Some(device)) = (user, service, device) else {
            return Ok(());
        };
        // Decided again from what the transaction sees: the role or the device may have ended meanwhile.
        let current = Facts {
            device: Some(DeviceFacts::from(&device)),
            owner: Some(UserFacts::from(&user)),
            caller: Some(service.id),
            service: Some(ServiceFacts {
                id: service.id,
                policy: service.policy,
                risk: service.risk,
            }),
            grant: None,
        };
        if decide(&current, self.now()) != Verdict::NeedsImplicitGrant {
            return Ok(());
        }
        let origin = AccessGrantOrigin::Admin;
        let grant = self.new_grant(user.id, service.id, Scopes::ALL, origin, None)?;
        tx.apply(grant.add(names(user, service))).await?;
        tx.commit().await
    }
}
