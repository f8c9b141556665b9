//! The one question: may this device enter this service? A pure function of facts and now.

use crate::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::service::Policy,
    id::{DeviceId, ServiceId, UserId},
    identity::device::{Assurance, DeviceState},
    identity::user::Role,
};
use time::OffsetDateTime;

/// What is known of the device that the cookie names; its secret has been checked already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceFacts {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub user_id: UserId,
    /// Whether it still counts.
    pub state: DeviceState,
    /// When it ends unless it is used.
    pub expires_at: OffsetDateTime,
    /// The last passkey assertion on it.
    pub passkey_verified_at: Option<OffsetDateTime>,
}

/// What is known of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserFacts {
    /// What they may do.
    pub role: Role,
    /// Whether an administrator switched the account off.
    pub is_disabled: bool,
}

/// What is known of the service that the request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceFacts {
    /// The service.
    pub id: ServiceId,
    /// Its rules.
    pub policy: Policy,
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

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No acceptable device or no acceptable token; nothing more is said.
    Unknown,
    /// The token is not for a service of that name.
    ServiceNotFound,
    /// The person has no grant.
    NoAccess,
    /// The service wants a fresher passkey assertion.
    StepUp,
    /// An administrator without a grant: make the link, then ask again.
    NeedsImplicitGrant,
    /// Come in.
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
        return Verdict::Unknown;
    };
    if device.state != DeviceState::Active || device.expires_at <= now || owner.is_disabled {
        return Verdict::Unknown;
    }
    let Some(service) = facts.service.filter(|service| service.id == caller) else {
        return Verdict::ServiceNotFound;
    };
    let is_admitted_admin = owner.role == Role::Admin && service.policy.admins_enter;
    let usable = facts.grant.filter(|grant| {
        grant.expires_at.is_none_or(|end| now < end)
            && match grant.origin {
                AccessGrantOrigin::Explicit => true,
                AccessGrantOrigin::Admin => is_admitted_admin,
            }
    });
    match usable {
        // The policy before the link: whoever does not satisfy it leaves no trace.
        None if is_admitted_admin
            && facts.grant.is_none()
            && !service
                .policy
                .is_satisfied_by(device.passkey_verified_at, now) =>
        {
            Verdict::StepUp
        }
        None if is_admitted_admin && facts.grant.is_none() => Verdict::NeedsImplicitGrant,
        None => Verdict::NoAccess,
        Some(_)
            if !service
                .policy
                .is_satisfied_by(device.passkey_verified_at, now) =>
        {
            Verdict::StepUp
        }
        Some(grant) => Verdict::Granted {
            scopes: grant.scopes,
            assurance: Assurance::of(device.passkey_verified_at),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::service::Requirement;
    use time::{Duration, macros::datetime};
    use uuid::Uuid;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);
    const SERVICE: ServiceId = ServiceId::from_uuid(Uuid::from_u128(3));

    fn granted() -> Facts {
        Facts {
            device: Some(DeviceFacts {
                id: DeviceId::from_uuid(Uuid::from_u128(1)),
                user_id: UserId::from_uuid(Uuid::from_u128(2)),
                state: DeviceState::Active,
                expires_at: NOW + Duration::DAY,
                passkey_verified_at: None,
            }),
            owner: Some(UserFacts {
                role: Role::User,
                is_disabled: false,
            }),
            caller: Some(SERVICE),
            service: Some(ServiceFacts {
                id: SERVICE,
                policy: Policy::default(),
            }),
            grant: Some(AccessGrantFacts {
                scopes: Scopes::NONE,
                origin: AccessGrantOrigin::Explicit,
                expires_at: None,
            }),
        }
    }

    fn with(change: impl FnOnce(&mut Facts)) -> Verdict {
        let mut facts = granted();
        change(&mut facts);
        decide(&facts, NOW)
    }

    #[test]
    fn a_registered_device_with_a_grant_is_granted() {
        assert_eq!(
            decide(&granted(), NOW),
            Verdict::Granted {
                scopes: Scopes::NONE,
                assurance: Assurance::Registered
            }
        );
    }

    #[test]
    fn must_survive_17_revoked_disabled_and_expired_devices_are_unknown() {
        assert_eq!(with(|f| f.device = None), Verdict::Unknown);
        assert_eq!(with(|f| f.owner = None), Verdict::Unknown);
        assert_eq!(with(|f| f.caller = None), Verdict::Unknown);
        assert_eq!(
            with(|f| f.device.as_mut().unwrap().state = DeviceState::Revoked { at: NOW }),
            Verdict::Unknown
        );
        assert_eq!(
            with(|f| f.device.as_mut().unwrap().expires_at = NOW),
            Verdict::Unknown
        );
        assert_eq!(
            with(|f| f.owner.as_mut().unwrap().is_disabled = true),
            Verdict::Unknown
        );
    }

    #[test]
    fn a_token_is_valid_for_its_own_service_only() {
        assert_eq!(
            with(|f| f.caller = Some(ServiceId::from_uuid(Uuid::from_u128(9)))),
            Verdict::ServiceNotFound
        );
        assert_eq!(with(|f| f.service = None), Verdict::ServiceNotFound);
    }

    #[test]
    fn r19_access_requires_an_unexpired_grant() {
        assert_eq!(with(|f| f.grant = None), Verdict::NoAccess);
        assert_eq!(
            with(|f| f.grant.as_mut().unwrap().expires_at = Some(NOW)),
            Verdict::NoAccess
        );
        // The link that an administrator's access made dies with the role.
        assert_eq!(
            with(|f| f.grant.as_mut().unwrap().origin = AccessGrantOrigin::Admin),
            Verdict::NoAccess
        );
    }

    #[test]
    fn an_administrator_gets_a_grant_at_first_access_unless_the_service_excludes_administrators() {
        let admin = |f: &mut Facts| {
            f.owner.as_mut().unwrap().role = Role::Admin;
            f.grant = None;
        };
        assert_eq!(with(admin), Verdict::NeedsImplicitGrant);
        assert_eq!(
            with(|f| {
                admin(f);
                f.service.as_mut().unwrap().policy.admins_enter = false;
            }),
            Verdict::NoAccess
        );
    }

    #[test]
    fn audit_14_an_administrator_gets_no_grant_before_the_policy_is_satisfied() {
        let stale = |f: &mut Facts| {
            f.owner.as_mut().unwrap().role = Role::Admin;
            f.grant = None;
            f.service.as_mut().unwrap().policy.requirement = Requirement::Passkey {
                max_age_seconds: 60,
            };
        };
        assert_eq!(with(stale), Verdict::StepUp);
        assert_eq!(
            with(|f| {
                stale(f);
                f.device.as_mut().unwrap().passkey_verified_at = Some(NOW);
            }),
            Verdict::NeedsImplicitGrant
        );
    }

    #[test]
    fn a_passkey_policy_requires_a_fresh_assertion() {
        let policy = |minutes_ago: Option<i64>| {
            with(move |f| {
                f.service.as_mut().unwrap().policy.requirement = Requirement::Passkey {
                    max_age_seconds: 600,
                };
                f.device.as_mut().unwrap().passkey_verified_at =
                    minutes_ago.map(|m| NOW - Duration::minutes(m));
            })
        };
        assert_eq!(policy(None), Verdict::StepUp);
        assert_eq!(policy(Some(11)), Verdict::StepUp);
        assert_eq!(policy(Some(-5)), Verdict::StepUp);
        assert_eq!(
            policy(Some(10)),
            Verdict::Granted {
                scopes: Scopes::NONE,
                assurance: Assurance::Passkey
            }
        );
    }

    #[test]
    fn a_grant_and_a_device_count_until_the_second_they_expire() {
        let granted = decide(&granted(), NOW);
        let later = NOW + Duration::SECOND;
        assert_eq!(
            with(|f| f.grant.as_mut().unwrap().expires_at = Some(later)),
            granted
        );
        assert_eq!(
            with(|f| f.device.as_mut().unwrap().expires_at = later),
            granted
        );
    }

    #[test]
    fn r19_an_implicit_grant_counts_only_while_its_user_is_an_admitted_administrator() {
        let implicit = |role, admins_enter| {
            with(|f| {
                f.owner.as_mut().unwrap().role = role;
                f.service.as_mut().unwrap().policy.admins_enter = admins_enter;
                f.grant.as_mut().unwrap().origin = AccessGrantOrigin::Admin;
            })
        };
        assert_eq!(implicit(Role::Admin, true), decide(&granted(), NOW));
        assert_eq!(implicit(Role::Admin, false), Verdict::NoAccess);
        assert_eq!(implicit(Role::User, true), Verdict::NoAccess);
    }

    #[test]
    fn an_expired_grant_of_an_administrator_is_not_replaced() {
        for max_age_seconds in [None, Some(60)] {
            let verdict = with(|f| {
                f.owner.as_mut().unwrap().role = Role::Admin;
                f.grant.as_mut().unwrap().expires_at = Some(NOW);
                if let Some(max_age_seconds) = max_age_seconds {
                    f.service.as_mut().unwrap().policy.requirement =
                        Requirement::Passkey { max_age_seconds };
                }
            });
            assert_eq!(verdict, Verdict::NoAccess);
        }
    }
}
