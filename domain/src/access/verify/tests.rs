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
            is_active: true,
            expires_at: NOW + Duration::DAY,
            passkey_verified_at: None,
            is_recovering: false,
            is_challenged: false,
            risk: DeviceRisk::NONE,
        }),
        owner: Some(UserFacts {
            role: Role::Member,
            is_disabled: false,
        }),
        caller: Some(SERVICE),
        service: Some(ServiceFacts {
            id: SERVICE,
            policy: Policy::default(),
            risk: RiskPolicy::default(),
        }),
        grant: Some(AccessGrantFacts {
            scopes: Scopes::NONE,
            origin: AccessGrantOrigin::Explicit,
            expires_at: None,
            has_subject: true,
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
    assert_eq!(with(|f| f.device = None), Verdict::Unauthenticated);
    assert_eq!(with(|f| f.owner = None), Verdict::Unauthenticated);
    assert_eq!(with(|f| f.caller = None), Verdict::Unauthenticated);
    assert_eq!(
        with(|f| f.device.as_mut().unwrap().is_active = false),
        Verdict::Unauthenticated
    );
    assert_eq!(
        with(|f| f.device.as_mut().unwrap().expires_at = NOW),
        Verdict::Unauthenticated
    );
    assert_eq!(
        with(|f| f.owner.as_mut().unwrap().is_disabled = true),
        Verdict::Unauthenticated
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
fn audit_19_a_grant_without_a_readable_subject_is_denied_and_not_made_again() {
    let unreadable = |f: &mut Facts| f.grant.as_mut().unwrap().has_subject = false;
    assert_eq!(with(unreadable), Verdict::NoAccess);
    for origin in [AccessGrantOrigin::Explicit, AccessGrantOrigin::Admin] {
        let verdict = with(|f| {
            unreadable(f);
            f.grant.as_mut().unwrap().origin = origin;
            f.owner.as_mut().unwrap().role = Role::Admin;
        });
        assert_eq!(verdict, Verdict::NoAccess);
    }
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
    assert_eq!(implicit(Role::Member, true), Verdict::NoAccess);
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

#[test]
fn audit_46_a_device_in_recovery_opens_no_service() {
    let recovering = |facts: &mut Facts| {
        let device = facts.device.as_mut().unwrap();
        device.is_recovering = true;
        device.passkey_verified_at = Some(NOW);
    };
    assert_eq!(with(recovering), Verdict::StepUp);
    let admin = |facts: &mut Facts| {
        recovering(facts);
        facts.owner.as_mut().unwrap().role = Role::Admin;
        facts.service.as_mut().unwrap().policy.admins_enter = true;
        facts.grant = None;
    };
    assert_eq!(with(admin), Verdict::StepUp);
    // It learns nothing that others do not.
    assert_eq!(
        with(|facts| {
            recovering(facts);
            facts.grant = None;
        }),
        Verdict::NoAccess
    );
}

#[test]
fn audit_51_a_device_that_owes_an_authentication_opens_no_service_and_a_score_weakens_no_policy() {
    let challenged = |facts: &mut Facts| {
        let device = facts.device.as_mut().unwrap();
        device.is_challenged = true;
        device.passkey_verified_at = Some(NOW);
    };
    assert_eq!(with(challenged), Verdict::StepUp);
    let admin = |facts: &mut Facts| {
        challenged(facts);
        facts.owner.as_mut().unwrap().role = Role::Admin;
        facts.grant = None;
    };
    assert_eq!(with(admin), Verdict::StepUp);
    // One that owes nothing has given no more than before.
    let unchallenged = |facts: &mut Facts| {
        facts.device.as_mut().unwrap().passkey_verified_at = None;
        let policy = &mut facts.service.as_mut().unwrap().policy;
        policy.requirement = Requirement::Passkey {
            max_age_seconds: 60,
        };
    };
    assert_eq!(with(unchallenged), Verdict::StepUp);
}
