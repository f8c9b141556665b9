//! What a device owes after unusual sign-ins, and how that ends.

use super::*;
use crate::risk::{Answer, Demand, Level};
use time::macros::datetime;
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn proof(method: AuthMethod, risk: &str) -> Authentication {
    Authentication {
        at: NOW,
        method,
        limit: DeviceLimit::None,
        risk: risk.parse().ok(),
        browser: None,
        secret_tag: vec![1],
        expires_at: NOW + DEFAULT_LIFETIME,
    }
}

fn registered(method: AuthMethod, risk: &str) -> Device {
    let new = NewDevice {
        id: DeviceId::from_uuid(Uuid::from_u128(1)),
        user_id: UserId::from_uuid(Uuid::from_u128(2)),
        name: "Laptop".parse().unwrap(),
        kind: DeviceKind::Computer,
        ip: None,
    };
    Device::register(new, proof(method, risk)).0
}

const USUAL: &str = "0 low enforce nothing";
const HIGH: &str = "55 high enforce passkey";
const HELD: &str = "80 held enforce approval";

fn owes(device: &Device) -> Option<Demand> {
    device.challenge.map(|owed| owed.demand)
}

#[test]
fn audit_51_a_code_does_not_give_what_a_passkey_owes() {
    let device = registered(AuthMethod::Code, HIGH);
    assert_eq!(owes(&device), Some(Demand::Passkey));
    let (device, _) = device.sign_in(proof(AuthMethod::Code, USUAL)).unwrap();
    assert_eq!(owes(&device), Some(Demand::Passkey), "at home, too");
    let (device, _) = device.sign_out(NOW).unwrap();
    let (device, _) = device.sign_in(proof(AuthMethod::Code, USUAL)).unwrap();
    assert_eq!(owes(&device), Some(Demand::Passkey), "after signing out");
    let (device, _) = device
        .sign_in(proof(AuthMethod::PasskeySynced, USUAL))
        .unwrap();
    assert!(!device.is_challenged());
}

#[test]
fn audit_51_a_held_device_waits_for_approval_whatever_is_used_on_it() {
    for method in [
        AuthMethod::Code,
        AuthMethod::PasskeyDeviceBound,
        AuthMethod::LinkAndCode,
    ] {
        let device = registered(method, HELD);
        assert_eq!(device.limit, DeviceLimit::Held, "{method:?}");
        let (device, _) = device
            .sign_in(proof(AuthMethod::PasskeySynced, USUAL))
            .unwrap();
        assert_eq!(
            (device.limit, device.is_challenged()),
            (DeviceLimit::Held, true)
        );
        let (approved, _) = device.clone().approve(true).unwrap();
        assert_eq!(
            (approved.limit, approved.challenge),
            (DeviceLimit::None, None)
        );
        let (collected, _) = device.sign_in(proof(AuthMethod::Approval, HELD)).unwrap();
        assert_eq!(
            (collected.limit, collected.challenge),
            (DeviceLimit::None, None)
        );
    }
}

#[test]
fn a_device_of_the_user_can_be_held_too() {
    let device = registered(AuthMethod::PasskeySynced, USUAL);
    let (device, event) = device
        .sign_in(proof(AuthMethod::PasskeySynced, HELD))
        .unwrap();
    assert_eq!(device.limit, DeviceLimit::Held);
    assert_eq!(event.risk.map(|risk| risk.assessment.score), Some(80));
}

#[test]
fn audit_51_shadow_mode_asks_for_nothing() {
    let shadow = "80 held shadow approval";
    let device = registered(AuthMethod::Code, shadow);
    assert_eq!((device.limit, device.challenge), (DeviceLimit::None, None));
    let (device, event) = device.assess_return(NOW, shadow.parse().unwrap(), None);
    assert!(!device.is_challenged());
    assert_eq!(event.risk.demand, Demand::Approval);
}

#[test]
fn audit_51_a_recovery_keeps_its_own_limit() {
    let recovery = Authentication {
        limit: DeviceLimit::Recovery(Recovery {
            since: NOW,
            passkey_after: NOW,
            mail: MailConfirmation::NotRequired,
        }),
        ..proof(AuthMethod::Recovery, HELD)
    };
    let (device, _) = registered(AuthMethod::Code, HELD)
        .sign_in(recovery)
        .unwrap();
    assert!(device.limit.is_recovery());
    assert!(device.is_challenged(), "what it owed before, it owes");
}

#[test]
fn a_return_that_asks_for_less_lowers_nothing() {
    let device = registered(AuthMethod::Code, HIGH);
    let note = "30 medium enforce authentication".parse().unwrap();
    let (device, event) = device.assess_return(NOW, note, None);
    assert_eq!(owes(&device), Some(Demand::Passkey));
    assert_eq!(event.before.challenge, device.challenge);
}

#[test]
fn a_device_is_known_as_the_browsers_in_which_its_user_gave_what_was_asked_for() {
    let profile = |text: &str| text.parse::<BrowserProfile>().unwrap();
    let on = |browser, method, risk| Authentication {
        browser: Some(profile(browser)),
        ..proof(method, risk)
    };
    let new = NewDevice {
        id: DeviceId::from_uuid(Uuid::from_u128(1)),
        user_id: UserId::from_uuid(Uuid::from_u128(2)),
        name: "Phone".parse().unwrap(),
        kind: DeviceKind::Phone,
        ip: None,
    };
    let first = on("chrome/android", AuthMethod::Code, USUAL);
    let (device, _) = Device::register(new, first);
    // A code does not give what a passkey owes, in shadow mode either.
    for risk in [HIGH, "55 high shadow passkey"] {
        let elsewhere = on("firefox/linux", AuthMethod::Code, risk);
        let (device, _) = device.clone().sign_in(elsewhere).unwrap();
        assert_eq!(device.browsers.to_string(), "chrome/android", "{risk}");
    }
    let desktop = on("chrome/linux", AuthMethod::PasskeySynced, HIGH);
    let (device, _) = device.sign_in(desktop).unwrap();
    assert_eq!(device.browsers.to_string(), "chrome/android chrome/linux");
}

#[test]
fn a_passkey_answers_an_assessment_and_a_code_does_not() {
    let risk = |method, risk: &str| {
        let risk = registered(method, risk).risk();
        (risk.level, risk.answer)
    };
    let medium = "30 medium enforce authentication";
    let (bound, synced) = (AuthMethod::PasskeyDeviceBound, AuthMethod::PasskeySynced);
    assert_eq!(risk(AuthMethod::Code, USUAL), (Level::Low, Answer::None));
    assert_eq!(
        risk(AuthMethod::Code, medium),
        (Level::Medium, Answer::None)
    );
    assert_eq!(risk(synced, medium), (Level::Medium, Answer::Passkey));
    assert_eq!(risk(bound, HIGH), (Level::High, Answer::DeviceBoundPasskey));
    assert_eq!(
        risk(AuthMethod::Code, "55 high shadow passkey"),
        (Level::Low, Answer::None),
        "scores have no effect"
    );
    // What it proved before says nothing of what came later.
    let later = NOW + Duration::HOUR;
    let (device, _) = registered(synced, USUAL).assess_return(later, HIGH.parse().unwrap(), None);
    assert_eq!(
        (device.risk().level, device.risk().answer),
        (Level::High, Answer::None)
    );
    let (device, _) = device.assess_return(later, medium.parse().unwrap(), None);
    assert_eq!(device.risk().level, Level::High, "a return lowers nothing");
    let (device, _) = device.sign_in(proof(AuthMethod::Code, USUAL)).unwrap();
    assert_eq!(device.risk().level, Level::Low);
}
