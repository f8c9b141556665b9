//! The cost of an assessment, of learning from it, and of a look-up in a long block list.

use divan::{Bencher, black_box};
use latchkey_domain::{
    id::DeviceId,
    identity::device::AuthMethod,
    risk::{
        AddressSet, Baseline, Coordinates, Country, DeviceSignal, Failures, Level, Likelihood,
        NetworkKey, Place, Reputation, Signals, StrongSignIn, Weights, assess,
    },
};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

/// The most that an assessment may cost.
const LIMIT: std::time::Duration = std::time::Duration::from_micros(20);

/// Prints the cost of the most expensive assessment beside its limit, then the rest; fails above the limit.
fn main() {
    const ROUNDS: u32 = 100_000;
    let (baseline, signals, weights) = (full(), signals(200), Weights::default());
    let begun = std::time::Instant::now();
    for _ in 0..ROUNDS {
        black_box(assess(black_box(&signals), &baseline, &weights, NOW));
    }
    let took = begun.elapsed() / ROUNDS;
    println!("an assessment: {took:?}, at most {LIMIT:?}");
    assert!(took < LIMIT, "an assessment costs too much");
    divan::main();
}

fn signals(number: u8) -> Signals {
    Signals {
        place: Some(Place {
            country: Country::parse("DE"),
            coordinates: Coordinates::new(f64::from(number), f64::from(number), 20).ok(),
            operator: Some(3320),
        }),
        network: Some(NetworkKey::from(IpAddr::from([10, 0, number, 1]))),
        reputation: Some(Reputation::Unlisted),
        device: Some(DeviceSignal::Registered(DeviceId::from_uuid(
            Uuid::from_u128(u128::from(number)),
        ))),
        behaviour: Likelihood::new(0.4).ok(),
        is_synthetic: Some(false),
        failures: Failures::new(3).ok(),
        contradicts_device: Some(false),
        other_browser: Some(false),
        contradicts_clock: Some(false),
        is_automated: Some(false),
        lacks_binding: Some(false),
    }
}

/// A baseline that is as large as it gets.
fn full() -> Baseline {
    let mut baseline = Baseline::default();
    for number in 0..64_u8 {
        if let Some(proof) = StrongSignIn::of(AuthMethod::PasskeySynced, Level::Low) {
            let at = NOW - Duration::hours(64 - i64::from(number));
            let device = DeviceId::from_uuid(Uuid::from_u128(u128::from(number)));
            baseline.learn(proof, &signals(number), device, at);
        }
    }
    baseline
}

#[divan::bench]
fn an_assessment(bencher: Bencher<'_, '_>) {
    let (baseline, signals, weights) = (full(), signals(200), Weights::default());
    bencher.bench(|| assess(black_box(&signals), &baseline, &weights, NOW));
}

#[divan::bench]
fn an_assessment_of_a_cold_start(bencher: Bencher<'_, '_>) {
    let (baseline, signals, weights) = (Baseline::default(), signals(200), Weights::default());
    bencher.bench(|| assess(black_box(&signals), &baseline, &weights, NOW));
}

#[divan::bench]
fn an_address_among_a_hundred_thousand(bencher: Bencher<'_, '_>) {
    let ranges = (0..100_000_u32).map(|number| {
        let ip = IpAddr::from((0x0b00_0000 + number * 512).to_be_bytes());
        format!("{ip}/24").parse().ok()
    });
    let set: AddressSet = ranges.flatten().collect();
    let ip = IpAddr::from([11, 7, 7, 7]);
    bencher.bench(|| set.contains(black_box(ip)));
}
