//! The dashboard of risk.

use super::{Settled, at, enforcing};
use crate::test_engine::{OPERATOR, origin};
use latchkey_domain::{
    pagination::ListQuery,
    risk::{Factor, LevelCounts, Mode, NetworkVerdict},
};
use latchkey_engine::Unusualness;

const FAR: &str = "198.51.100.7";

#[tokio::test]
async fn an_administrator_sees_who_was_unusual_and_from_where() {
    let mut settled = Settled::on(enforcing().await).await;
    let engine = settled.test.engine.clone();
    let before = engine.risk_overview(&OPERATOR).await.unwrap();
    assert_eq!((before.unusual, before.users.len()), (0, 0));
    assert_eq!((before.mode, before.enforced_from), (Mode::Enforce, None));
    assert_eq!(before.days.len(), 14);
    let signed_in: u64 = before.days.iter().map(|day| day.levels.low).sum();
    assert_eq!(signed_in, 9, "a code, and a passkey on each of eight days");

    settled.code(None, &at(FAR)).await.unwrap();
    engine
        .rule_network(&OPERATOR, FAR, NetworkVerdict::Block, None, &origin())
        .await
        .unwrap();
    let held = settled.passkey(None, &at(FAR)).await.unwrap();
    let overview = engine.risk_overview(&OPERATOR).await.unwrap();
    let today = LevelCounts {
        low: 1,
        high: 1,
        held: 1,
        ..LevelCounts::default()
    };
    assert_eq!(overview.days[13].levels, today);
    assert_eq!(
        overview.factors,
        [
            (Factor::UnusualLocation, 2),
            (Factor::NewDevice, 2),
            (Factor::BlockedNetwork, 1)
        ]
    );
    let sum = Unusualness {
        count: 2,
        points: 155,
        asked: 2,
        highest: 100,
    };
    let ada = &overview.users[0];
    assert_eq!((ada.email.as_str(), ada.unusual), ("ada@example.com", sum));
    let network = &overview.networks[0];
    assert_eq!((&*network.network, network.users), ("198.51.100.0/24", 1));
    assert_eq!(network.unusual, sum);
    assert_eq!(network.verdict, Some(NetworkVerdict::Block));
    assert!(!overview.is_bounded && overview.places.is_empty());

    // What waits is in the list of devices, until it was approved.
    let waiting = ListQuery {
        filter: "waiting".to_owned(),
        ..ListQuery::default()
    };
    let listed = engine.list_devices(&OPERATOR, &waiting).await.unwrap();
    let ids: Vec<_> = listed.items.iter().map(|device| device.id).collect();
    assert!(ids.contains(&held.current_user.device_id));
    for id in ids {
        engine
            .approve_any_device(&OPERATOR, id, &origin())
            .await
            .unwrap();
    }
    let listed = engine.list_devices(&OPERATOR, &waiting).await.unwrap();
    assert_eq!(listed.total, 0);
}

#[tokio::test]
async fn what_was_unusual_more_than_two_weeks_ago_is_not_shown() {
    let settled = Settled::on(enforcing().await).await;
    settled.code(None, &at(FAR)).await.unwrap();
    settled.test.wait(15 * 24 * 60 * 60);
    let overview = settled.test.engine.risk_overview(&OPERATOR).await.unwrap();
    assert_eq!(overview.unusual, 0);
    assert!(overview.days.iter().all(|day| day.levels.total() == 0));
}
