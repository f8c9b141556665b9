//! What a proxy asks about a whole request: the rules for its path first, then the one question.

use crate::{
    access::rule::Audience,
    access::verify::{Facts, Verdict, decide},
    identity::user::Role,
};
use time::OffsetDateTime;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardVerdict {
    /// A rule opens this to everybody; who it is does not matter.
    Public,
    /// A rule closes this to everybody.
    Closed,
    /// What the device and its owner's grant decide.
    Decided(Verdict),
}

/// Decides for the audience that a service's rules name.
#[must_use]
pub fn decide_for(audience: Audience, facts: &Facts, now: OffsetDateTime) -> ForwardVerdict {
    match audience {
        Audience::Nobody => ForwardVerdict::Closed,
        // A signed-in user is named even where no sign-in is required.
        Audience::Public => match decide(facts, now) {
            granted @ Verdict::Granted { .. } => ForwardVerdict::Decided(granted),
            _ => ForwardVerdict::Public,
        },
        Audience::Users => ForwardVerdict::Decided(decide(facts, now)),
        Audience::Admins => ForwardVerdict::Decided(match decide(facts, now) {
            Verdict::Granted { .. } | Verdict::StepUp
                if facts.owner.is_none_or(|owner| owner.role != Role::Admin) =>
            {
                Verdict::NoAccess
            }
            verdict => verdict,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        access::access_grant::{AccessGrantOrigin, Scopes},
        access::service::{Policy, Requirement, RiskPolicy},
        access::verify::{AccessGrantFacts, DeviceFacts, ServiceFacts, UserFacts},
        id::{DeviceId, ServiceId, UserId},
        identity::device::Assurance,
        risk::DeviceRisk,
    };
    use time::{Duration, macros::datetime};
    use uuid::Uuid;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn facts(role: Role, requirement: Requirement) -> Facts {
        let service = ServiceId::from_uuid(Uuid::nil());
        Facts {
            device: Some(DeviceFacts {
                id: DeviceId::from_uuid(Uuid::nil()),
                user_id: UserId::from_uuid(Uuid::nil()),
                is_active: true,
                expires_at: NOW + Duration::days(1),
                passkey_verified_at: None,
                is_recovering: false,
                is_challenged: false,
                risk: DeviceRisk::NONE,
            }),
            owner: Some(UserFacts {
                role,
                is_disabled: false,
            }),
            caller: Some(service),
            service: Some(ServiceFacts {
                id: service,
                policy: Policy {
                    requirement,
                    admins_enter: true,
                },
                risk: RiskPolicy::default(),
            }),
            grant: Some(AccessGrantFacts {
                scopes: Scopes::default(),
                origin: AccessGrantOrigin::Explicit,
                expires_at: None,
                has_subject: true,
            }),
        }
    }

    #[test]
    fn a_rule_is_public_denies_or_requires_a_grant() {
        let granted = ForwardVerdict::Decided(Verdict::Granted {
            scopes: Scopes::default(),
            assurance: Assurance::of(None),
        });
        let passkey = Requirement::Passkey {
            max_age_seconds: 60,
        };
        let known = facts(Role::Member, Requirement::Device);
        let admin = facts(Role::Admin, Requirement::Device);
        let anonymous = Facts {
            device: None,
            ..known
        };
        let unentitled = Facts {
            grant: None,
            ..known
        };
        let stale = facts(Role::Member, passkey);
        for (audience, facts, expected) in [
            (Audience::Public, anonymous, ForwardVerdict::Public),
            (Audience::Public, unentitled, ForwardVerdict::Public),
            (Audience::Public, stale, ForwardVerdict::Public),
            (Audience::Public, known, granted),
            (Audience::Nobody, admin, ForwardVerdict::Closed),
            (Audience::Nobody, anonymous, ForwardVerdict::Closed),
            (Audience::Users, known, granted),
            (
                Audience::Users,
                anonymous,
                ForwardVerdict::Decided(Verdict::Unauthenticated),
            ),
            (
                Audience::Users,
                unentitled,
                ForwardVerdict::Decided(Verdict::NoAccess),
            ),
            (
                Audience::Users,
                stale,
                ForwardVerdict::Decided(Verdict::StepUp),
            ),
            (Audience::Admins, admin, granted),
            (
                Audience::Admins,
                known,
                ForwardVerdict::Decided(Verdict::NoAccess),
            ),
            // Signing in again would not make an administrator of them.
            (
                Audience::Admins,
                stale,
                ForwardVerdict::Decided(Verdict::NoAccess),
            ),
            (
                Audience::Admins,
                facts(Role::Admin, passkey),
                ForwardVerdict::Decided(Verdict::StepUp),
            ),
            (
                Audience::Admins,
                anonymous,
                ForwardVerdict::Decided(Verdict::Unauthenticated),
            ),
        ] {
            assert_eq!(decide_for(audience, &facts, NOW), expected, "{audience:?}");
        }
    }
}
