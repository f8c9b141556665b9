//! What a baseline learns, and forgets.

use super::*;

#[test]
fn a_sign_in_counts_half_after_thirty_days_and_nothing_in_the_end() {
    let (mut baseline, now) = settled();
    baseline.learn(
        strong(),
        &Signals {
            place: lagos(),
            ..usual()
        },
        device(1),
        now,
    );
    let far = Signals {
        place: lagos(),
        ..usual()
    };
    let after = |days| score(&far, &baseline, now + Duration::days(days)) / 30;
    // Once in Lagos is usual for four months, while Berlin stays so for longer.
    assert_eq!((after(1), after(100), after(130)), (0, 0, 1));
    let mut later = baseline.clone();
    later.learn(strong(), &usual(), device(1), now + Duration::days(30));
    let total = later.hours.total();
    assert!(
        (total - (baseline.hours.total() / 2.0 + 1.0)).abs() < 0.3,
        "{total}"
    );
    // A clock that was set back forgets nothing.
    assert_eq!(score(&usual(), &baseline, START - Duration::days(400)), 0);
}

#[test]
fn audit_50_a_code_a_cookie_or_a_held_sign_in_teaches_nothing() {
    use AuthMethod::*;
    let levels = [Level::Low, Level::Medium, Level::High, Level::Held];
    for level in levels {
        for method in [Code, LinkAndCode, PasskeyRemoved, Recovery, Diagnostic] {
            assert!(
                StrongSignIn::of(method, level).is_none(),
                "{method:?} {level:?}"
            );
        }
        for method in [PasskeySynced, PasskeyDeviceBound] {
            let is_strong = StrongSignIn::of(method, level).is_some();
            assert_eq!(is_strong, level != Level::Held, "{method:?} {level:?}");
        }
        assert!(StrongSignIn::of(Approval, level).is_some());
    }
}

#[test]
fn a_device_that_authenticated_as_asked_returns_without_being_asked_again() {
    let (mut baseline, now) = settled();
    let hotel = Signals {
        place: lagos(),
        ..usual()
    };
    baseline.vouch(Demand::Passkey, AuthMethod::Code, &hotel, device(1), now);
    assert_eq!(score(&hotel, &baseline, now), 30);
    baseline.vouch(
        Demand::Authentication,
        AuthMethod::Code,
        &hotel,
        device(1),
        now,
    );
    let later = now + Duration::days(6);
    assert_eq!(score(&hotel, &baseline, later), 0);
    let other = Signals {
        device: Some(DeviceSignal::New),
        ..hotel
    };
    assert_eq!(
        score(&other, &baseline, later),
        55,
        "another device is asked"
    );
    let elsewhere = Signals {
        network: Some(ip("203.0.113.1").into()),
        ..hotel
    };
    assert_eq!(
        score(&elsewhere, &baseline, later),
        30,
        "another network is unusual"
    );
    assert_eq!(
        score(&hotel, &baseline, now + Duration::days(8)),
        30,
        "a week later it is, too"
    );
}

#[test]
fn a_baseline_is_bounded_and_keeps_what_counts_most() {
    let (mut baseline, now) = settled();
    for number in 0..500_u32 {
        let [_, a, b, c] = number.to_be_bytes();
        let signals = Signals {
            network: Some(IpAddr::from([a + 10, b, c, 1]).into()),
            place: city("US", f64::from(number % 60), f64::from(number % 170)),
            ..usual()
        };
        let at = now + Duration::minutes(i64::from(number));
        baseline.learn(strong(), &signals, device(u128::from(number) + 10), at);
        baseline.vouch(Demand::Nothing, AuthMethod::Code, &signals, device(1), at);
        assert!(baseline.is_sound());
    }
    let at = now + Duration::days(1);
    assert_eq!(score(&usual(), &baseline, at - Duration::HOUR) % 30 % 25, 0);
    assert!(baseline.view(now).places.contains(&berlin().unwrap()));
}

#[test]
fn a_user_sees_what_is_usual_by_the_rules_of_the_assessment() {
    let (baseline, now) = settled();
    let view = baseline.view(now);
    assert_eq!((view.since, view.is_mature), (Some(START), true));
    assert_eq!(view.places, usual().place.into_iter().collect::<Vec<_>>());
    let hours = view.hours.unwrap();
    for hour in 0..24_u8 {
        let is_shown = hours.iter().any(|range| {
            (24 + hour - range.from) % 24 < (24 + range.until - range.from - 1) % 24 + 1
        });
        let at = now.replace_time(time::Time::from_hms(hour, 30, 0).unwrap());
        let points = score(&usual(), &baseline, at);
        assert_eq!(is_shown, points == 0, "{hour}: {points}");
    }
    // Half a year later all is forgotten, and shown so.
    let later = baseline.view(now + Duration::days(400));
    assert_eq!(
        (later.places, later.networks, later.devices),
        (vec![], vec![], 0)
    );
    assert_eq!(later.hours, None);
    assert_eq!(Baseline::default().view(now).since, None);
}
