use super::*;
use uuid::Uuid;

pub(super) const FIRST: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

/// What a code gives: `Unapproved` beside a passkey.
const fn limit(is_limited: bool) -> DeviceLimit {
    DeviceLimit::of(is_limited, None)
}

fn proof(method: AuthMethod, is_limited: bool) -> Authentication {
    Authentication {
        at: FIRST,
        method,
        limit: limit(is_limited),
        risk: None,
        browser: None,
        secret_tag: vec![1],
        expires_at: FIRST + DEFAULT_LIFETIME,
    }
}

pub(super) fn device(method: AuthMethod, is_limited: bool) -> Device {
    let new = NewDevice {
        id: DeviceId::from_uuid(Uuid::from_u128(1)),
        user_id: UserId::from_uuid(Uuid::from_u128(2)),
        name: DisplayName::parse("Laptop").unwrap(),
        kind: DeviceKind::Computer,
        ip: None,
    };
    Device::register(new, proof(method, is_limited)).0
}

#[test]
fn revoking_twice_keeps_the_first_time() {
    let later = FIRST + Duration::HOUR;
    let (revoked, event) = device(AuthMethod::Code, false).revoke(FIRST).unwrap();
    assert_eq!(revoked.state, DeviceState::Revoked { at: FIRST });
    assert_eq!(event.before, DeviceState::Active);
    let again = revoked.clone().revoke(later).unwrap_err();
    assert_eq!(again, AlreadyRevoked { at: FIRST });
    assert!(revoked.clone().sign_out(later).is_err());
    assert!(revoked.sign_in(proof(AuthMethod::Code, false)).is_err());
}

#[test]
fn a_signed_out_device_can_be_revoked_and_stays_revoked() {
    let later = FIRST + Duration::HOUR;
    let (signed_out, _) = device(AuthMethod::PasskeySynced, false)
        .sign_out(FIRST)
        .unwrap();
    assert_eq!(signed_out.state, DeviceState::SignedOut { at: FIRST });
    assert_eq!(signed_out.passkey_verified_at, None);
    assert_eq!(signed_out.clone().sign_out(later).unwrap_err(), NotSignedIn);
    let (revoked, event) = signed_out.revoke(later).unwrap();
    assert_eq!(revoked.state, DeviceState::Revoked { at: later });
    assert_eq!(event.before, DeviceState::SignedOut { at: FIRST });
    assert_eq!(
        DeviceState::of(Some(later), Some(FIRST)),
        DeviceState::Revoked { at: FIRST }
    );
}

#[test]
fn audit_7_a_device_is_limited_until_something_stronger_than_a_code_vouches_for_it() {
    use AuthMethod::{Code, LinkAndCode, PasskeyDeviceBound};
    for (method, is_limited, expected) in [
        (Code, false, false),
        (Code, true, true),
        (LinkAndCode, true, false),
        (PasskeyDeviceBound, true, false),
    ] {
        assert_eq!(
            device(method, is_limited).limit,
            limit(expected),
            "{method:?}"
        );
    }
    // One that stayed signed in is what it was; one that comes back is as good as its proof.
    let sign_in = |device: Device, method, is_limited| {
        let (device, _) = device.sign_in(proof(method, is_limited)).unwrap();
        device.limit.is_limited()
    };
    assert!(sign_in(device(Code, true), Code, false));
    assert!(!sign_in(device(Code, true), PasskeyDeviceBound, false));
    let back = |is_limited| device(Code, is_limited).sign_out(FIRST).unwrap().0;
    assert!(sign_in(back(false), Code, true));
    assert!(!sign_in(back(true), Code, false));
    let (approved, _) = device(Code, true).approve(true).unwrap();
    assert!(!approved.limit.is_limited());
    assert_eq!(approved.approve(true).unwrap_err(), NotLimited);
}

#[test]
fn a_device_keeps_the_assertion_of_the_passkeys_that_are_left_and_gains_none() {
    let strong = device(AuthMethod::PasskeySynced, false);
    assert_eq!(strong.clone().weaken(Some(FIRST)), None);
    assert_eq!(strong.clone().weaken(Some(FIRST + Duration::HOUR)), None);
    let weak = strong.weaken(None).unwrap();
    assert_eq!(weak.passkey_verified_at, None);
    assert_eq!(weak.weaken(Some(FIRST)), None);
}

#[test]
fn audit_22_a_device_whose_passkey_was_removed_says_no_method() {
    let (first, later) = (Some(FIRST), FIRST + Duration::HOUR);
    let used_at = |at, method| Device {
        passkey_verified_at: Some(at),
        ..device(method, false)
    };
    for method in [AuthMethod::PasskeySynced, AuthMethod::PasskeyDeviceBound] {
        for left in [None, first] {
            let weak = used_at(later, method).weaken(left).unwrap();
            assert!(weak.auth_method.amr().is_empty(), "{method:?} {left:?}");
        }
    }
    // A code that came after the passkey is still what proved the user.
    let weak = used_at(later, AuthMethod::Code).weaken(None).unwrap();
    assert_eq!(weak.auth_method.amr(), ["otp"]);
}

#[test]
fn a_sign_in_replaces_secret_times_and_method_and_keeps_the_rest() {
    let (later, end) = (FIRST + Duration::HOUR, FIRST + Duration::DAY);
    let before = device(AuthMethod::Code, false).sign_out(FIRST).unwrap().0;
    let proof = Authentication {
        at: later,
        method: AuthMethod::PasskeyDeviceBound,
        limit: DeviceLimit::None,
        risk: None,
        browser: None,
        secret_tag: vec![2],
        expires_at: end,
    };
    let (after, event) = before.clone().sign_in(proof).unwrap();
    let expected = Device {
        secret_tag: vec![2],
        last_seen_at: later,
        last_auth_at: later,
        auth_method: AuthMethod::PasskeyDeviceBound,
        passkey_verified_at: Some(later),
        expires_at: end,
        state: DeviceState::Active,
        ..before.clone()
    };
    assert_eq!(after, expected);
    assert_eq!((event.device, event.before), (after.clone(), before));
    // A code leaves what the passkey gave.
    let (again, _) = after.sign_in(self::proof(AuthMethod::Code, false)).unwrap();
    assert_eq!(again.passkey_verified_at, Some(later));
}

#[test]
fn a_renamed_device_has_the_new_name_and_the_event_both() {
    let (renamed, event) =
        device(AuthMethod::Code, false).rename(DisplayName::parse("Phone").unwrap());
    assert_eq!(renamed.name.as_str(), "Phone");
    assert_eq!(event.before.as_str(), "Laptop");
    assert_eq!(event.device, renamed);
}

#[test]
fn only_a_device_that_is_neither_signed_out_nor_revoked_is_active() {
    let active = device(AuthMethod::Code, false);
    assert!(active.is_active() && !active.is_revoked());
    let (signed_out, _) = active.clone().sign_out(FIRST).unwrap();
    assert!(!signed_out.is_active() && !signed_out.is_revoked());
    let (revoked, _) = active.revoke(FIRST).unwrap();
    assert!(!revoked.is_active() && revoked.is_revoked());
}

fn recovery(passkey_after: OffsetDateTime) -> DeviceLimit {
    DeviceLimit::Recovery(Recovery {
        since: passkey_after - Duration::DAY,
        passkey_after,
        mail: MailConfirmation::NotRequired,
    })
}

/// A proof by a recovery code at `at`, with a cooling-off period of a day.
fn code_at(at: OffsetDateTime) -> Authentication {
    Authentication {
        at,
        method: AuthMethod::Recovery,
        limit: recovery(at + Duration::DAY),
        ..proof(AuthMethod::Recovery, true)
    }
}

#[test]
fn audit_46_a_recovery_code_limits_the_device_whatever_it_was() {
    let limited = |device: Device| {
        let (device, _) = device.sign_in(code_at(FIRST)).unwrap();
        assert_eq!(device.passkey_verified_at, None);
        assert!(device.auth_method.amr().is_empty());
        device.limit
    };
    for method in [AuthMethod::Code, AuthMethod::PasskeyDeviceBound] {
        for was_limited in [false, true] {
            let before = device(method, was_limited);
            assert_eq!(limited(before.clone()), recovery(FIRST + Duration::DAY));
            let signed_out = before.sign_out(FIRST).unwrap().0;
            assert_eq!(limited(signed_out), recovery(FIRST + Duration::DAY));
        }
    }
}

#[test]
fn only_a_passkey_or_a_link_that_is_vouched_for_ends_a_recovery() {
    let (recovering, _) = device(AuthMethod::Code, false)
        .sign_in(code_at(FIRST))
        .unwrap();
    for (method, expected) in [
        (AuthMethod::Code, recovering.limit),
        (AuthMethod::PasskeySynced, DeviceLimit::None),
        (AuthMethod::PasskeyDeviceBound, DeviceLimit::None),
        (AuthMethod::LinkAndCode, DeviceLimit::None),
    ] {
        let (after, _) = recovering.clone().sign_in(proof(method, false)).unwrap();
        assert_eq!(after.limit, expected, "{method:?}");
    }
    assert_eq!(recovering.approve(true).unwrap_err(), NotLimited);
}

#[test]
fn must_survive_29_another_code_neither_shortens_nor_restarts_a_recovery_under_way() {
    let (first, _) = device(AuthMethod::Code, false)
        .sign_in(code_at(FIRST))
        .unwrap();
    let after = FIRST + Duration::DAY;
    let lapsed = after + RECOVERY_WINDOW + Duration::SECOND;
    for (at, expected) in [
        (FIRST + Duration::HOUR, after),
        (after, after),
        (after + RECOVERY_WINDOW, after),
        // It lapsed, and begins again.
        (lapsed, lapsed + Duration::DAY),
        // The clock was set back: the wait is never longer than that of a new code.
        (FIRST - Duration::DAY, FIRST),
    ] {
        let (again, _) = first.clone().sign_in(code_at(at)).unwrap();
        assert_eq!(again.limit, recovery(expected), "{at}");
    }
    // Whoever signed out begins again.
    let signed_out = first.sign_out(FIRST).unwrap().0;
    let later = FIRST + Duration::HOUR;
    let (again, _) = signed_out.sign_in(code_at(later)).unwrap();
    assert_eq!(again.limit, recovery(later + Duration::DAY));
}

#[test]
fn a_limit_reads_back_from_its_columns() {
    for limit in [DeviceLimit::None, DeviceLimit::Unapproved, recovery(FIRST)] {
        let read = DeviceLimit::of(limit.is_limited(), limit.recovery());
        assert_eq!(read, limit);
    }
    // A column that was lost must not lift it.
    let kept = DeviceLimit::of(false, recovery(FIRST).recovery());
    assert_eq!(kept, recovery(FIRST));
}
