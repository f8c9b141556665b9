use super::*;
use crate::identity::device::{MailConfirmation, Recovery};
use uuid::Uuid;

const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

fn current_user(
    role: Role,
    has_passkey: bool,
    strong_minutes_ago: Option<i64>,
    active_minutes_ago: Option<i64>,
) -> CurrentUser {
    CurrentUser {
        user_id: UserId::from_uuid(Uuid::from_u128(1)),
        email: Email::parse("ada@example.com").unwrap(),
        name: DisplayName::parse("Ada").unwrap(),
        role,
        permissions: role.built_in_permissions().unwrap(),
        device_id: DeviceId::from_uuid(Uuid::from_u128(2)),
        passkey_verified_at: strong_minutes_ago.map(|m| NOW - Duration::minutes(m)),
        has_passkey,
        limit: DeviceLimit::None,
        sign_in: active_minutes_ago.map(|m| SignIn {
            at: NOW - Duration::minutes(m),
            last_active_at: NOW - Duration::minutes(m),
        }),
        session: None,
    }
}

#[test]
fn r31_once_a_passkey_exists_changes_require_it() {
    for (has_passkey, strong, active, expected) in [
        (false, None, Some(5), Ok(())),
        (false, None, None, Err(Denial::SignIn)),
        (false, None, Some(61), Err(Denial::SignIn)),
        (true, None, Some(0), Err(Denial::StepUp)),
        (true, Some(11), Some(0), Err(Denial::StepUp)),
        (true, Some(10), Some(10), Ok(())),
        (true, Some(1), None, Err(Denial::SignIn)),
        (true, Some(-5), Some(0), Err(Denial::StepUp)),
    ] {
        let answer = current_user(Role::Member, has_passkey, strong, active)
            .may_manage_self(NOW)
            .map(|_| ());
        assert_eq!(
            answer, expected,
            "passkey {has_passkey}, strong {strong:?}, active {active:?}"
        );
    }
}

#[test]
fn must_survive_26_administration_requires_the_role_and_a_fresh_passkey() {
    assert_eq!(
        current_user(Role::Member, true, Some(0), Some(0)).authorize(UsersWrite, NOW),
        Err(Denial::Forbidden)
    );
    assert!(
        current_user(Role::Admin, true, Some(0), Some(0))
            .authorize(UsersWrite, NOW)
            .is_ok()
    );
    assert_eq!(
        current_user(Role::Admin, true, Some(11), Some(0)).authorize(UsersWrite, NOW),
        Err(Denial::StepUp)
    );
    assert_eq!(
        current_user(Role::Admin, true, Some(9), Some(16)).authorize(UsersWrite, NOW),
        Err(Denial::SignIn)
    );
}

#[test]
fn audit_8_administration_requires_a_passkey() {
    assert_eq!(
        current_user(Role::Admin, false, None, Some(0)).authorize(UsersWrite, NOW),
        Err(Denial::NeedsPasskey)
    );
    assert_eq!(
        current_user(Role::Admin, false, None, None).authorize(UsersWrite, NOW),
        Err(Denial::SignIn)
    );
}

#[test]
fn audit_7_a_limited_device_cannot_change_anything_until_approved() {
    let limited = |has_passkey, strong| CurrentUser {
        limit: DeviceLimit::Unapproved,
        ..current_user(Role::Member, has_passkey, strong, Some(0))
    };
    for (has_passkey, strong, expected) in [
        (true, None, Denial::StepUp),
        (false, None, Denial::NotApproved),
        (false, Some(0), Denial::NotApproved),
    ] {
        assert_eq!(
            limited(has_passkey, strong).may_manage_self(NOW),
            Err(expected),
            "passkey {has_passkey}, strong {strong:?}"
        );
    }
}

#[test]
fn must_survive_29_a_clock_set_back_does_not_extend_a_session() {
    let future = SignIn {
        at: NOW + Duration::minutes(5),
        last_active_at: NOW,
    };
    assert!(!future.is_live(Role::Member, NOW));
}

#[test]
fn a_session_ends_after_its_absolute_and_its_idle_time() {
    let second = Duration::SECOND;
    for (role, hours, minutes) in [(Role::Member, 24, 60), (Role::Admin, 12, 15)] {
        let (absolute, idle) = (Duration::hours(hours), Duration::minutes(minutes));
        for (age, idle_for, is_live) in [
            (absolute, idle, true),
            (absolute + second, idle, false),
            (absolute, idle + second, false),
            // A row keeps whole seconds, so it may be up to a second ahead.
            (-second, -second, true),
            (second * -2, Duration::ZERO, false),
            (Duration::ZERO, second * -2, false),
        ] {
            let sign_in = SignIn {
                at: NOW - age,
                last_active_at: NOW - idle_for,
            };
            assert_eq!(
                sign_in.is_live(role, NOW),
                is_live,
                "{role} {age} {idle_for}"
            );
            let has_time = age >= -second && idle_for >= -second;
            assert!(!has_time || (sign_in.ends_at(role) >= NOW) == is_live);
        }
    }
}

#[test]
fn a_proof_names_its_user() {
    let user = current_user(Role::Admin, true, Some(0), Some(0));
    let proof = user.may_manage_self(NOW).unwrap();
    assert_eq!(proof.current_user(), &user);
    assert_eq!(
        current_user(Role::Admin, false, None, Some(16)).authorize(UsersWrite, NOW),
        Err(Denial::SignIn)
    );
}

#[test]
fn an_approved_device_needs_no_passkey_that_does_not_exist() {
    let user = current_user(Role::Member, false, None, Some(0));
    assert!(user.may_manage_self(NOW).is_ok());
    let limited = CurrentUser {
        limit: DeviceLimit::Unapproved,
        ..current_user(Role::Member, true, Some(0), Some(0))
    };
    assert!(limited.may_manage_self(NOW).is_ok());
}

#[test]
fn an_authorized_user_acts_as_themselves_and_the_operator_as_nobody_in_a_browser() {
    let ada = current_user(Role::Admin, true, Some(0), Some(0));
    let proof = ada.authorize(UsersWrite, NOW).unwrap();
    assert_eq!(proof.caller(), Caller::User(&ada));
    let operator: &dyn Authorizes<UsersWrite> = &Operator;
    assert_eq!(operator.caller(), Caller::Operator);
}

#[test]
fn a_role_permits_what_it_says_and_nothing_else() {
    for role in Role::BUILT_IN {
        let user = current_user(role, true, Some(0), Some(0));
        for permission in PermissionSet::all().iter() {
            let is_permitted = role.built_in_permissions().unwrap().contains(permission);
            let expected = match is_permitted {
                true => Ok(()),
                false => Err(Denial::Forbidden),
            };
            assert_eq!(user.may(permission, NOW), expected, "{role} {permission}");
        }
    }
}

#[test]
fn permissions_are_written_as_their_names_and_read_again() {
    let all = PermissionSet::all();
    assert_eq!(all.to_string().parse(), Ok(all));
    assert_eq!(all.iter().count(), 22);
    let some: PermissionSet = "audit:read, users:invite\nusers:invite".parse().unwrap();
    assert_eq!(some.to_string(), "users:invite audit:read");
    assert_eq!(format!("{some:?}"), r#"{"users:invite", "audit:read"}"#);
    assert!(all.covers(some) && !some.covers(all) && some.covers(PermissionSet::NONE));
    assert_eq!(all.intersection(some), some);
    assert_eq!("".parse(), Ok(PermissionSet::NONE));
    assert!(PermissionSet::NONE.is_empty() && !some.is_empty());
    let unknown = "users:read users:all".parse::<PermissionSet>();
    assert_eq!(unknown, Err(PermissionError("users:all".to_owned())));
}

#[test]
fn audit_46_a_device_in_recovery_may_end_things_and_add_a_passkey_in_its_time() {
    use crate::identity::device::RECOVERY_WINDOW;
    use MailConfirmation::{Confirmed, NotRequired, Required};
    let denied = || Err(Denial::Recovery);
    let may = |may| if may { Ok(()) } else { denied() };
    let after = NOW;
    for (now, revokes, adds) in [
        (after - Duration::hours(24), true, false),
        (after - Duration::SECOND, true, false),
        (after, true, true),
        (after + RECOVERY_WINDOW, true, true),
        (after + RECOVERY_WINDOW + Duration::SECOND, false, false),
    ] {
        // Neither a session, a passkey of the user nor an assertion from before gives it more.
        for (has_passkey, strong, active) in [
            (false, None, None),
            (true, None, Some(0)),
            (true, Some(0), Some(0)),
        ] {
            for mail in [NotRequired, Required, Confirmed] {
                let user = CurrentUser {
                    limit: DeviceLimit::Recovery(Recovery {
                        since: after - Duration::hours(24),
                        passkey_after: after,
                        mail,
                    }),
                    ..current_user(Role::Admin, has_passkey, strong, active)
                };
                let awaits = mail == Required;
                assert_eq!(user.may_revoke_self(now).map(drop), may(revokes), "{now}");
                let adds = may(adds && !awaits);
                assert_eq!(user.may_add_passkey(now).map(drop), adds, "{now}");
                let confirms = may(revokes && awaits);
                assert_eq!(user.may_confirm_recovery(now).map(drop), confirms, "{now}");
                assert_eq!(user.may_manage_self(now), Err(Denial::Recovery));
                assert_eq!(user.may_cancel_recovery(), Err(Denial::Recovery));
                assert_eq!(user.authorize(UsersRead, now), Err(Denial::Recovery));
            }
        }
    }
    for limit in [DeviceLimit::None, DeviceLimit::Unapproved] {
        let user = CurrentUser {
            limit,
            ..current_user(Role::Admin, true, Some(0), Some(0))
        };
        assert_eq!(user.may_confirm_recovery(NOW).map(drop), denied());
    }
}

#[test]
fn audit_45_deciding_about_an_approval_takes_a_live_sign_in_and_no_recent_passkey() {
    for (has_passkey, strong, active, expected) in [
        (true, Some(0), Some(0), Ok(())),
        (true, Some(60), Some(0), Ok(())),
        (true, None, Some(0), Ok(())),
        (false, None, Some(0), Ok(())),
        (true, Some(0), None, Err(Denial::SignIn)),
        (true, Some(0), Some(61), Err(Denial::SignIn)),
    ] {
        let user = current_user(Role::Member, has_passkey, strong, active);
        assert_eq!(user.may_decide_approval(NOW).map(drop), expected);
        let in_recovery = CurrentUser {
            limit: DeviceLimit::Recovery(Recovery {
                since: NOW,
                passkey_after: NOW,
                mail: MailConfirmation::NotRequired,
            }),
            ..user
        };
        assert_eq!(in_recovery.may_decide_approval(NOW), Err(Denial::Recovery));
    }
}

#[test]
fn a_recovery_is_cancelled_on_any_device_without_a_limit() {
    for (has_passkey, active) in [(true, Some(0)), (true, None), (false, None)] {
        let user = current_user(Role::Member, has_passkey, None, active);
        assert!(user.may_cancel_recovery().is_ok());
        let limited = CurrentUser {
            limit: DeviceLimit::Unapproved,
            ..user
        };
        assert_eq!(limited.may_cancel_recovery(), Err(Denial::NotApproved));
    }
}

fn program(basis: ProgramBasis) -> ProgramCaller {
    ProgramCaller {
        client: ClientId::from_uuid(Uuid::from_u128(3)),
        name: DisplayName::parse("Inventory").unwrap(),
        permissions: [Permission::UsersRead, Permission::UsersWrite]
            .into_iter()
            .collect(),
        basis,
    }
}

#[test]
fn must_survive_26_a_program_needs_its_scope_and_its_user_a_role_and_a_fresh_passkey() {
    let user = |role, has_passkey, strong| {
        let user = current_user(role, has_passkey, strong, None);
        ProgramBasis::User(TokenFamilyId::from_uuid(Uuid::from_u128(4)), user)
    };
    let client = ProgramBasis::Client("secret".to_owned());
    for (basis, permission, expected) in [
        (client.clone(), Permission::UsersRead, Ok(())),
        (client, Permission::RolesWrite, Err(Denial::Forbidden)),
        (
            user(Role::Admin, true, Some(1)),
            Permission::UsersWrite,
            Ok(()),
        ),
        (
            user(Role::Admin, true, Some(11)),
            Permission::UsersWrite,
            Err(Denial::StepUp),
        ),
        (
            user(Role::Admin, true, None),
            Permission::UsersWrite,
            Err(Denial::StepUp),
        ),
        (
            user(Role::Admin, false, Some(1)),
            Permission::UsersWrite,
            Err(Denial::NeedsPasskey),
        ),
        (
            user(Role::Auditor, true, Some(1)),
            Permission::UsersWrite,
            Err(Denial::Forbidden),
        ),
        (
            user(Role::Auditor, true, Some(1)),
            Permission::UsersRead,
            Ok(()),
        ),
        (
            user(Role::Admin, true, Some(1)),
            Permission::RolesWrite,
            Err(Denial::Forbidden),
        ),
    ] {
        assert_eq!(
            program(basis.clone()).may(permission, NOW),
            expected,
            "{basis:?}"
        );
    }
}

#[test]
fn audit_46_a_program_without_a_user_cannot_vouch() {
    let user = current_user(Role::Admin, true, Some(1), Some(1));
    let family = TokenFamilyId::from_uuid(Uuid::from_u128(4));
    let (alone, for_user) = (
        program(ProgramBasis::Client("secret".to_owned())),
        program(ProgramBasis::User(family, user.clone())),
    );
    for (caller, expected) in [
        (Caller::Operator, true),
        (Caller::User(&user), true),
        (Caller::Program(&for_user), true),
        (Caller::Program(&alone), false),
    ] {
        assert_eq!(caller.may_vouch(), expected, "{caller:?}");
    }
}
