//! The users and their days.

use crate::report::Rates;
use latchkey_domain::{
    id::DeviceId,
    identity::device::AuthMethod,
    risk::{
        Assessment, Baseline, Coordinates, Country, Demand, DeviceSignal, Failures, NetworkKey,
        Place, Reputation, Signals, StrongSignIn, Weights, assess,
    },
};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::Uuid;

/// A Monday.
pub(crate) const START: OffsetDateTime = datetime!(2026-10-05 00:00 UTC);

/// Numbers that look random and are the same each time (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn is(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// About `middle`, mostly within twice `spread`: the sum of four even numbers is nearly normal.
    pub(crate) fn about(&mut self, middle: f64, spread: f64) -> f64 {
        let sum: f64 = (0..4).map(|_| self.share() - 0.5).sum();
        middle + sum * spread * 1.73
    }
}

/// Where somebody is: a town, and a network there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) country: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) network: [u8; 3],
}

pub(crate) const TOWNS: [(&str, f64, f64); 6] = [
    ("DE", 52.5, 13.4),
    ("DE", 48.1, 11.6),
    ("FR", 48.9, 2.4),
    ("ES", 40.4, -3.7),
    ("PL", 52.2, 21.0),
    ("SE", 59.3, 18.1),
];

pub(crate) const ABROAD: [(&str, f64, f64); 4] = [
    ("NG", 6.5, 3.4),
    ("VN", 21.0, 105.8),
    ("BR", -23.5, -46.6),
    ("US", 40.7, -74.0),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Ordinary,
    Traveller,
    NightWorker,
    Family,
    /// Their devices come back at services alone, and they seldom sign in.
    ServicesOnly,
}

impl Group {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Traveller => "traveller",
            Self::NightWorker => "night worker",
            Self::Family => "family behind one address",
            Self::ServicesOnly => "at services only",
        }
    }
}

pub(crate) struct User {
    pub(crate) group: Group,
    pub(crate) baseline: Baseline,
    pub(crate) home: Spot,
    office: Spot,
    /// The provider of their phone: addresses in one /16, at home or near it.
    mobile: [u8; 2],
    pub(crate) devices: Vec<DeviceId>,
    /// At which hour of UTC their day begins.
    hour: f64,
    /// The day on which a trip begins, and to where.
    trip: Option<(i64, Spot)>,
    /// Whether their telephone asked for the pages of computers before.
    is_known_as_computer: bool,
}

pub(crate) struct World {
    pub(crate) users: Vec<User>,
    pub(crate) random: Random,
    has_location_file: bool,
}

fn device(user: u64, number: u128) -> DeviceId {
    DeviceId::from_uuid(Uuid::from_u128(u128::from(user) << 64 | number))
}

impl World {
    /// Of ten users, seven are ordinary; one travels, one works at night, one shares an address with four others.
    pub(crate) fn new(count: u64, has_location_file: bool, seed: u64) -> Self {
        let mut random = Random(seed);
        let users = (0..count).map(|number| user(number, &mut random)).collect();
        Self {
            users,
            random,
            has_location_file,
        }
    }

    /// Users who are at services alone.
    pub(crate) fn at_services(count: u64, has_location_file: bool, seed: u64) -> Self {
        let mut world = Self::new(count, has_location_file, seed);
        for user in &mut world.users {
            user.group = Group::ServicesOnly;
            user.trip = None;
        }
        world
    }

    pub(crate) fn signals(&self, spot: Spot, device: DeviceSignal) -> Signals {
        let Spot {
            country,
            latitude,
            longitude,
            network: [a, b, c],
        } = spot;
        let place = Place {
            country: Country::parse(country),
            coordinates: Coordinates::new(latitude, longitude, 20).ok(),
            operator: None,
        };
        Signals {
            place: Some(place).filter(|_| self.has_location_file),
            network: Some(NetworkKey::from(IpAddr::from([a, b, c, 9]))),
            reputation: Some(Reputation::Unlisted),
            device: Some(device),
            failures: Failures::new(0).ok(),
            contradicts_device: Some(false),
            other_browser: Some(false),
            is_automated: Some(false),
            ..Signals::default()
        }
    }

    /// A day of everybody: on three of five, they sign in with a passkey when it begins, and their devices come back until it ends.
    pub(crate) fn live(&mut self, day: i64, mut rates: Option<&mut Rates>) {
        for index in 0..self.users.len() {
            let weekday = day % 7;
            // On weekends, a third does.
            if weekday >= 5 && !self.random.is(0.33) {
                continue;
            }
            let group = self.users[index].group;
            // Families have other hours each day.
            let (hour, spread) = match group {
                Group::Family => (self.users[index].hour, 3.0),
                _ => (self.users[index].hour, 0.8),
            };
            let begins = self.random.about(hour, spread);
            let visits = 3 + self.random.below(4);
            for visit in 0..visits {
                #[expect(clippy::cast_precision_loss, reason = "less than 7")]
                let hours = begins + visit as f64 * 1.4;
                let at = START + Duration::days(day) + Duration::seconds_f64(hours * 3600.0);
                let spot = self.spot(index, day, visit);
                let device = self.device(index);
                let often = if group == Group::ServicesOnly {
                    0.15
                } else {
                    0.6
                };
                let is_sign_in = visit == 0 && self.random.is(often);
                let asked = self.visit(index, spot, device, is_sign_in, at);
                let Some(rates) = &mut rates else { continue };
                rates.innocent(group.name(), asked > Demand::Nothing);
                if asked == Demand::Approval {
                    rates.innocent_held();
                }
            }
        }
    }

    /// Mostly at home or in the office, on a phone's network once in eight times; on a trip in a hotel, or on a phone there.
    fn spot(&mut self, index: usize, day: i64, visit: u64) -> Spot {
        let is_mobile = self.random.is(0.12);
        let third = u8::try_from(self.random.below(256)).unwrap();
        let user = &self.users[index];
        if let Some((from, hotel)) = user.trip
            && (from..from + 4).contains(&day)
        {
            let [a, b, c] = hotel.network;
            let network = if is_mobile {
                [a, b.wrapping_add(1), third]
            } else {
                [a, b, c]
            };
            return Spot { network, ..hotel };
        }
        let [a, b] = user.mobile;
        match (is_mobile, visit % 3) {
            (true, _) => Spot {
                network: [a, b, third],
                ..user.home
            },
            (false, 1) => user.office,
            (false, _) => user.home,
        }
    }

    fn device(&mut self, index: usize) -> DeviceId {
        let devices = &self.users[index].devices;
        // The first device nine times out of ten.
        match self.random.is(0.9) {
            true => devices[0],
            false => devices[usize::try_from(self.random.below(devices.len() as u64)).unwrap()],
        }
    }

    /// What an innocent user is asked for beyond what they give. They give it, and go on.
    fn visit(
        &mut self,
        index: usize,
        spot: Spot,
        device: DeviceId,
        is_sign_in: bool,
        at: OffsetDateTime,
    ) -> Demand {
        let on = match is_sign_in {
            true => DeviceSignal::Registered(device),
            false => DeviceSignal::Returning(device),
        };
        let mut signals = self.signals(spot, on);
        // One visit of a hundred is to a page that a telephone shows as to computers.
        let group = self.users[index].group;
        if group == Group::ServicesOnly && self.random.is(0.01) {
            let user = &mut self.users[index];
            // Whoever authenticates there is known as both.
            signals.other_browser = Some(!user.is_known_as_computer);
            user.is_known_as_computer = true;
        }
        let found = self.assess(index, &signals, at);
        let asked = match is_sign_in {
            true => Some(Demand::of(found.level, true, false))
                .filter(|demand| !demand.is_met_by(AuthMethod::PasskeySynced)),
            false => Some(Demand::of_return(found.level, true)),
        };
        let asked = asked.unwrap_or(Demand::Nothing);
        let gives_passkey = is_sign_in || asked > Demand::Nothing;
        if gives_passkey
            && let Some(proof) = StrongSignIn::of(AuthMethod::PasskeySynced, found.level)
        {
            self.users[index]
                .baseline
                .learn(proof, &signals, device, at);
        }
        asked
    }

    pub(crate) fn assess(&self, index: usize, signals: &Signals, at: OffsetDateTime) -> Assessment {
        let baseline = &self.users[index].baseline;
        assess(signals, baseline, &Weights::default(), at)
    }
}

fn user(number: u64, random: &mut Random) -> User {
    let group = match number % 10 {
        0..7 => Group::Ordinary,
        7 => Group::Traveller,
        8 => Group::NightWorker,
        _ => Group::Family,
    };
    let (country, latitude, longitude) = TOWNS[usize::try_from(random.below(6)).unwrap()];
    let low = |number: u64| u8::try_from(number % 250).unwrap();
    let home = Spot {
        country,
        latitude,
        longitude,
        // Five users of a family have one network.
        network: match group {
            Group::Family => [81, 7, low(number / 50)],
            _ => [80, low(number), low(number / 250)],
        },
    };
    let office = Spot {
        network: [90, low(number % 12), 1],
        ..home
    };
    let (far, latitude, longitude) = ABROAD[usize::try_from(random.below(4)).unwrap()];
    let trip = Spot {
        country: far,
        latitude,
        longitude,
        network: [120, low(number), 5],
    };
    let begins = 15 + i64::try_from(random.below(24)).unwrap();
    User {
        group,
        baseline: Baseline::default(),
        office: if group == Group::Family { home } else { office },
        home,
        mobile: [100, low(number % 40)],
        devices: (0..1 + u128::from(random.below(3)))
            .map(|one| device(number, one))
            .collect(),
        hour: match group {
            Group::NightWorker => 21.0,
            Group::Family => 14.0,
            _ => random.about(7.5, 1.0),
        },
        trip: (group == Group::Traveller).then_some((begins, trip)),
        is_known_as_computer: false,
    }
}
