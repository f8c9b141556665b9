use super::{
    anomaly::Anomaly,
    feature::Kind,
    likelihood::BOUND,
    matcher::{Model, ScaledManhattan},
    sample::{BehaviourSample, Group, InvalidSample, MAX_VALUES, Measurement},
};

mod properties;
mod report;
mod template;

/// Features of a kind without a tempo, as thousandths of logarithms.
fn speeds(values: &[i16]) -> BehaviourSample {
    let shape = [Group {
        kind: Kind::PointerSpeed,
        count: u8::try_from(values.len()).unwrap(),
    }];
    BehaviourSample::from_parts(shape.into(), values.into()).unwrap()
}

/// A word of eight keys as a person types it, a little different each time.
fn typed(number: usize) -> BehaviourSample {
    typed_by(1.0, number)
}

fn typed_by(slowness: f64, number: usize) -> BehaviourSample {
    let time = |usual: usize, key: usize| {
        let noise = (key * 37 + number * 61 + key * number * 13) % 29;
        slowness * (usual + noise) as f64
    };
    let holds: Vec<_> = (0..8).map(|key| time(80 + 5 * key, key)).collect();
    let presses: Vec<_> = (0..7).map(|key| time(150 + 30 * (key % 3), key)).collect();
    BehaviourSample::keystrokes(&holds, &presses).unwrap()
}

fn assert_near(value: f32, expected: f32) {
    assert!((value - expected).abs() < 0.005, "{value}, not {expected}");
}

#[test]
fn scaled_manhattan_by_hand() {
    // Means 2 and 20, mean absolute deviations 2/3 and 40/3.
    let model = ScaledManhattan::fit(&[&[1.0, 10.0], &[3.0, 10.0], &[2.0, 40.0]]).unwrap();
    for (sample, expected) in [
        ([2.0, 20.0], 0.0),
        ([4.0, 0.0], 3.0 + 1.5),
        ([0.0, 60.0], 3.0 + 3.0),
    ] {
        assert_near(model.distance(&sample), expected);
    }
    assert_eq!(model.distance(&[1.0]), f32::INFINITY);
    assert_eq!(ScaledManhattan::fit(&[]), None);
    assert_eq!(ScaledManhattan::fit(&[&[1.0], &[1.0, 2.0]]), None);
}

#[test]
fn robust_manhattan_by_hand() {
    // One sample: nothing varies, so the least deviation of 0.03 counts. Two deviations, none, and ten, which are cut at five.
    let model = Model::fit(&[speeds(&[1000, 2000, 3000])]).unwrap();
    let distance = model.distance(&speeds(&[1060, 2000, 3300])).unwrap();
    assert_near(distance, (2.0 + 0.0 + 5.0) / 3.0);

    // Weights 0.4654 (older) and 0.5346: the median is the newer, the deviations 0.2 × 0.4654 = 0.0931 and 0. Drawn towards their mean,
    // 0.0465: (2 × 0.0931 + 0.0465) / 3 = 0.0776, and 0.0155, which is below the least.
    let model = Model::fit(&[speeds(&[1000, 2000]), speeds(&[1200, 2000])]).unwrap();
    let distance = model.distance(&speeds(&[1355, 2090])).unwrap();
    assert_near(distance, (2.0 + 3.0) / 2.0);
    assert_eq!(model.distance(&speeds(&[1355])), None);
}

#[test]
fn one_odd_sample_moves_the_mean_and_not_the_median() {
    let steady = [100, 101, 99, 100, 9000, 100, 101].map(|value| speeds(&[value]));
    let model = Model::fit(&steady).unwrap();
    let (expected, _) = model.pairs(&steady[0]).next().unwrap();
    assert_near(expected.median, 0.1);
    assert!(expected.mean > 0.5);
}

#[test]
fn a_likelihood_by_hand() {
    // Weights 0.4654 and 0.5346: median −0.5, mean −0.2673, deviation 0.2327. At the median, its density is 1 / (2 × 0.2327) = 2.1486, and
    // that around the mean e times less. The population's is 1 / √2π + 0.02 = 0.4189 there.
    // 0.95 × (0.75 × 2.1486 + 0.25 × 0.7904) + 0.05 × 0.4189 = 1.7395 for the user.
    let model = Model::fit(&[speeds(&[0]), speeds(&[-500])]).unwrap();
    assert_near(model.evidence(&speeds(&[-500])).unwrap(), 1.4237);
    let alike = model.likelihood(&speeds(&[-500])).unwrap();
    assert_near(alike.log_ratio(), 0.2 * (1.4237 - 0.3));
    // Far from the user, one feature in twenty is anybody's: ln 0.05.
    assert_near(model.evidence(&speeds(&[3000])).unwrap(), -2.9957);
    let unlike = model.likelihood(&speeds(&[3000])).unwrap();
    assert!(alike.suspicion() < 0.5 && unlike.suspicion() > 0.5);
    assert_eq!(model.likelihood(&speeds(&[1, 2])), None);
}

#[test]
fn a_likelihood_is_bounded() {
    let model = Model::fit(&[speeds(&[-520; 40]), speeds(&[-500; 40])]).unwrap();
    for (value, expected) in [(-500, BOUND), (3000, -BOUND)] {
        let likelihood = model.likelihood(&speeds(&[value; 40])).unwrap();
        assert_near(likelihood.log_ratio(), expected);
    }
}

#[test]
fn what_never_varies_says_nothing_for_or_against() {
    // A screen that sends one size for all touches: everybody's is the same.
    let model = Model::fit(&[speeds(&[0; 30]), speeds(&[0; 30])]).unwrap();
    for value in [0, 2000] {
        let likelihood = model.likelihood(&speeds(&[value; 30])).unwrap();
        assert_near(likelihood.log_ratio(), 0.0);
        assert_near(likelihood.suspicion(), 0.5);
    }
}

#[test]
fn features_are_derived_from_holds_and_presses() {
    let sample = BehaviourSample::keystrokes(&[90.0, 110.0], &[190.0]).unwrap();
    // ln 0.1, ln 0.12; ln 0.2; 190 + 110 − 90 = 210 ms, so ln 0.22; the mean of the first two; ln 0.2 again.
    assert_eq!(sample.values(), [-2303, -2120, -1609, -1514, -2211, -1609]);
    let counts = sample.shape().iter().map(|group| (group.kind, group.count));
    let expected = [
        (Kind::Hold, 2),
        (Kind::PressToPress, 1),
        (Kind::ReleaseToRelease, 1),
        (Kind::AverageHold, 1),
        (Kind::AveragePress, 1),
    ];
    assert!(counts.eq(expected));
}

#[test]
fn pointer_and_touch_are_compared_by_the_same_matcher() {
    let sample = |speed: f64, size: f64| {
        let of = |kind, values| Measurement { kind, values };
        BehaviourSample::new(&[
            of(Kind::PointerSpeed, &[speed, 2.0 * speed, 0.5 * speed]),
            of(Kind::PointerCurvature, &[0.02 * speed, 0.1]),
            of(Kind::PointerPause, &[300.0 * speed]),
            of(Kind::TouchSize, &[size, size, 1.1 * size]),
            of(Kind::TouchCadence, &[280.0 * speed, 310.0]),
        ])
        .unwrap()
    };
    let samples: Vec<_> = [1.0, 1.1, 0.9, 1.05, 0.95]
        .map(|factor| sample(0.8 * factor, 0.25 * factor))
        .into();
    let model = Model::fit(&samples).unwrap();
    let suspicion = |sample| model.likelihood(&sample).unwrap().suspicion();
    assert!(suspicion(sample(0.82, 0.25)) < 0.3);
    assert!(suspicion(sample(2.5, 0.6)) > 0.7);
}

#[test]
fn hostile_numbers_are_refused() {
    let huge = vec![90.0; MAX_VALUES + 1];
    let hold = |values: &[f64]| {
        BehaviourSample::new(&[Measurement {
            kind: Kind::Hold,
            values,
        }])
    };
    for (values, expected) in [
        (&[][..], InvalidSample::Empty),
        (&[f64::NAN], InvalidSample::NotFinite),
        (&[f64::INFINITY], InvalidSample::NotFinite),
        (&[f64::NEG_INFINITY], InvalidSample::NotFinite),
        (&[-1.0], InvalidSample::OutOfRange),
        (&[1e9], InvalidSample::OutOfRange),
        (&[f64::MAX], InvalidSample::OutOfRange),
        (&huge, InvalidSample::TooMany),
        (&[90.0, 90.0], InvalidSample::Uneven),
    ] {
        assert_eq!(hold(values), Err(expected), "{values:?}");
    }
    let twice = Measurement {
        kind: Kind::TouchSize,
        values: &[1.0],
    };
    let derived = Measurement {
        kind: Kind::AverageHold,
        values: &[90.0],
    };
    assert_eq!(BehaviourSample::new(&[]), Err(InvalidSample::Empty));
    assert_eq!(
        BehaviourSample::new(&[twice, twice]),
        Err(InvalidSample::Repeated)
    );
    assert_eq!(
        BehaviourSample::new(&[derived]),
        Err(InvalidSample::Derived)
    );
}

#[test]
fn what_no_hand_types_is_an_anomaly() {
    let anomaly = |holds: [f64; 5], presses: [f64; 4]| {
        BehaviourSample::keystrokes(&holds, &presses)
            .unwrap()
            .anomaly()
    };
    for (holds, presses, expected) in [
        (
            [80.0, 95.0, 70.0, 88.0, 91.0],
            [210.0, 160.0, 330.0, 250.0],
            None,
        ),
        ([80.0; 5], [100.0; 4], Some(Anomaly::Uniform)),
        // A clock of 100 ms: all hold times are equal, and it is a person.
        ([100.0; 5], [200.0, 100.0, 300.0, 200.0], None),
        (
            [80.0, 95.0, 70.0, 88.0, 91.0],
            [9.0, 12.0, 7.0, 300.0],
            Some(Anomaly::ImpossibleSpeed),
        ),
        (
            [0.0, 1.0, 0.0, 1.0, 90.0],
            [210.0, 160.0, 330.0, 250.0],
            Some(Anomaly::ImpossibleSpeed),
        ),
        // The same clock, and keys that are held for less than half of its step.
        (
            [0.0, 0.0, 100.0, 0.0, 0.0],
            [200.0, 200.0, 300.0, 200.0],
            None,
        ),
    ] {
        assert_eq!(anomaly(holds, presses), expected, "{holds:?} {presses:?}");
    }
}
