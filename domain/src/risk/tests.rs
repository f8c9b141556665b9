//! Tables: what a score is made of, what it asks for, what is learnt.

mod demands;
mod learning;
mod parsing;
mod replay;
mod scores;

use super::*;
use crate::{id::DeviceId, identity::device::AuthMethod};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

/// A Monday.
const START: OffsetDateTime = datetime!(2026-11-02 09:00 UTC);

fn device(number: u128) -> DeviceId {
    DeviceId::from_uuid(Uuid::from_u128(number))
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn city(country: &str, latitude: f64, longitude: f64) -> Option<Place> {
    Some(Place {
        country: Country::parse(country),
        coordinates: Some(Coordinates::new(latitude, longitude, 10).unwrap()),
        operator: None,
    })
}

fn berlin() -> Option<Place> {
    city("DE", 52.52, 13.40)
}

fn lagos() -> Option<Place> {
    city("NG", 6.45, 3.39)
}

/// At home, on the user's own device.
fn usual() -> Signals {
    Signals {
        place: berlin(),
        network: Some(ip("192.0.2.7").into()),
        reputation: Some(Reputation::Unlisted),
        device: Some(DeviceSignal::Registered(device(1))),
        behaviour: None,
        is_synthetic: None,
        failures: Some(Failures::new(0).unwrap()),
        contradicts_device: Some(false),
        other_browser: Some(false),
        contradicts_clock: None,
        is_automated: Some(false),
        lacks_binding: None,
    }
}

fn strong() -> StrongSignIn {
    StrongSignIn::of(AuthMethod::PasskeySynced, Level::Low).unwrap()
}

/// Two weeks of mornings at home.
fn settled() -> (Baseline, OffsetDateTime) {
    let mut baseline = Baseline::default();
    for day in 0..14 {
        let at = START + Duration::days(day);
        baseline.learn(strong(), &usual(), device(1), at);
    }
    (baseline, START + Duration::days(14))
}

fn score(signals: &Signals, baseline: &Baseline, now: OffsetDateTime) -> u8 {
    assess(signals, baseline, &Weights::default(), now).score
}
