use super::*;
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
        device_id: DeviceId::from_uuid(Uuid::from_u128(2)),
        passkey_verified_at: strong_minutes_ago.map(|m| NOW - Duration::minutes(m)),
        has_passkey,
        is_limited: false,
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
        let answer = current_user(Role::User, has_passkey, strong, active)
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
        current_user(Role::User, true, Some(0), Some(0)).may_administer(NOW),
        Err(Denial::Forbidden)
    );
    assert!(
        current_user(Role::Admin, true, Some(0), Some(0))
            .may_administer(NOW)
            .is_ok()
    );
    assert_eq!(
        current_user(Role::Admin, true, Some(11), Some(0)).may_administer(NOW),
        Err(Denial::StepUp)
    );
    assert_eq!(
        current_user(Role::Admin, true, Some(9), Some(16)).may_administer(NOW),
        Err(Denial::SignIn)
    );
}

#[test]
fn audit_8_administration_requires_a_passkey() {
    assert_eq!(
        current_user(Role::Admin, false, None, Some(0)).may_administer(NOW),
        Err(Denial::NeedsPasskey)
    );
    assert_eq!(
        current_user(Role::Admin, false, None, None).may_administer(NOW),
        Err(Denial::SignIn)
    );
}

#[test]
fn audit_7_a_limited_device_cannot_change_anything_until_approved() {
    let limited = |has_passkey, strong| CurrentUser {
        is_limited: true,
        ..current_user(Role::User, has_passkey, strong, Some(0))
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
    assert!(!future.is_live(Role::User, NOW));
}

#[test]
fn a_session_ends_after_its_absolute_and_its_idle_time() {
    let second = Duration::SECOND;
    for (role, hours, minutes) in [(Role::User, 24, 60), (Role::Admin, 12, 15)] {
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
        }
    }
}

#[test]
fn a_proof_names_its_user() {
    let user = current_user(Role::Admin, true, Some(0), Some(0));
    let proof = user.may_manage_self(NOW).unwrap();
    assert_eq!(proof.current_user(), &user);
    assert_eq!(
        current_user(Role::Admin, false, None, Some(16)).may_administer(NOW),
        Err(Denial::SignIn)
    );
}

#[test]
fn an_approved_device_needs_no_passkey_that_does_not_exist() {
    let user = current_user(Role::User, false, None, Some(0));
    assert!(user.may_manage_self(NOW).is_ok());
    let limited = CurrentUser {
        is_limited: true,
        ..current_user(Role::User, true, Some(0), Some(0))
    };
    assert!(limited.may_manage_self(NOW).is_ok());
}

#[test]
fn the_operator_is_nobody_in_a_browser() {
    assert!(Administrator::operator().is_operator());
    assert_eq!(Administrator::operator().current_user(), None);
    let ada = current_user(Role::Admin, true, Some(0), Some(0));
    let administrator = ada.may_administer(NOW).unwrap();
    assert!(!administrator.is_operator());
    assert_eq!(administrator.current_user(), Some(&ada));
}
