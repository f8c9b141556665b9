//! The score of a request, and why.

use super::{
    baseline::Baseline,
    factor::Factor,
    number::{Failures, Likelihood, Strength},
    place::{Nearness, Place},
    signals::{DeviceSignal, Reputation, Signals},
    weights::{MAX_POINTS, Weights},
};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoEnumIterator, IntoStaticStr};
use time::OffsetDateTime;

/// Faster is an aircraft, and nobody has left the airport yet.
const FASTEST_KM_PER_HOUR: f64 = 1000.0;

/// Below this share of an even day's density, an hour is unusual.
const RARE_HOUR: f64 = 0.02;

/// And below this one somewhat.
const SELDOM_HOUR: f64 = 0.08;

/// The highest score without any reason but behaviour: medium, which a code satisfies.
const MOST_BY_BEHAVIOUR: u8 = 49;

/// How high a score is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Level {
    /// Below 20.
    Low,
    /// From 20.
    Medium,
    /// From 50.
    High,
    /// From 80.
    Held,
}

impl Level {
    /// The level of a score.
    #[must_use]
    pub const fn of(score: u8) -> Self {
        match score {
            0..20 => Self::Low,
            20..50 => Self::Medium,
            50..80 => Self::High,
            80.. => Self::Held,
        }
    }

    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What a score has points for, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// For what.
    pub factor: Factor,
    /// How many.
    pub points: u8,
}

/// A score with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// From 0 to 100.
    pub score: u8,
    /// How high that is.
    pub level: Level,
    /// Why, the most points first. They may sum up to more than the score, which ends at 100.
    pub reasons: Vec<Reason>,
}

impl Assessment {
    /// Whether a factor has points.
    #[must_use]
    pub fn has(&self, factor: Factor) -> bool {
        self.reasons.iter().any(|reason| reason.factor == factor)
    }
}

/// Assesses what is known of a request against what is usual for its user. All factors are computed, whatever the others say:
/// the time must not tell the score.
#[must_use]
pub fn assess(
    signals: &Signals,
    baseline: &Baseline,
    weights: &Weights,
    now: OffsetDateTime,
) -> Assessment {
    let mut reasons = Vec::with_capacity(Factor::COUNT);
    let mut score = 0_u8;
    for factor in Factor::iter() {
        let strength = strength(factor, signals, baseline, now);
        let points = strength.points(weights.of(factor));
        score = score.saturating_add(points).min(MAX_POINTS);
        if points > 0 {
            reasons.push(Reason { factor, points });
        }
    }
    let score = bounded(score, &reasons);
    reasons.sort_by_key(|reason| (u8::MAX - reason.points, reason.factor));
    Assessment {
        score,
        level: Level::of(score),
        reasons,
    }
}

/// Hands differ from day to day, and break: whatever the weights, they are never the only reason to hold or refuse somebody.
pub(super) fn bounded(score: u8, reasons: &[Reason]) -> u8 {
    let is_behaviour = |reason: &Reason| reason.factor == Factor::UnusualBehaviour;
    match reasons.iter().all(is_behaviour) {
        true => score.min(MOST_BY_BEHAVIOUR),
        false => score,
    }
}

fn strength(
    factor: Factor,
    signals: &Signals,
    baseline: &Baseline,
    now: OffsetDateTime,
) -> Strength {
    let is_true = |claim: Option<bool>| Strength::of(claim == Some(true));
    match factor {
        Factor::UnusualLocation => location(signals, baseline, now),
        Factor::NewDevice => device(signals, baseline, now),
        Factor::UnusualTime => hour(baseline, now),
        Factor::UnusualBehaviour => (signals.behaviour)
            .map_or(Strength::NONE, Likelihood::adversity)
            .or(is_true(signals.is_synthetic)),
        Factor::ListedAddress => Strength::of(signals.reputation == Some(Reputation::Listed)),
        Factor::BlockedNetwork => Strength::of(signals.reputation == Some(Reputation::Blocked)),
        Factor::ImpossibleTravel => travel(signals, baseline, now),
        Factor::ManyFailures => signals.failures.map_or(Strength::NONE, Failures::adversity),
        Factor::Contradiction => {
            is_true(signals.contradicts_device).or(is_true(signals.contradicts_clock))
        }
        Factor::OtherBrowser => is_true(signals.other_browser),
        Factor::Automation => is_true(signals.is_automated),
        Factor::MissingBinding => is_true(signals.lacks_binding),
    }
}

/// Whether where the request comes from says nothing: an administrator vouches for the network, or this device authenticated
/// there lately.
fn is_place_settled(signals: &Signals, baseline: &Baseline, now: OffsetDateTime) -> bool {
    let is_vouched = match (signals.device, signals.network) {
        (
            Some(DeviceSignal::Registered(device) | DeviceSignal::Returning(device)),
            Some(network),
        ) => baseline.vouches(device, network, now),
        _ => false,
    };
    is_vouched || signals.reputation == Some(Reputation::Allowed)
}

fn location(signals: &Signals, baseline: &Baseline, now: OffsetDateTime) -> Strength {
    if !baseline.is_mature() || is_place_settled(signals, baseline, now) {
        return Strength::NONE;
    }
    let place = signals.place.filter(Place::is_known);
    // Where the file says nothing, or there is none, known networks stand in.
    let nearness = match (place, signals.network) {
        (Some(place), _) => baseline.nearness(&place, now),
        (None, Some(network)) => baseline.network_nearness(network, now),
        (None, None) => None,
    };
    match nearness {
        None | Some(Nearness::Same) => Strength::NONE,
        Some(Nearness::Near) => Strength::HALF,
        Some(Nearness::Far) => Strength::FULL,
    }
}

fn device(signals: &Signals, baseline: &Baseline, now: OffsetDateTime) -> Strength {
    let is_new = match signals.device {
        None | Some(DeviceSignal::Returning(_)) => false,
        Some(DeviceSignal::New) => true,
        // Registered with a code, it is as new as before until a passkey was used on it.
        Some(DeviceSignal::Registered(device)) => !baseline.knows(device, now),
    };
    Strength::of(is_new && baseline.is_mature())
}

/// Whether an hour of this share gets no points.
pub(super) fn is_usual_hour(density: f64) -> bool {
    density >= SELDOM_HOUR
}

fn hour(baseline: &Baseline, now: OffsetDateTime) -> Strength {
    match baseline.density_at(now, now) {
        Some(density) if density < RARE_HOUR => Strength::FULL,
        Some(density) if !is_usual_hour(density) => Strength::HALF,
        _ => Strength::NONE,
    }
}

/// From the last strong sign-in, which was the user's. The radii of both places are not travelled.
fn travel(signals: &Signals, baseline: &Baseline, now: OffsetDateTime) -> Strength {
    if !baseline.is_mature() || is_place_settled(signals, baseline, now) {
        return Strength::NONE;
    }
    let here = signals.place.and_then(|place| place.coordinates);
    let last = baseline
        .last
        .and_then(|(place, at)| Some((place.coordinates?, at)));
    let (Some(here), Some((there, at))) = (here, last) else {
        return Strength::NONE;
    };
    let seconds = now.unix_timestamp().saturating_sub(at);
    // A clock that was set back says nothing.
    let Ok(seconds) = u32::try_from(seconds) else {
        return Strength::NONE;
    };
    let hours = f64::from(seconds) / 3600.0;
    // An hour's worth is free: networks move their addresses, and files are rough.
    Strength::of(here.distance_km(&there) > FASTEST_KM_PER_HOUR * (hours + 0.5))
}
