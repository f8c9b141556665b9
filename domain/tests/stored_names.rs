//! The names under which values are stored in databases and sent to services. Changing one makes existing rows and
//! configurations unreadable.

use latchkey_domain::{
    access::{
        access_grant::{AccessGrantOrigin, Scope, Scopes},
        rule::Audience,
        service::ServiceName,
    },
    audit::{
        event::Action,
        filter::{FilterField, Outcome},
    },
    identity::{
        device::{Assurance, DeviceKind, Registration},
        user::{Role, UserStatus},
    },
    mail::MailState,
    notification::NotificationKind,
};
use std::{fmt::Debug, str::FromStr};

fn assert_parses_back<T: FromStr + PartialEq + Debug>(
    names: &[(T, &str)],
    name: fn(&T) -> &'static str,
) where
    T::Err: Debug,
{
    for (value, expected) in names {
        assert_eq!(name(value), *expected);
        assert_eq!(expected.parse::<T>().as_ref().ok(), Some(value));
        for other in [
            expected.to_uppercase(),
            format!("{expected} "),
            String::new(),
        ] {
            assert!(other.parse::<T>().is_err(), "{other:?}");
        }
    }
}

#[test]
fn stored_names_do_not_change() {
    let roles = ["admin", "auditor", "helper", "member"];
    for (role, name) in Role::BUILT_IN.iter().zip(roles) {
        assert_eq!((role.as_str(), name.parse().as_ref()), (name, Ok(role)));
    }
    assert_parses_back(
        &[
            (DeviceKind::Phone, "phone"),
            (DeviceKind::Tablet, "tablet"),
            (DeviceKind::Computer, "computer"),
            (DeviceKind::Program, "program"),
            (DeviceKind::Other, "other"),
        ],
        |kind| kind.as_str(),
    );
    assert_parses_back(
        &[
            (Registration::Link, "link"),
            (Registration::Code, "code"),
            (Registration::Passkey, "passkey"),
            (Registration::Approval, "approval"),
            (Registration::DiagnosticDevice, "probe"),
        ],
        |registration| registration.as_str(),
    );
    assert_parses_back(
        &[
            (AccessGrantOrigin::Explicit, "explicit"),
            (AccessGrantOrigin::Admin, "admin"),
        ],
        |origin| origin.as_str(),
    );
    assert_parses_back(
        &[
            (Scope::Username, "read:username"),
            (Scope::Email, "read:email"),
            (Scope::UserRole, "read:user-role"),
        ],
        |scope| scope.as_str(),
    );
    assert_parses_back(
        &[
            (Audience::Public, "public"),
            (Audience::Users, "users"),
            (Audience::Admins, "admins"),
            (Audience::Nobody, "nobody"),
        ],
        |audience| audience.as_str(),
    );
    assert_parses_back(
        &[
            (NotificationKind::DeviceAdded, "device_added"),
            (NotificationKind::PasskeyCopied, "passkey_copied"),
            (NotificationKind::RefreshTokenReused, "refresh_token_reused"),
        ],
        |kind| kind.as_str(),
    );
}

#[test]
fn printed_names_do_not_change() {
    assert_eq!(Role::Admin.to_string(), "admin");
    assert_eq!(
        [Assurance::Registered, Assurance::Passkey].map(Assurance::as_str),
        ["registered", "passkey"]
    );
    assert_eq!(
        [
            UserStatus::Invited,
            UserStatus::Active,
            UserStatus::Disabled
        ]
        .map(UserStatus::as_str),
        ["invited", "active", "disabled"]
    );
}

#[test]
fn names_in_addresses_do_not_change() {
    assert_eq!(
        FilterField::ALL.map(FilterField::as_str),
        [
            "user", "device", "service", "outcome", "network", "since", "until"
        ]
    );
    let mails = [MailState::Waiting, MailState::Failed];
    assert_eq!(mails.map(MailState::as_str), ["waiting", "failed"]);
    let outcomes = [Outcome::Done, Outcome::Refused];
    assert_eq!(outcomes.map(Outcome::as_str), ["done", "refused"]);
}

#[test]
fn an_unknown_stored_name_is_the_weakest_value() {
    assert_eq!(DeviceKind::from_word("watch"), DeviceKind::Other);
    assert_eq!(DeviceKind::from_word("phone"), DeviceKind::Phone);
    assert_eq!(Registration::from_word("magic"), Registration::Code);
    assert_eq!(Registration::from_word("passkey"), Registration::Passkey);
    assert_eq!(
        AccessGrantOrigin::from_word("magic"),
        AccessGrantOrigin::Admin
    );
    assert_eq!(
        AccessGrantOrigin::from_word("explicit"),
        AccessGrantOrigin::Explicit
    );
}

#[test]
fn an_unknown_role_or_scope_is_an_error() {
    assert_eq!(
        "Owner!".parse::<Role>().unwrap_err().to_string(),
        "not a role"
    );
    let long = format!("read:\u{1b}[31m{}", "x".repeat(100));
    assert_eq!(
        long.parse::<Scope>().unwrap_err().to_string(),
        format!("`read:[31m{}` is not a scope", "x".repeat(31))
    );
}

#[test]
fn scopes_are_stored_in_their_printed_order() {
    let [username, email, role] = Scope::ALL;
    for (scopes, text) in [
        (&[][..], ""),
        (&[email], "read:email"),
        (&[role, username], "read:username read:user-role"),
        (
            &[role, email, username, role],
            "read:username read:email read:user-role",
        ),
    ] {
        let set: Scopes = scopes.iter().copied().collect();
        assert_eq!(set.to_string(), text);
        assert_eq!(String::from(set), text);
        assert_eq!(Scopes::try_from(text.to_owned()), Ok(set));
        assert_eq!(text.parse(), Ok(set));
        for scope in Scope::ALL {
            assert_eq!(set.contains(scope), scopes.contains(&scope), "{text}");
        }
        assert!(
            set.iter().eq(Scope::ALL
                .into_iter()
                .filter(|scope| scopes.contains(scope)))
        );
    }
    assert_eq!(Scopes::NONE, Scopes::default());
    assert_eq!(Scopes::ALL, Scope::ALL.into_iter().collect());
    assert!("read:email read:everything".parse::<Scopes>().is_err());
}

#[test]
fn a_service_name_is_stored_as_it_is_written() {
    let name = ServiceName::try_from("photo-gallery".to_owned()).unwrap();
    assert_eq!("photo-gallery".parse(), Ok(name.clone()));
    assert_eq!(
        (name.as_str(), &*name.to_string()),
        ("photo-gallery", "photo-gallery")
    );
    assert!(ServiceName::try_from("Photos".to_owned()).is_err());
}

#[test]
fn an_action_is_printed_as_it_is_stored() {
    for action in Action::ALL {
        assert_eq!(action.to_string(), action.as_str());
        assert_eq!(Action::from_word(action.as_str()), Some(*action));
    }
    assert_eq!(Action::from_word("device.invented"), None);
}
