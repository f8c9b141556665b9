use super::*;
use crate::{
    identity::device::AuthMethod,
    risk::behaviour::template::{
        LEAST_SAMPLES, MOST_SAMPLES, NotLearned, StrongSignIn, Template, Unknown, Verdict,
    },
};

pub(super) fn strong() -> StrongSignIn {
    StrongSignIn::by(AuthMethod::PasskeyDeviceBound).unwrap()
}

pub(super) fn template(samples: usize) -> Template {
    let first = Template::begin(typed(0), strong()).unwrap();
    (1..samples).fold(first, |template, number| {
        template.learn(typed(number), strong()).unwrap()
    })
}

#[test]
fn a_replay_is_recognised_with_noise_too_small_for_a_hand() {
    let template = template(2);
    assert_eq!(
        template.assess(&typed(1)),
        Verdict::Anomalous(Anomaly::Replayed)
    );
    let noisy = typed_by(1.002, 1);
    assert_ne!(noisy, typed(1));
    assert_eq!(
        template.assess(&noisy),
        Verdict::Anomalous(Anomaly::Replayed)
    );
    assert_eq!(
        template.assess(&typed(2)),
        Verdict::Unknown(Unknown::NotEnrolled)
    );
}

#[test]
fn equal_samples_of_a_coarse_clock_are_no_replay() {
    let coarse = || {
        let presses = [200.0, 100.0, 300.0, 200.0, 200.0, 100.0, 200.0];
        BehaviourSample::keystrokes(&[100.0; 8], &presses).unwrap()
    };
    let template = Template::begin(coarse(), strong()).unwrap();
    assert_eq!(
        template.assess(&coarse()),
        Verdict::Unknown(Unknown::NotEnrolled)
    );
}

#[test]
fn a_template_compares_from_five_samples_on() {
    let four = template(LEAST_SAMPLES - 1);
    assert_eq!(
        four.assess(&typed(27)),
        Verdict::Unknown(Unknown::NotEnrolled)
    );
    let five = template(LEAST_SAMPLES);
    assert!(five.assess(&typed(27)).suspicion().unwrap() < 0.2);
    assert!(five.assess(&typed_by(1.8, 27)).suspicion().unwrap() > 0.8);
    let other = BehaviourSample::keystrokes(&[90.0, 80.0], &[200.0]).unwrap();
    assert_eq!(five.assess(&other), Verdict::Unknown(Unknown::OtherShape));
}

#[test]
fn what_is_not_known_is_neutral() {
    for unknown in [
        Unknown::Exempt,
        Unknown::NoSample,
        Unknown::NotEnrolled,
        Unknown::OtherShape,
    ] {
        assert_eq!(Verdict::Unknown(unknown).suspicion(), None);
    }
}

#[test]
fn only_a_passkey_on_this_device_teaches() {
    for method in AuthMethod::ALL {
        let is_passkey = matches!(
            method,
            AuthMethod::PasskeySynced | AuthMethod::PasskeyDeviceBound
        );
        assert_eq!(StrongSignIn::by(method).is_some(), is_passkey, "{method:?}");
    }
}

#[test]
fn anomalies_are_not_learned_and_another_shape_begins_again() {
    let template = template(6);
    let replayed = template.clone().learn(typed(3), strong());
    assert_eq!(replayed, Err(NotLearned::Anomalous(Anomaly::Replayed)));
    let robot = BehaviourSample::keystrokes(&[80.0; 8], &[100.0; 7]).unwrap();
    let learned = template.clone().learn(robot.clone(), strong());
    assert_eq!(learned, Err(NotLearned::Anomalous(Anomaly::Uniform)));
    assert!(Template::begin(robot, strong()).is_err());
    let other = BehaviourSample::keystrokes(&[90.0, 80.0], &[200.0]).unwrap();
    let begun = template.learn(other, strong()).unwrap();
    assert_eq!(begun.samples().len(), 1);
}

#[test]
fn the_last_twenty_samples_are_kept() {
    let template = template(MOST_SAMPLES + 5);
    assert_eq!(template.samples().len(), MOST_SAMPLES);
    assert_eq!(template.samples().first(), Some(&typed(5)));
    assert_eq!(template.samples().last(), Some(&typed(MOST_SAMPLES + 4)));
    assert_eq!(Template::from_bytes(&template.to_bytes()), Some(template));
}

#[test]
fn altered_bytes_are_no_template() {
    let stored = template(2).to_bytes();
    // Version, number of groups, first kind, first count, number of samples.
    for (place, value) in [
        (0, 2),
        (1, 4),
        (2, 9),
        (2, 200),
        (3, 0),
        (3, 49),
        (12, 0),
        (12, 21),
    ] {
        let mut altered = stored.clone();
        altered[place] = value;
        assert_eq!(Template::from_bytes(&altered), None, "{place} {value}");
    }
    // The same kind twice, in parts that fit.
    let twice = [1, 2, 5, 1, 5, 1, 1, 0, 0, 0, 0];
    assert_eq!(Template::from_bytes(&twice), None);
    assert!(Template::from_bytes(&[1, 2, 5, 1, 6, 1, 1, 0, 0, 0, 0]).is_some());
}
