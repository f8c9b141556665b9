//! What holds for every sample.

use proptest::{collection::vec, prelude::*};

use super::{
    template::{strong, template},
    *,
};
use crate::risk::behaviour::template::{MOST_SAMPLES, Template, Verdict};

/// Numbers as an attacker sends them, with those that a browser does.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..400.0,
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(1e9), Just(-0.0)],
    ]
}

/// Samples of four features.
fn samples() -> impl Strategy<Value = Vec<[i16; 4]>> {
    vec(any::<[i16; 4]>(), 1..30)
}

fn model(samples: &[[i16; 4]]) -> Model {
    let samples: Vec<_> = samples.iter().map(|values| speeds(values)).collect();
    Model::fit(&samples).unwrap()
}

fn published(samples: &[[i16; 4]]) -> ScaledManhattan {
    let rows: Vec<_> = samples.iter().map(|values| values.map(f32::from)).collect();
    let rows: Vec<&[f32]> = rows.iter().map(|row| &row[..]).collect();
    ScaledManhattan::fit(&rows).unwrap()
}

proptest! {
    #[test]
    fn a_sample_is_finite_and_bounded_or_refused(
        holds in vec(number(), 0..55),
        presses in vec(number(), 0..55),
    ) {
        let is_fine = |value: &f64, limit: f64| value.is_finite() && (0.0..=limit).contains(value);
        if BehaviourSample::keystrokes(&holds, &presses).is_ok() {
            prop_assert!(holds.len() <= MAX_VALUES && holds.len() == presses.len() + 1);
            prop_assert!(holds.iter().all(|value| is_fine(value, Kind::Hold.limit())));
            prop_assert!(presses.iter().all(|value| is_fine(value, Kind::PressToPress.limit())));
        }
    }

    #[test]
    fn a_worse_feature_never_lowers_a_distance(
        samples in samples(),
        sample in any::<[i16; 4]>(),
        place in 0..4_usize,
        further in 0..5000_i16,
    ) {
        let model = model(&samples);
        let (expected, value) = model.pairs(&speeds(&sample)).nth(place).map(|(e, v)| (*e, v)).unwrap();
        let mut worse = sample;
        worse[place] = match value >= expected.median {
            true => worse[place].saturating_add(further),
            false => worse[place].saturating_sub(further),
        };
        let distance = |sample: &[i16; 4]| model.distance(&speeds(sample)).unwrap();
        prop_assert!(distance(&worse) >= distance(&sample));

        // The published matcher has the mean for a centre.
        let published = published(&samples);
        let mean = samples.iter().map(|values| f32::from(values[place])).sum::<f32>() / samples.len() as f32;
        let row = sample.map(f32::from);
        let mut worse = row;
        worse[place] += f32::from(further) * if row[place] >= mean { 1.0 } else { -1.0 };
        prop_assert!(published.distance(&worse) >= published.distance(&row) * 0.999);
    }

    #[test]
    fn likelihoods_are_bounded_numbers(samples in samples(), sample in any::<[i16; 4]>()) {
        let model = model(&samples);
        prop_assert!(model.evidence(&speeds(&sample)).unwrap().is_finite());
        let likelihood = model.likelihood(&speeds(&sample)).unwrap();
        prop_assert!((-BOUND..=BOUND).contains(&likelihood.log_ratio()));
        prop_assert!((0.04..=0.96).contains(&likelihood.suspicion()));
    }

    #[test]
    fn the_order_of_samples_does_not_matter_to_the_published_matcher(
        samples in vec(any::<[i8; 4]>(), 2..20),
        sample in any::<[i8; 4]>(),
    ) {
        let samples: Vec<_> = samples.into_iter().map(|values| values.map(i16::from)).collect();
        let reversed: Vec<_> = samples.iter().rev().copied().collect();
        let row = sample.map(f32::from);
        let (one, other) = (published(&samples).distance(&row), published(&reversed).distance(&row));
        prop_assert!((one - other).abs() <= 0.001 * one.abs().max(1.0), "{one} {other}");
    }

    #[test]
    fn the_order_of_features_of_a_kind_does_not_matter(samples in samples(), sample in any::<[i16; 4]>()) {
        let turned = |values: &[i16; 4]| [values[2], values[0], values[3], values[1]];
        let all: Vec<_> = samples.iter().map(turned).collect();
        let one = model(&samples).distance(&speeds(&sample)).unwrap();
        let other = model(&all).distance(&speeds(&turned(&sample))).unwrap();
        prop_assert!((one - other).abs() < 0.001, "{one} {other}");
    }

    #[test]
    fn the_order_of_samples_does_not_hide_a_replay(shift in 0..6_usize, copied in 0..6_usize) {
        let first = Template::begin(typed(shift % 6), strong()).unwrap();
        let template = (1..6).fold(first, |template, number| {
            template.learn(typed((number + shift) % 6), strong()).unwrap()
        });
        prop_assert_eq!(template.assess(&typed(copied)), Verdict::Anomalous(Anomaly::Replayed));
    }

    #[test]
    fn a_template_is_bounded_and_survives_storage(samples in vec(vec(0..2000_u16, 3), 1..60)) {
        let mut template: Option<Template> = None;
        for times in samples {
            let hold = |time: &u16| f64::from(*time) + 20.0;
            let holds: Vec<_> = times.iter().map(hold).collect();
            let sample = BehaviourSample::keystrokes(&holds, &holds[1..]).unwrap();
            let learned = match template.clone() {
                None => Template::begin(sample, strong()),
                Some(template) => template.learn(sample, strong()),
            };
            template = learned.ok().or(template);
        }
        if let Some(template) = template {
            prop_assert!(template.samples().len() <= MOST_SAMPLES);
            prop_assert_eq!(Template::from_bytes(&template.to_bytes()), Some(template));
        }
    }

    #[test]
    fn stored_bytes_of_any_kind_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), cut in 0..200_usize) {
        if let Some(template) = Template::from_bytes(&bytes) {
            prop_assert_eq!(template.to_bytes(), bytes);
        }
        let stored = template(3).to_bytes();
        let short = &stored[..cut.min(stored.len() - 1)];
        prop_assert_eq!(Template::from_bytes(short), None);
    }
}
