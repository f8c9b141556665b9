use super::*;
use crate::{identity, keys::keyring::work, test_engine::TestEngine};
use latchkey_domain::event::{Ended, SignedOut};
use time::Duration;

/// A row that comes back without an invalidation shows who asked the database.
#[tokio::test]
async fn a_missing_device_is_queried_once_a_minute() {
    let test = TestEngine::new().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let user = test.id_of("guest@example.com").await;
    let (engine, keys) = (&test.engine, &test.engine.inner.keys);
    let device = DeviceCookie::parse(&cookie, keys, test.clock.now())
        .unwrap()
        .device;
    let user_row = identity::store::user::find(&engine.read(), user).await;
    let device_row = identity::store::device::find(&engine.read(), device).await;
    let (user_row, device_row) = (user_row.unwrap().unwrap(), device_row.unwrap().unwrap());
    for ends in ["a minute", "an invalidation"] {
        test.delete(user).await;
        assert!(matches!(
            test.ask(&cookie).await,
            VerifyDecision::Unauthenticated
        ));
        let permit = engine.acquire_write_permit().await.unwrap();
        let inserted = identity::store::user::insert(&permit, &user_row).await;
        inserted.unwrap();
        let inserted = identity::store::device::insert(&permit, &device_row).await;
        inserted.unwrap();
        drop(permit);
        assert!(matches!(
            test.ask(&cookie).await,
            VerifyDecision::Unauthenticated
        ));

        if ends == "a minute" {
            test.clock.advance(Duration::minutes(1));
        } else {
            let mut tx = (engine.begin(Actor::System, &RequestOrigin::default()).await).unwrap();
            // An event of the device, which stays as it is.
            let event = SignedOut {
                device: device_row.clone(),
                ended: Ended::default(),
            };
            tx.apply(event).await.unwrap();
            tx.commit().await.unwrap();
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

/// The texts of what is logged.
#[derive(Clone, Default)]
struct Logged(std::sync::Arc<std::sync::Mutex<String>>);

impl tracing::field::Visit for Logged {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        use std::fmt::Write;
        let mut text = self.0.lock().unwrap();
        writeln!(text, "{field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Logged {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn the_log_says_why_verify_failed_and_blames_the_database_for_nothing_else() {
    let test = TestEngine::new().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let permit = test.engine.acquire_write_permit().await.unwrap();
    let spoil = "UPDATE users SET role = 'Owner!'";
    sea_orm::ConnectionTrait::execute_unprepared(permit.db(), spoil)
        .await
        .unwrap();
    drop(permit);
    let logged = Logged::default();
    let guard = tracing::subscriber::set_default(logged.clone());
    let answer = test.ask(&cookie).await;
    drop(guard);
    assert!(matches!(answer, VerifyDecision::Unavailable));
    let text = logged.0.lock().unwrap();
    assert!(text.contains("verify failed"), "{text}");
    assert!(text.contains("not a role"), "{text}");
    assert!(!text.contains("database"), "{text}");
}
