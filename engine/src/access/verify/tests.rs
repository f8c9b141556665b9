use super::*;
use crate::{identity, keys::keyring::work, test_engine::TestEngine};
use time::Duration;

/// A row that comes back without a word in the audit log shows who asked the database.
#[tokio::test]
async fn a_missing_device_is_queried_once_a_minute() {
    let test = TestEngine::new().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let person = test.id_of("guest@example.com").await;
    let (db, keys) = (&test.engine.inner.pools.known, &test.engine.inner.keys);
    let device = DeviceCookie::parse(&cookie, keys, test.clock.now())
        .unwrap()
        .device;
    let rows = (
        identity::store::user::find(db, person)
            .await
            .unwrap()
            .unwrap(),
        identity::store::device::find(db, device)
            .await
            .unwrap()
            .unwrap(),
    );
    for ends in ["a minute", "the log"] {
        test.delete(person).await;
        assert!(matches!(test.ask(&cookie).await, VerifyDecision::Unknown));
        identity::store::user::insert(db, rows.0.clone())
            .await
            .unwrap();
        identity::store::device::insert(db, rows.1.clone())
            .await
            .unwrap();
        assert!(matches!(test.ask(&cookie).await, VerifyDecision::Unknown));

        if ends == "a minute" {
            test.clock.advance(Duration::minutes(1));
        } else {
            let (by, from) = (Actor::System, RequestOrigin::default());
            let mut change = test.engine.change(by, &from).await.unwrap();
            change.record(&Entry {
                action: Action::DeviceRegistered,
                target: Target::Device(device),
                name: "",
                subject: Some(person),
                detail: "",
            });
            change.commit().await.unwrap();
        }
        assert!(
            matches!(test.ask(&cookie).await, VerifyDecision::NoAccess),
            "{ends}"
        );
    }
}

#[tokio::test]
async fn r36_r37_every_refusal_computes_the_same_number_of_hashes() {
    let test = TestEngine::new().await;
    let [good, deleted] = test.users(["guest@example.com", "gone@example.com"]).await;
    test.delete(test.id_of("gone@example.com").await).await;
    assert!(matches!(test.ask(&good).await, VerifyDecision::Granted(_)));

    let token = &*test.token;
    let forged = format!("{}A{}", &good[..100], &good[101..]);
    let wrong_token = format!("{}{}", &token[..token.len() - 10], "A".repeat(10));
    let long = "A".repeat(4000);
    let cookies = [
        None,
        Some(""),
        Some("x"),
        Some(&*long),
        Some(&*forged),
        Some(&*deleted),
        Some(&*good),
    ];
    let tokens = [
        None,
        Some(""),
        Some("lk_x"),
        Some(&*wrong_token),
        Some("lk_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        Some(token),
    ];
    work::take();
    let mut seen = std::collections::BTreeSet::new();
    for cookie in cookies {
        for token in tokens {
            for service in ["photos", "nowhere"] {
                test.engine.verify(service, token, cookie).await;
                seen.insert(work::take());
            }
        }
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!(seen.first().map(Vec::len), Some(3), "token, tag, secret");
}
