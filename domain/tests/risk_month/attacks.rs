//! The attackers, after the month: each attacks a third of the users.

use crate::{
    report::Rates,
    world::{ABROAD, START, Spot, World},
};
use latchkey_domain::{
    identity::device::AuthMethod,
    risk::{Demand, DeviceSignal, Failures, Signals},
};
use time::{Duration, OffsetDateTime};

/// The day after the month, at an hour of UTC.
fn hour(hour: i64) -> OffsetDateTime {
    START + Duration::days(44) + Duration::hours(hour)
}

fn abroad(world: &mut World) -> Spot {
    let far = usize::try_from(world.random.below(4)).unwrap();
    let (country, latitude, longitude) = ABROAD[far];
    let network = [
        140 + u8::try_from(world.random.below(80)).unwrap(),
        u8::try_from(world.random.below(250)).unwrap(),
        u8::try_from(world.random.below(250)).unwrap(),
    ];
    Spot {
        country,
        latitude,
        longitude,
        network,
    }
}

pub(crate) fn all(world: &mut World, rates: &mut Rates) {
    for index in (0..world.users.len()).step_by(3) {
        new_device(world, rates, index);
        stolen_cookie(world, rates, index);
        stuffing(world, rates, index);
        drift(world, rates, index);
    }
}

/// Those of whoever has a cookie and never comes to Latchkey's own pages.
pub(crate) fn at_services(world: &mut World, rates: &mut Rates) {
    for index in (0..world.users.len()).step_by(3) {
        stolen_cookie(world, rates, index);
        other_browser(world, rates, index);
        drift(world, rates, index);
    }
}

/// A copied cookie at home, as by malware on a neighbouring machine, in a browser that says what it is.
fn other_browser(world: &mut World, rates: &mut Rates, index: usize) {
    let device = DeviceSignal::Returning(world.users[index].devices[0]);
    let signals = Signals {
        other_browser: Some(true),
        ..world.signals(world.users[index].home, device)
    };
    let found = world.assess(index, &signals, hour(11));
    let asked = Demand::of_return(found.level, true);
    rates.attack("stolen cookie in another browser", asked > Demand::Nothing);
}

/// A code that was phished, on a new device far away, at night: noticed if it needs a passkey or an approval.
fn new_device(world: &mut World, rates: &mut Rates, index: usize) {
    let spot = abroad(world);
    let signals = world.signals(spot, DeviceSignal::New);
    let found = world.assess(index, &signals, hour(2));
    let asked = Demand::of(found.level, true, true);
    rates.attack(
        "new device far away at night",
        !asked.is_met_by(AuthMethod::Code),
    );
}

/// A copied cookie: noticed if it opens nothing until its user authenticates. Abroad; and 200 km away, which is printed and is not
/// promised.
fn stolen_cookie(world: &mut World, rates: &mut Rates, index: usize) {
    let device = DeviceSignal::Returning(world.users[index].devices[0]);
    let far = abroad(world);
    let near = Spot {
        latitude: world.users[index].home.latitude + 1.8,
        network: far.network,
        ..world.users[index].home
    };
    for (group, spot) in [
        ("stolen cookie abroad", far),
        ("stolen cookie 200 km away", near),
    ] {
        let found = world.assess(index, &world.signals(spot, device), hour(11));
        let asked = Demand::of_return(found.level, true);
        rates.attack(group, asked > Demand::Nothing);
    }
}

/// Guesses from many addresses, and in the end a right code. Half of them say that they are programs.
fn stuffing(world: &mut World, rates: &mut Rates, index: usize) {
    let spot = abroad(world);
    let signals = Signals {
        failures: Failures::new(8 + world.random.below(10)).ok(),
        is_automated: Some(world.random.is(0.5)),
        ..world.signals(spot, DeviceSignal::New)
    };
    let at = hour(i64::try_from(world.random.below(24)).unwrap());
    let found = world.assess(index, &signals, at);
    let asked = Demand::of(found.level, true, true);
    rates.attack("credential stuffing", !asked.is_met_by(AuthMethod::Code));
}

/// A copied cookie that moves away from home by 40 km a day, and to another network each time: noticed if it is stopped within 30
/// days. What it does teaches nothing.
fn drift(world: &mut World, rates: &mut Rates, index: usize) {
    let device = DeviceSignal::Returning(world.users[index].devices[0]);
    let home = world.users[index].home;
    let before = world.users[index].baseline.clone();
    let mut is_noticed = false;
    for day in 0..30_u8 {
        let spot = Spot {
            latitude: home.latitude - f64::from(day) * 0.36,
            network: [150, 1 + day / 8, day],
            ..home
        };
        let at = hour(10) + Duration::days(i64::from(day));
        let found = world.assess(index, &world.signals(spot, device), at);
        is_noticed |= Demand::of_return(found.level, true) > Demand::Nothing;
    }
    assert_eq!(world.users[index].baseline, before);
    rates.attack("slow drift", is_noticed);
}
