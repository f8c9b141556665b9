//! Replays with other weights.

use super::*;
use crate::id::UserId;

fn note(text: &str) -> RiskNote {
    text.parse().unwrap()
}

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn with(list: &[&str]) -> Weights {
    Weights::default().with_list(list.iter().copied()).unwrap()
}

#[test]
fn each_reason_has_the_same_share_of_another_weight() {
    let recorded =
        note("63 high shadow passkey unusual_location:30 new_device:25 unusual_time:8").assessment;
    for (weights, score, is_exact) in [
        (with(&[]), 63, true),
        // Half of it was recorded.
        (with(&["unusual_time=0"]), 55, true),
        (with(&["unusual_time=40"]), 75, true),
        (with(&["unusual_location=100"]), 100, true),
        // What was no reason is none with another weight.
        (with(&["listed_address=90"]), 63, true),
        (Weights::NONE, 0, true),
    ] {
        let (replayed, exact) = recorded.replayed(&Weights::default(), &weights);
        assert_eq!((replayed.score, exact), (score, is_exact), "{weights}");
        assert_eq!(replayed.level, Level::of(score));
    }
}

#[test]
fn what_was_recorded_with_other_weights_is_as_strong_as_can_be_and_counted() {
    let recorded = note("55 high shadow passkey unusual_location:30 new_device:25").assessment;
    let then = with(&["unusual_location=20", "new_device=0"]);
    let (replayed, is_exact) = recorded.replayed(&then, &with(&[]));
    assert_eq!((replayed.score, is_exact), (55, false));
    let mut replay = Replay::new(then, with(&[]));
    replay.add(
        user(1),
        Occasion::SignIn,
        &note("30 medium shadow authentication unusual_location:30"),
        true,
    );
    replay.add(
        user(1),
        Occasion::SignIn,
        &note("15 low shadow nothing unusual_time:15"),
        true,
    );
    assert_eq!(replay.estimated, 1);
    assert_eq!(replay.unrecorded(), [Factor::NewDevice]);
}

#[test]
fn users_are_counted_who_would_have_been_asked_for_more_or_less() {
    let mut replay = Replay::new(with(&[]), with(&["unusual_time=0", "listed_address=50"]));
    for (who, occasion, text, has_passkey) in [
        // Asked for a code, and would not be.
        (
            1,
            Occasion::SignIn,
            "45 medium enforce authentication unusual_location:30 unusual_time:15",
            true,
        ),
        (
            1,
            Occasion::SignIn,
            "23 medium enforce authentication unusual_time:8 contradiction:15",
            true,
        ),
        // Asked for a code, and would be for a passkey; without one, for no more on a known device.
        (
            2,
            Occasion::SignIn,
            "25 medium enforce authentication listed_address:25",
            true,
        ),
        (
            3,
            Occasion::SignIn,
            "25 medium enforce authentication listed_address:25",
            false,
        ),
        (
            4,
            Occasion::Registration,
            "25 medium enforce authentication listed_address:25",
            false,
        ),
        (
            5,
            Occasion::Return,
            "55 high enforce passkey unusual_location:30 listed_address:25",
            true,
        ),
        (6, Occasion::SignIn, "0 low enforce nothing", true),
    ] {
        replay.add(user(who), occasion, &note(text), has_passkey);
    }
    let counts = |low, medium, high, held| LevelCounts {
        low,
        medium,
        high,
        held,
    };
    assert_eq!(replay.before, counts(1, 5, 1, 0));
    assert_eq!(replay.after, counts(2, 1, 3, 1));
    assert_eq!((replay.users(), replay.times()), ((2, 1), (2, 1)));
    let affected = replay.most_affected(2);
    let ids: Vec<_> = affected.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [user(1), user(2)]);
    let (before, after) = affected[0].1.example.clone().unwrap();
    assert_eq!((before.score, after.score), (23, 15));
    assert_eq!(replay.before.total(), 7);
    assert_eq!(replay.after.of(Level::Held), 1);
}

#[test]
fn the_configuration_says_what_differs_from_the_defaults() {
    assert!(Weights::default().to_list().is_empty());
    let list = with(&["automation=0", "new_device=40"]).to_list();
    assert_eq!(list, ["new_device=40", "automation=0"]);
    let replay = Replay::new(with(&["new_device=40"]), with(&["new_device=41"]));
    assert_eq!(replay.differences(), [(Factor::NewDevice, 40, 41)]);
}
