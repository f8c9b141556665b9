//! What a user can give a program: no more than the service gives to them, on the device on which they approved.

use crate::{
    Engine, Result,
    cache::{service_index::ServiceEntry, snapshot::CachedUser},
};
use latchkey_domain::{
    access::{
        access_grant::{Scope, Scopes},
        subject::Subject,
        verify::{Facts, Verdict, decide},
    },
    event::NamedUser,
    id::{DeviceId, UserId},
    identity::{device::Assurance, user::Role},
    tokens::scope::TokenScopes,
};
use std::sync::Arc;
use time::OffsetDateTime;

/// Whether a program can act for a user at a service.
pub(crate) enum Delegation {
    /// It can.
    Granted(Delegated),
    /// The service requires a more recent passkey.
    StepUp,
    /// It cannot, for a reason that programs are not told.
    Refused,
}

/// What a program can do for a user at a service.
#[derive(Debug, Clone)]
pub(crate) struct Delegated {
    user: Arc<CachedUser>,
    user_id: UserId,
    /// By what the service knows the user.
    pub(crate) subject: Subject,
    /// The most that it can do: what the service declares, and what the grant tells it of the user.
    pub(crate) scopes: TokenScopes,
    /// How sure we are of the device.
    pub(crate) assurance: Assurance,
}

impl Delegated {
    /// The user as the audit log names them.
    pub(crate) fn named(&self) -> NamedUser {
        NamedUser {
            id: self.user_id,
            email: self.user.email.clone(),
        }
    }

    /// What the user may do.
    pub(crate) fn user_role(&self) -> Role {
        self.user.facts.role
    }

    fn learns(&self, scopes: &TokenScopes, scope: Scope) -> bool {
        scopes.contains_all(&TokenScopes::from([scope].into_iter().collect::<Scopes>()))
    }

    /// With `read:username`.
    pub(crate) fn username(&self, scopes: &TokenScopes) -> Option<&str> {
        self.learns(scopes, Scope::Username)
            .then(|| self.user.name.as_str())
    }

    /// With `read:email`.
    pub(crate) fn email(&self, scopes: &TokenScopes) -> Option<&str> {
        self.learns(scopes, Scope::Email)
            .then(|| self.user.email.as_str())
    }

    /// With `read:user-role`.
    pub(crate) fn role(&self, scopes: &TokenScopes) -> Option<Role> {
        self.learns(scopes, Scope::UserRole)
            .then_some(self.user.facts.role)
    }
}

impl Engine {
    /// What a program can do for a user at a service. `passkey` is what its authorization rests on, given what the device
    /// says now.
    pub(crate) async fn delegation(
        &self,
        (user_id, device): (UserId, DeviceId),
        passkey: impl FnOnce(Option<OffsetDateTime>) -> Option<OffsetDateTime>,
        service: &ServiceEntry,
        now: OffsetDateTime,
    ) -> Result<Delegation> {
        let device = self.known_device(device, now).await?;
        let user = self.cached_user(user_id).await?;
        let (Some(device), Some(user)) = (device, user) else {
            return Ok(Delegation::Refused);
        };
        let mut facts = device.facts;
        facts.passkey_verified_at = passkey(facts.passkey_verified_at);
        let grant = user.grant(service.facts.id);
        let facts = Facts {
            device: Some(facts).filter(|device| device.user_id == user_id),
            owner: Some(user.facts),
            caller: Some(service.facts.id),
            service: Some(service.facts),
            grant: grant.map(|grant| grant.facts()),
        };
        Ok(match decide(&facts, now) {
            Verdict::Granted { scopes, assurance } => {
                let Some(subject) = grant.and_then(|grant| grant.subject) else {
                    return Ok(Delegation::Refused);
                };
                let declared = &service.access_tokens.scopes;
                Delegation::Granted(Delegated {
                    subject,
                    scopes: declared.union(&scopes.into()),
                    assurance,
                    user_id,
                    user,
                })
            }
            Verdict::StepUp => Delegation::StepUp,
            Verdict::Unauthenticated
            | Verdict::ServiceNotFound
            | Verdict::NoAccess
            // An administrator's first access is in a browser, or the approval of a program.
            | Verdict::NeedsImplicitGrant => Delegation::Refused,
        })
    }
}
