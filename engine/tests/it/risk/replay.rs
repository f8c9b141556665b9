//! Replays with other weights.

use super::{Settled, at, with_risk};
use crate::test_engine::OPERATOR;
use latchkey_domain::risk::{Factor, LevelCounts, Mode, Weights};
use latchkey_engine::{RiskMode, RiskReplay};

async fn replay(settled: &Settled, list: &str, days: u32, most: Option<u64>) -> RiskReplay {
    let weights = Weights::default()
        .with_list(list.split_terminator(','))
        .unwrap();
    let engine = &settled.test.engine;
    engine
        .replay_risk(&OPERATOR, days, &weights, most)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_administrator_sees_what_other_weights_would_have_asked_for() {
    let settled = Settled::on(with_risk(RiskMode::Fixed(Mode::Shadow)).await).await;
    settled.code(None, &at("198.51.100.7")).await.unwrap();
    // One sign-in of eight was a week and a moment ago.
    let same = replay(&settled, "", 30, None).await;
    assert_eq!((same.assessments, same.before), (10, same.after));
    assert_eq!((same.asked_for_more, same.asked_for_less), (0, 0));
    assert!(same.is_complete && same.users.is_empty() && same.weights.is_empty());

    let milder = replay(&settled, "unusual_location=0", 7, None).await;
    assert_eq!(milder.before.high, 1);
    assert_eq!((milder.after.high, milder.after.medium), (0, 1));
    assert_eq!(
        (milder.users_asked_for_less, milder.users_asked_for_more),
        (1, 0)
    );
    let ada = &milder.users[0];
    assert_eq!(ada.email.as_ref().unwrap().as_str(), "ada@example.com");
    assert_eq!((ada.before.score, ada.after.score), (55, 25));
    assert_eq!(milder.weights[0].factor, Factor::UnusualLocation);

    let harder = replay(&settled, "unusual_location=60", 7, None).await;
    assert_eq!((harder.after.held, harder.asked_for_more), (1, 1));
}

#[tokio::test]
async fn a_replay_is_of_the_newest_that_were_asked_for() {
    let settled = Settled::on(with_risk(RiskMode::Fixed(Mode::Shadow)).await).await;
    settled.code(None, &at("198.51.100.7")).await.unwrap();
    let newest = replay(&settled, "", 30, Some(2)).await;
    assert!(!newest.is_complete);
    let counts = LevelCounts {
        low: 1,
        high: 1,
        ..LevelCounts::default()
    };
    assert_eq!(newest.before, counts);
    assert!(newest.since > settled.test.engine.now() - time::Duration::days(2));
}
