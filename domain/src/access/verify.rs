//! The one question: may this device enter this service? A pure function of facts and now.

use crate::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::service::{Policy, RiskPolicy},
    id::{DeviceId, ServiceId, UserId},
    identity::device::{Assurance, Device},
    identity::user::{Role, User},
    risk::DeviceRisk,
};
use time::OffsetDateTime;

/// What is known of the device that the cookie names; its secret has been checked already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceFacts {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// Whether it is neither signed out nor revoked.
    pub is_active: bool,
    /// When it ends unless it is used.
    pub expires_at: OffsetDateTime,
    /// The last passkey assertion on it.
    pub passkey_verified_at: Option<OffsetDateTime>,
    /// Whether it is in recovery, and opens no service.
    pub is_recovering: bool,
    /// Whether it opens no service until it has given what it owes.
    pub is_challenged: bool,
    /// How unusual it was last.
    pub risk: DeviceRisk,
}

impl From<&Device> for DeviceFacts {
    fn from(device: &Device) -> Self {
        Self {
            id: device.id,
            user_id: device.user_id,
            is_active: device.is_active(),
            expires_at: device.expires_at,
            passkey_verified_at: device.passkey_verified_at,
            is_recovering: device.limit.is_recovery(),
            is_challenged: device.is_challenged(),
            risk: device.risk(),
        }
    }
}

/// What is known of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserFacts {
    /// What they may do.
    pub role: Role,
    /// Whether an administrator disabled them.
    pub is_disabled: bool,
}

impl From<&User> for UserFacts {
    fn from(user: &User) -> Self {
        Self {
            role: user.role,
            is_disabled: user.is_disabled(),
        }
    }
}

/// What is known of the service that the request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceFacts {
    /// The service.
    pub id: ServiceId,
    /// Its rules.
    pub policy: Policy,
    /// What it asks of devices that were unusual.
    pub risk: RiskPolicy,
}

/// What is known of the owner's grant to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessGrantFacts {
    /// What the service may learn.
    pub scopes: Scopes,
    /// Where it comes from.
    pub origin: AccessGrantOrigin,
    /// When it ends by itself.
    pub expires_at: Option<OffsetDateTime>,
    /// Whether the pseudonym by which the service knows the user can be read: without it there is nobody to tell of.
    pub has_subject: bool,
}

/// Everything that the decision rests on. `None` stands for missing, malformed, unknown or wrong:
/// the decision does not tell these apart, and so neither can the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The device, if the cookie was genuine and its secret right.
    pub device: Option<DeviceFacts>,
    /// Its owner.
    pub owner: Option<UserFacts>,
    /// The service that the bearer token belongs to, if the token was right.
    pub caller: Option<ServiceId>,
    /// The service that the path names, if there is one.
    pub service: Option<ServiceFacts>,
    /// The owner's grant to that service.
    pub grant: Option<AccessGrantFacts>,
}

impl Facts {
    /// The same with a device that has to authenticate.
    #[must_use]
    pub fn challenged(mut self) -> Self {
        if let Some(device) = &mut self.device {
            device.is_challenged = true;
        }
        self
    }
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No acceptable device or no acceptable token; nothing more is said.
    Unauthenticated,
    /// The token is not for a service of that name.
    ServiceNotFound,
    /// The user has no grant.
    NoAccess,
    /// The service wants a fresher passkey assertion.
    StepUp,
    /// An administrator without a grant: make the link, then ask again.
    NeedsImplicitGrant,
    /// Access is granted.
    Granted {
        /// What the service may learn.
        scopes: Scopes,
        /// How sure we are of the device.
        assurance: Assurance,
    },
}

/// Decides. Every way that is not named ends in a refusal.
#[must_use]
pub fn decide(facts: &Facts, now: OffsetDateTime) -> Verdict {
    let (Some(device), Some(owner), Some(caller)) = (facts.device, facts.owner, facts.caller)
    else {
        return Verdict::Unauthenticated;
    };
    if !device.is_active || device.expires_at <= now || owner.is_disabled {
        return Verdict::Unauthenticated;
    }
    let Some(service) = facts.service.filter(|service| service.id == caller) else {
        return Verdict::ServiceNotFound;
    };
    let is_admitted_admin = owner.role == Role::Admin && service.policy.admins_enter;
    let usable = facts.grant.filter(|grant| {
        grant.has_subject
            && grant.expires_at.is_none_or(|end| now < end)
            && match grant.origin {
                AccessGrantOrigin::Explicit => true,
                AccessGrantOrigin::Admin => is_admitted_admin,
            }
    });
    // A device in recovery satisfies no policy: what lifts that is a passkey. Nor does one that owes an authentication, whatever
    // the policy: a score never weakens it.
    let is_satisfied = !device.is_recovering
        && !device.is_challenged
        && service
            .policy
            .is_satisfied_by(device.passkey_verified_at, now)
        && service.risk.is_satisfied_by(device.risk);
    match usable {
        // The policy before the implicit grant: without satisfying it, none is made.
        None if is_admitted_admin && facts.grant.is_none() && !is_satisfied => Verdict::StepUp,
        None if is_admitted_admin && facts.grant.is_none() => Verdict::NeedsImplicitGrant,
        None => Verdict::NoAccess,
        Some(_) if !is_satisfied => Verdict::StepUp,
        Some(grant) => Verdict::Granted {
            scopes: grant.scopes,
            assurance: Assurance::of(device.passkey_verified_at),
        },
    }
}

#[cfg(test)]
mod tests;
