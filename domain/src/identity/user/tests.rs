use super::*;

#[test]
fn audit_7_a_code_gives_a_limited_device_once_a_passkey_exists() {
    use {CodeUse::*, PasskeyOnly::*};
    for (installation, role, is_set_so, had_passkey, worth) in [
        (Administrators, Role::Member, false, false, Full),
        (Administrators, Role::Member, false, true, Limited),
        (Administrators, Role::Member, true, false, Refused),
        (Administrators, Role::Member, true, true, Refused),
        // Before the first passkey there is nothing else to come in with.
        (Administrators, Role::Admin, false, false, Full),
        (Administrators, Role::Admin, false, true, Refused),
        (Everyone, Role::Member, false, false, Refused),
        (Everyone, Role::Member, false, true, Refused),
        (Everyone, Role::Admin, false, false, Refused),
    ] {
        assert_eq!(
            CodeUse::of(installation, role, is_set_so, had_passkey),
            worth,
            "{installation:?} {role} {is_set_so} {had_passkey}"
        );
    }
}

#[test]
fn a_disabled_user_is_enabled_to_what_they_were() {
    let now = OffsetDateTime::UNIX_EPOCH;
    let invited = User::invite(
        UserId::from_uuid(uuid::Uuid::nil()),
        Email::parse("ada@example.com").unwrap(),
        DisplayName::parse("Ada").unwrap(),
        Role::Admin,
        now,
    );
    let active = invited.clone().activate(now).unwrap();
    assert_eq!(active.clone().activate(now), None);
    assert!(active.is_active_administrator() && !invited.is_active_administrator());
    for user in [invited, active] {
        assert!(!user.is_disabled());
        let (disabled, _) = user.clone().disable(now).unwrap();
        assert!(disabled.is_disabled() && !disabled.is_active_administrator());
        assert_eq!(disabled.clone().disable(now).unwrap_err(), Unchanged);
        assert_eq!(disabled.clone().activate(now), None);
        assert_eq!(disabled.enable().unwrap().0, user);
        assert_eq!(user.enable().unwrap_err(), Unchanged);
    }
}

#[test]
fn a_user_with_a_first_passkey_keeps_its_time() {
    let (first, later) = (
        OffsetDateTime::UNIX_EPOCH,
        OffsetDateTime::UNIX_EPOCH + time::Duration::HOUR,
    );
    let user = User::invite(
        UserId::from_uuid(uuid::Uuid::nil()),
        Email::parse("ada@example.com").unwrap(),
        DisplayName::parse("Ada").unwrap(),
        Role::Member,
        first,
    );
    let user = user.with_passkey(first).with_passkey(later);
    assert_eq!(user.passkey_since, Some(first));
    assert_eq!(user.set_role(Role::Member).unwrap_err(), Unchanged);
}
