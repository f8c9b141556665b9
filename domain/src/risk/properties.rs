//! What holds for all signals, baselines, weights and times.

use super::*;
use crate::{id::DeviceId, identity::device::AuthMethod};
use proptest::{option, prelude::*};
use std::net::IpAddr;
use strum::IntoEnumIterator;
use time::OffsetDateTime;
use uuid::Uuid;

fn place() -> impl Strategy<Value = Place> {
    let country = option::of(prop_oneof![Just("DE"), Just("FR"), Just("NG")]);
    let point = option::of((-90.0..=90.0, -180.0..=180.0, 0_u32..1000));
    (country, point, option::of(0_u32..4)).prop_map(|(country, point, operator)| Place {
        country: country.and_then(Country::parse),
        coordinates: point.map(|(latitude, longitude, radius)| {
            Coordinates::new(latitude, longitude, radius).unwrap()
        }),
        operator,
    })
}

fn device() -> impl Strategy<Value = DeviceId> {
    (0_u128..4).prop_map(|number| DeviceId::from_uuid(Uuid::from_u128(number)))
}

fn network() -> impl Strategy<Value = NetworkKey> {
    prop_oneof![
        (0_u8..3, 0_u8..3, 0_u8..3).prop_map(|(a, b, c)| IpAddr::from([10 + a, b, c, 1]).into()),
        (0_u16..3).prop_map(|a| IpAddr::from([0x2001, a, a, 0, 0, 0, 0, 1]).into()),
    ]
}

fn signals() -> impl Strategy<Value = Signals> {
    let reputation = prop_oneof![
        Just(Reputation::Allowed),
        Just(Reputation::Unlisted),
        Just(Reputation::Listed),
        Just(Reputation::Blocked)
    ];
    let on = prop_oneof![
        device().prop_map(DeviceSignal::Registered),
        Just(DeviceSignal::New)
    ];
    let behaviour = (0.0..=1.0).prop_map(|value| Likelihood::new(value).unwrap());
    let failures = (0_u64..30).prop_map(|count| Failures::new(count).unwrap());
    (
        (option::of(place()), option::of(network())),
        option::of(reputation),
        option::of(on),
        option::of(behaviour),
        option::of(failures),
        any::<[Option<bool>; 6]>(),
    )
        .prop_map(
            |((place, network), reputation, device, behaviour, failures, claims)| Signals {
                place,
                network,
                reputation,
                device,
                behaviour,
                failures,
                contradicts_device: claims[0],
                contradicts_clock: claims[1],
                is_automated: claims[2],
                lacks_binding: claims[3],
                is_synthetic: claims[4],
                other_browser: claims[5],
            },
        )
}

fn time() -> impl Strategy<Value = OffsetDateTime> {
    (1_700_000_000_i64..1_900_000_000)
        .prop_map(|seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap())
}

fn baseline() -> impl Strategy<Value = Baseline> {
    let lessons = prop::collection::vec((signals(), device(), time()), 0..30);
    lessons.prop_map(|mut lessons| {
        lessons.sort_by_key(|(.., at)| *at);
        let mut baseline = Baseline::default();
        for (signals, device, at) in lessons {
            let proof = StrongSignIn::of(AuthMethod::PasskeySynced, Level::Low).unwrap();
            baseline.learn(proof, &signals, device, at);
        }
        baseline
    })
}

fn weights() -> impl Strategy<Value = Weights> {
    prop::array::uniform12(0_u8..=MAX_POINTS).prop_map(|points| {
        Factor::iter()
            .zip(points)
            .fold(Weights::NONE, |weights, (factor, points)| {
                weights.with(factor, points)
            })
    })
}

/// The same signals with one of them adverse: as much as it can be.
fn worse(signals: &Signals) -> Vec<Signals> {
    let signals = *signals;
    vec![
        Signals {
            behaviour: Likelihood::new(0.0).ok(),
            ..signals
        },
        Signals {
            failures: Failures::new(Failures::MOST).ok(),
            ..signals
        },
        Signals {
            contradicts_device: Some(true),
            ..signals
        },
        Signals {
            other_browser: Some(true),
            ..signals
        },
        Signals {
            contradicts_clock: Some(true),
            ..signals
        },
        Signals {
            is_automated: Some(true),
            ..signals
        },
        Signals {
            is_synthetic: Some(true),
            ..signals
        },
        Signals {
            lacks_binding: Some(true),
            ..signals
        },
    ]
}

/// The same signals without one of them.
fn unknown(signals: &Signals) -> Vec<Signals> {
    let signals = *signals;
    vec![
        Signals {
            behaviour: None,
            ..signals
        },
        Signals {
            failures: None,
            ..signals
        },
        Signals {
            contradicts_device: None,
            ..signals
        },
        Signals {
            other_browser: None,
            ..signals
        },
        Signals {
            contradicts_clock: None,
            ..signals
        },
        Signals {
            is_automated: None,
            ..signals
        },
        Signals {
            is_synthetic: None,
            ..signals
        },
        Signals {
            lacks_binding: None,
            ..signals
        },
    ]
}

/// The same signals with one of them as good as it can be.
fn better(signals: &Signals) -> Vec<Signals> {
    let signals = *signals;
    vec![
        Signals {
            behaviour: Likelihood::new(1.0).ok(),
            ..signals
        },
        Signals {
            failures: Failures::new(0).ok(),
            ..signals
        },
        Signals {
            contradicts_device: Some(false),
            ..signals
        },
        Signals {
            other_browser: Some(false),
            ..signals
        },
        Signals {
            contradicts_clock: Some(false),
            ..signals
        },
        Signals {
            is_automated: Some(false),
            ..signals
        },
        Signals {
            is_synthetic: Some(false),
            ..signals
        },
        Signals {
            lacks_binding: Some(false),
            ..signals
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever else is known, and also where administrators or habits settle what a place says.
    #[test]
    fn audit_50_an_additional_adverse_signal_never_lowers_the_score(
        signals in signals(), baseline in baseline(), weights in weights(), now in time(),
    ) {
        let score = assess(&signals, &baseline, &weights, now).score;
        for worse in worse(&signals) {
            prop_assert!(assess(&worse, &baseline, &weights, now).score >= score, "{:?}", worse);
        }
        // A new device cannot be one that is vouched for.
        let on_new = Signals { device: Some(DeviceSignal::New), ..signals };
        prop_assert!(assess(&on_new, &baseline, &weights, now).score >= score);
        let unlisted = Signals { reputation: Some(Reputation::Unlisted), ..signals };
        let unlisted = assess(&unlisted, &baseline, &weights, now).score;
        for reputation in [Reputation::Listed, Reputation::Blocked] {
            let listed = Signals { reputation: Some(reputation), ..signals };
            prop_assert!(assess(&listed, &baseline, &weights, now).score >= unlisted);
        }
    }

    #[test]
    fn audit_50_unknown_is_neither_good_nor_bad(
        signals in signals(), baseline in baseline(), weights in weights(), now in time(),
    ) {
        let score = |signals: &Signals| assess(signals, &baseline, &weights, now).score;
        for ((good, unknown), bad) in better(&signals).iter().zip(unknown(&signals)).zip(worse(&signals)) {
            prop_assert!(score(good) <= score(&unknown));
            prop_assert!(score(&unknown) <= score(&bad));
        }
        prop_assert_eq!(score(&Signals::default()), assess(&Signals::default(), &baseline, &weights, now)
            .reasons.iter().map(|reason| reason.points).sum::<u8>());
        let nothing = assess(&Signals::default(), &Baseline::default(), &weights, now);
        prop_assert_eq!(nothing.score, 0);
    }

    /// What a client says of itself: the request without it has the lowest score.
    #[test]
    fn audit_50_what_a_client_says_of_itself_can_only_raise_its_score(
        signals in signals(), claims: [Option<bool>; 4], baseline in baseline(), weights in weights(), now in time(),
    ) {
        let silent = Signals { contradicts_device: None, other_browser: None, contradicts_clock: None, is_automated: None, ..signals };
        let says = Signals { contradicts_device: claims[0], contradicts_clock: claims[1], is_automated: claims[2], other_browser: claims[3], ..signals };
        let score = |signals: &Signals| assess(signals, &baseline, &weights, now).score;
        prop_assert!(score(&says) >= score(&silent));
    }

    /// Whatever the weights, and however sure the matchers are.
    #[test]
    fn audit_53_behaviour_alone_asks_for_no_more_than_a_code(
        behaviour in 0.0..=1.0_f64, is_synthetic: Option<bool>, baseline in baseline(), weights in weights(), now in time(),
    ) {
        let silent = assess(&Signals::default(), &baseline, &weights, now);
        let signals = Signals { behaviour: Likelihood::new(behaviour).ok(), is_synthetic, ..Signals::default() };
        let found = assess(&signals, &baseline, &weights, now);
        prop_assert!(silent.score > 0 || found.level <= Level::Medium, "{:?}", found);
    }

    /// More points for a factor never lower a score either, and the level follows the score.
    #[test]
    fn more_points_are_never_less(
        signals in signals(), baseline in baseline(), weights in weights(), now in time(), more in 0_u8..=MAX_POINTS,
    ) {
        let found = assess(&signals, &baseline, &weights, now);
        prop_assert_eq!(found.level, Level::of(found.score));
        for factor in Factor::iter() {
            let heavier = weights.with(factor, more.max(weights.of(factor)));
            prop_assert!(assess(&signals, &baseline, &heavier, now).score >= found.score);
        }
    }

    /// What is kept stays within its bounds, and reads back as it was.
    #[test]
    fn a_baseline_stays_sound(baseline in baseline()) {
        prop_assert!(baseline.is_sound());
    }

    #[test]
    fn address_sets_have_exactly_their_addresses(
        ranges in prop::collection::vec((0_u32..64, 24_u8..=32), 0..12), address in 0_u32..64,
    ) {
        let ip = |low: u32| IpAddr::from((0x0a00_0000_u32 | (low << 2)).to_be_bytes());
        let ranges: Vec<AddressRange> = (ranges.into_iter())
            .map(|(low, length)| format!("{}/{length}", ip(low)).parse().unwrap())
            .collect();
        let set: AddressSet = ranges.iter().copied().collect();
        let ip = ip(address);
        prop_assert_eq!(set.contains(ip), ranges.iter().any(|range| range.contains(ip)));
    }

    #[test]
    fn the_same_weights_give_the_same_score(
        signals in signals(), baseline in baseline(), weights in weights(), now in time(),
    ) {
        let assessment = assess(&signals, &baseline, &weights, now);
        prop_assert_eq!(assessment.replayed(&weights, &weights), (assessment.clone(), true));
    }

    #[test]
    fn a_higher_weight_never_lowers_a_replayed_score(
        signals in signals(), baseline in baseline(), weights in weights(), now in time(), factor in 0..Factor::COUNT, more in 0_u8..=100,
    ) {
        let factor = Factor::iter().nth(factor).unwrap();
        let assessment = assess(&signals, &baseline, &weights, now);
        let higher = weights.with(factor, weights.of(factor).saturating_add(more));
        let (replayed, _) = assessment.replayed(&weights, &higher);
        prop_assert!(replayed.score >= assessment.score);
        prop_assert_eq!(replayed.level, Level::of(replayed.score));
    }

    #[test]
    fn what_was_assessed_fully_or_half_is_replayed_as_it_would_have_been_assessed(
        signals in signals(), baseline in baseline(), now in time(), other in weights(),
    ) {
        // Likelihoods of behaviour are neither, and are rounded twice.
        let signals = Signals { behaviour: None, ..signals };
        let then = Weights::default();
        let replayed = assess(&signals, &baseline, &then, now).replayed(&then, &other);
        prop_assert_eq!(replayed, (assess(&signals, &baseline, &other, now), true));
    }
}
