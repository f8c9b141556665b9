//! Transitions of entities: what changes, what stays, and what the event carries.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod entities;

use entities::{NOW, grant, names, passkey, service, token, user, uuid};
use latchkey_domain::{
    access::{
        access_grant::{AccessGrant, AccessGrantOrigin, Scopes},
        rule::Rules,
        service::{Policy, Requirement, Service, ServiceName},
    },
    event::{CacheKey, Ended, Event},
    id::{DeviceId, UserId},
    identity::{
        authenticator::Aaguid,
        enrolment_link::LinkPurpose,
        passkey::{Passkey, PasskeyView},
        user::{Role, Unchanged, UserState, UserStatus},
    },
    name::DisplayName,
    rotating_secret::RotationState,
};
use time::Duration;

#[test]
fn a_changed_grant_is_explicit_and_keeps_its_subject() {
    let end = Some(NOW + Duration::DAY);
    let (changed, event) = grant().change(Scopes::ALL, end, names());
    let expected = AccessGrant {
        scopes: Scopes::ALL,
        origin: AccessGrantOrigin::Explicit,
        expires_at: end,
        ..grant()
    };
    assert_eq!(changed, expected);
    assert_eq!((event.grant, event.before), (expected, grant()));
    assert_eq!(grant().remove(names()).grant, grant());
    assert_eq!(grant().add(names()).grant, grant());
}

#[test]
fn a_token_that_was_replaced_is_accepted_until_its_end() {
    assert_eq!(RotationState::of(None), RotationState::Current);
    assert_eq!(RotationState::Current.until(), None);
    assert!(RotationState::Current.is_accepted(NOW));
    let retiring = RotationState::of(Some(NOW));
    assert_eq!(retiring, RotationState::Retiring { until: NOW });
    assert_eq!(retiring.until(), Some(NOW));
    assert!(retiring.is_accepted(NOW - Duration::SECOND));
    assert!(!retiring.is_accepted(NOW) && !retiring.is_accepted(NOW + Duration::SECOND));
}

#[test]
fn a_rotation_ends_the_former_token_after_the_overlap() {
    let event = service().rotate_token(token("new"), Duration::hours(3));
    assert_eq!(event.until, NOW + Duration::hours(3));
    assert_eq!(
        (event.service, event.token.label.as_str()),
        (service(), "new")
    );
}

#[test]
fn a_changed_service_keeps_its_name_and_its_past_is_in_the_event() {
    let policy = Policy {
        requirement: Requirement::Passkey {
            max_age_seconds: 60,
        },
        admins_enter: false,
    };
    let rules = Rules::parse("public /assets/*").unwrap();
    let (changed, event) = service().change(Vec::new(), policy, rules.clone());
    let expected = Service {
        hosts: Vec::new(),
        policy,
        rules,
        ..service()
    };
    assert_eq!(changed, expected);
    assert_eq!((event.service, event.before), (expected, service()));
    assert_eq!(service().add(token("first")).service, service());
    assert_eq!(service().delete(Ended::default()).service, service());
}

#[test]
fn a_stored_service_name_that_does_not_parse_can_still_be_shown() {
    assert_eq!(ServiceName::from_stored("photos").as_str(), "photos");
    assert_eq!(
        ServiceName::from_stored("Ph0-tos ü/x").as_str(),
        "Ph0-tos???x"
    );
    assert_eq!(
        ServiceName::from_stored(&"A".repeat(100)).as_str().len(),
        63
    );
}

#[test]
fn a_role_and_a_way_to_sign_in_change_once() {
    let (admin, event) = user().set_role(Role::Admin).unwrap();
    assert_eq!((admin.role, event.before), (Role::Admin, Role::Member));
    assert_eq!(event.user, admin);
    assert_eq!(admin.set_role(Role::Admin).unwrap_err(), Unchanged);
    let (strict, event) = user().set_passkey_only(true).unwrap();
    assert!(strict.passkey_only && event.user == strict);
    assert_eq!(
        strict.clone().set_passkey_only(true).unwrap_err(),
        Unchanged
    );
    assert!(!strict.set_passkey_only(false).unwrap().0.passkey_only);
}

#[test]
fn the_state_of_a_user_is_read_from_its_times() {
    let later = NOW + Duration::HOUR;
    for (active, disabled, state, status) in [
        (None, None, UserState::Invited, UserStatus::Invited),
        (
            Some(NOW),
            None,
            UserState::Active { since: NOW },
            UserStatus::Active,
        ),
        (
            Some(NOW),
            Some(later),
            UserState::Disabled {
                at: later,
                active_since: Some(NOW),
            },
            UserStatus::Disabled,
        ),
        (
            None,
            Some(later),
            UserState::Disabled {
                at: later,
                active_since: None,
            },
            UserStatus::Disabled,
        ),
    ] {
        assert_eq!(UserState::of(active, disabled), state);
        assert_eq!(state.status(), status);
    }
    let named = user().named();
    assert_eq!((named.id, named.email), (user().id, user().email));
}

#[test]
fn a_used_passkey_belongs_to_the_device_that_it_is_said_to() {
    let (here, there) = (DeviceId::from_uuid(uuid(8)), DeviceId::from_uuid(uuid(9)));
    let used = passkey().use_on(here, there, "used".to_owned(), true, NOW);
    assert_eq!(used.device, here);
    let expected = Passkey {
        device_id: there,
        credential: "used".to_owned(),
        backed_up: true,
        last_used_at: Some(NOW),
        ..passkey()
    };
    assert_eq!(used.passkey, expected);
    let (renamed, event) = passkey().rename(DisplayName::parse("Spare").unwrap());
    assert_eq!(renamed.name.as_str(), "Spare");
    assert_eq!(event.before.as_str(), "Key");
    assert_eq!(event.passkey, renamed);
    let added = passkey().register(user());
    assert_eq!(added.owner.passkey_since, Some(NOW));
    assert_eq!(added.passkey, passkey());
}

#[test]
fn a_view_of_a_passkey_shows_the_passkey() {
    let bitwarden = "d548826e-79b4-db40-a3d8-11116f7e8349".parse().unwrap();
    let aaguid = Aaguid::from_uuid(bitwarden).unwrap();
    let shown = PasskeyView::from(Passkey {
        backed_up: true,
        aaguid: Some(aaguid),
        last_used_at: Some(NOW),
        ..passkey()
    });
    let Passkey {
        id,
        name,
        device_id,
        created_at,
        ..
    } = passkey();
    assert_eq!(
        shown,
        PasskeyView {
            id,
            name,
            device_id,
            backed_up: true,
            aaguid: Some(aaguid),
            authenticator: Some("Bitwarden".to_owned()),
            created_at,
            last_used_at: Some(NOW)
        }
    );
}

#[test]
fn a_link_is_for_the_first_administrator_or_for_a_user() {
    let invited = UserId::from_uuid(uuid(2));
    assert_eq!(LinkPurpose::Setup.as_str(), "setup");
    assert_eq!(LinkPurpose::Setup.user(), None);
    assert_eq!(LinkPurpose::Invitation(invited).as_str(), "invitation");
    assert_eq!(LinkPurpose::Invitation(invited).user(), Some(invited));
}

#[test]
fn what_ended_is_empty_only_if_nothing_did() {
    assert!(Ended::default().is_empty());
    assert!(!Ended::new([(1, "session")]).is_empty());
}

#[test]
fn changes_of_grants_and_services_are_dropped_from_every_memory() {
    let of_grant = Event::from(grant().change(Scopes::ALL, None, names()).1);
    assert_eq!(of_grant.invalidates(), [CacheKey::User(grant().user_id)]);
    let (_, changed) = service().change(Vec::new(), Policy::default(), Rules::default());
    assert_eq!(Event::from(changed).invalidates(), [CacheKey::Services]);
}
