//! What a score is made of.

use super::*;

#[test]
fn each_factor_has_its_points() {
    let (baseline, morning) = settled();
    let night = morning + Duration::hours(14);
    let usual = usual();
    let soon = START + Duration::days(13) + Duration::hours(2);
    let cases: [(&str, Signals, OffsetDateTime, u8); 17] = [
        ("as ever", usual, morning, 0),
        (
            "far away",
            Signals {
                place: lagos(),
                ..usual
            },
            morning,
            30,
        ),
        (
            "another town of the region",
            Signals {
                place: city("DE", 53.55, 9.99),
                ..usual
            },
            morning,
            15,
        ),
        (
            "a neighbouring town",
            Signals {
                place: city("DE", 52.40, 13.06),
                ..usual
            },
            morning,
            0,
        ),
        (
            "a new device",
            Signals {
                device: Some(DeviceSignal::New),
                ..usual
            },
            morning,
            25,
        ),
        (
            "a device without a strong sign-in",
            Signals {
                device: Some(DeviceSignal::Registered(device(2))),
                ..usual
            },
            morning,
            25,
        ),
        ("at night", usual, night, 15),
        (
            "far away, new and at night",
            Signals {
                place: lagos(),
                device: Some(DeviceSignal::New),
                ..usual
            },
            night,
            70,
        ),
        (
            "somebody else's behaviour",
            Signals {
                behaviour: Likelihood::new(0.0).ok(),
                ..usual
            },
            morning,
            20,
        ),
        (
            "hardly the user's behaviour",
            Signals {
                behaviour: Likelihood::new(0.25).ok(),
                ..usual
            },
            morning,
            10,
        ),
        (
            "listed",
            Signals {
                reputation: Some(Reputation::Listed),
                ..usual
            },
            morning,
            25,
        ),
        (
            "blocked",
            Signals {
                reputation: Some(Reputation::Blocked),
                ..usual
            },
            morning,
            80,
        ),
        (
            "faster than an aircraft",
            Signals {
                place: lagos(),
                ..usual
            },
            soon,
            60,
        ),
        (
            "some failures",
            Signals {
                failures: Failures::new(5).ok(),
                ..usual
            },
            morning,
            8,
        ),
        (
            "many failures",
            Signals {
                failures: Failures::new(20).ok(),
                ..usual
            },
            morning,
            15,
        ),
        (
            "another browser",
            Signals {
                other_browser: Some(true),
                ..usual
            },
            morning,
            25,
        ),
        (
            "all that a client says of itself",
            Signals {
                contradicts_device: Some(true),
                other_browser: Some(true),
                contradicts_clock: Some(true),
                is_automated: Some(true),
                lacks_binding: Some(true),
                ..usual
            },
            morning,
            65,
        ),
    ];
    for (name, signals, at, expected) in cases {
        assert_eq!(score(&signals, &baseline, at), expected, "{name}");
    }
}

#[test]
fn a_score_names_its_reasons_and_ends_at_100() {
    let (baseline, morning) = settled();
    let signals = Signals {
        place: lagos(),
        device: Some(DeviceSignal::New),
        reputation: Some(Reputation::Blocked),
        ..usual()
    };
    let found = assess(&signals, &baseline, &Weights::default(), morning);
    let reasons: Vec<_> = (found.reasons.iter())
        .map(|reason| (reason.factor, reason.points))
        .collect();
    assert_eq!((found.score, found.level), (100, Level::Held));
    assert_eq!(
        reasons,
        [
            (Factor::BlockedNetwork, 80),
            (Factor::UnusualLocation, 30),
            (Factor::NewDevice, 25)
        ]
    );
}

#[test]
fn a_factor_without_points_is_switched_off() {
    let (baseline, morning) = settled();
    let far = Signals {
        place: lagos(),
        ..usual()
    };
    let weights = Weights::default().with(Factor::UnusualLocation, 0);
    let found = assess(&far, &baseline, &weights, morning);
    assert_eq!((found.score, found.reasons.len()), (0, 0));
}

#[test]
fn a_cold_start_is_neutral() {
    let mut baseline = Baseline::default();
    let strange = Signals {
        place: lagos(),
        network: Some(ip("198.51.100.1").into()),
        device: Some(DeviceSignal::New),
        ..usual()
    };
    for sign_in in 0..3 {
        let at = START + Duration::hours(sign_in);
        assert_eq!(
            score(&strange, &baseline, at + Duration::HOUR),
            0,
            "after {sign_in}"
        );
        baseline.learn(strong(), &usual(), device(1), at);
    }
    assert!(score(&strange, &baseline, START + Duration::days(1)) >= 55);
    // What does not depend on habits counts at once.
    let blocked = Signals {
        reputation: Some(Reputation::Blocked),
        ..strange
    };
    assert_eq!(score(&blocked, &Baseline::default(), START), 80);
}

#[test]
fn known_networks_stand_in_for_places() {
    let (baseline, morning) = settled();
    let at = |address: &str| Signals {
        place: None,
        network: Some(ip(address).into()),
        ..usual()
    };
    for (address, expected) in [
        ("192.0.2.200", 0),
        ("::ffff:192.0.2.9", 0),
        ("192.0.77.1", 15),
        ("198.51.100.1", 30),
        ("2001:db8::1", 30),
    ] {
        assert_eq!(
            score(&at(address), &baseline, morning),
            expected,
            "{address}"
        );
    }
    // A file of countries, or of operators, compares what it says.
    let only = |country, operator| {
        Some(Place {
            country,
            operator,
            coordinates: None,
        })
    };
    let mut by_country = Baseline::default();
    for day in 0..5 {
        let signals = Signals {
            place: only(Country::parse("de"), Some(3320)),
            ..usual()
        };
        by_country.learn(strong(), &signals, device(1), START + Duration::days(day));
    }
    for (place, expected) in [
        (only(Country::parse("DE"), Some(1)), 0),
        (only(Country::parse("FR"), None), 30),
        (only(None, Some(3320)), 0),
        (only(None, Some(1)), 30),
    ] {
        let signals = Signals { place, ..usual() };
        assert_eq!(
            score(&signals, &by_country, START + Duration::days(5)),
            expected,
            "{place:?}"
        );
    }
}

#[test]
fn an_administrator_vouches_for_a_network() {
    let (baseline, _) = settled();
    let soon = START + Duration::days(13) + Duration::hours(2);
    let vpn = Signals {
        place: lagos(),
        reputation: Some(Reputation::Allowed),
        ..usual()
    };
    assert_eq!(score(&vpn, &baseline, soon), 0);
}

#[test]
fn hours_around_midnight_are_near_each_other() {
    let mut baseline = Baseline::default();
    for day in 0..14 {
        let late = if day % 2 == 0 {
            Duration::minutes(870)
        } else {
            Duration::minutes(930)
        };
        baseline.learn(
            strong(),
            &usual(),
            device(1),
            START + Duration::days(day) + late,
        );
    }
    let at = |hour: i64| START + Duration::days(20) + Duration::hours(hour);
    assert_eq!(score(&usual(), &baseline, at(15)), 0, "midnight");
    assert_eq!(score(&usual(), &baseline, at(17)), 0, "two hours later");
    assert_eq!(score(&usual(), &baseline, at(3)), 15, "noon");
    let (hour, resultant) = baseline.hours.mean().unwrap();
    assert!((hour - 24.0).abs() < 0.6 || hour < 0.6, "{hour}");
    assert!(resultant > 0.9);
}

#[test]
fn who_signs_in_all_over_the_day_has_no_unusual_hour() {
    let mut baseline = Baseline::default();
    for hour in 0..48 {
        baseline.learn(
            strong(),
            &usual(),
            device(1),
            START + Duration::hours(hour * 7),
        );
    }
    for hour in 0..24 {
        assert_eq!(
            score(
                &usual(),
                &baseline,
                START + Duration::days(15) + Duration::hours(hour)
            ),
            0
        );
    }
}

#[test]
fn great_circles_are_as_long_as_on_a_globe() {
    let at = |latitude, longitude, radius| Coordinates::new(latitude, longitude, radius).unwrap();
    let (berlin, paris) = (at(52.52, 13.40, 0), at(48.86, 2.35, 0));
    assert!((berlin.distance_km(&paris) - 878.0).abs() < 5.0);
    assert!(
        (at(0.0, 179.99, 0).distance_km(&at(0.0, -179.99, 0))) < 3.0,
        "across the date line"
    );
    assert!((at(90.0, 0.0, 0).distance_km(&at(-90.0, 0.0, 0)) - 20_015.0).abs() < 1.0);
    assert!(
        at(52.52, 13.40, 900).distance_km(&paris).abs() < 1e-9,
        "it may be there"
    );
    assert_eq!(berlin.solar_offset_hours(), 1);
}
