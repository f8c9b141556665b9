use super::*;
use crate::{RequestOrigin, VerifyDecision, test_engine::TestEngine};
use latchkey_domain::access::permission::Operator;
use sea_orm::ConnectionTrait;

static OPERATOR: Operator = Operator;

/// Another process on the same database.
async fn beside(test: &TestEngine) -> Engine {
    Engine::open(test.engine.inner.settings.clone())
        .await
        .unwrap()
}

async fn execute(engine: &Engine, sql: &str) -> u64 {
    let permit = engine.acquire_write_permit().await.unwrap();
    let done = permit.db().execute_unprepared(sql).await.unwrap();
    done.rows_affected()
}

#[tokio::test]
async fn must_survive_17_a_process_that_was_away_for_longer_than_the_feed_is_kept_drops_everything()
{
    let test = TestEngine::in_file().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let granted = test.ask(&cookie).await;
    assert!(matches!(granted, VerifyDecision::Granted(_)));
    let other = beside(&test).await;
    let user = test.id_of("guest@example.com").await;
    (other
        .disable_user(&OPERATOR, user, &RequestOrigin::default())
        .await)
        .unwrap();
    // What it missed is not in the feed any more.
    test.clock.advance(time::Duration::hours(2));
    (other
        .add_service(
            &OPERATOR,
            "newer",
            crate::NewService::default(),
            &RequestOrigin::default(),
        )
        .await)
        .unwrap()
        .commit()
        .await
        .unwrap();
    other.run_maintenance().await;
    let keys = match store::after(&other.read(), 0, BATCH).await.unwrap() {
        News::Keys(..) => panic!("the feed begins later"),
        News::Missed => store::newest(&other.read()).await.unwrap(),
    };
    assert!(keys > test.engine.inner.snapshot.seen() + 1);
    assert!(matches!(
        test.ask(&cookie).await,
        VerifyDecision::Unauthenticated
    ));
    assert_eq!(test.engine.inner.snapshot.seen(), keys);
}

#[tokio::test]
async fn an_idle_process_misses_nothing_when_the_feed_is_pruned() {
    let test = TestEngine::in_file().await;
    test.users(["guest@example.com"]).await;
    assert!(test.engine.is_cache_fresh().await);
    let seen = test.engine.inner.snapshot.seen();
    test.clock.advance(time::Duration::days(1));
    test.engine.run_maintenance().await;
    let news = store::after(&test.engine.read(), seen, BATCH).await;
    assert!(matches!(news, Ok(News::Keys(keys, last)) if keys.is_empty() && last == seen));
}

#[tokio::test]
async fn a_key_that_only_a_newer_version_knows_drops_everything() {
    let test = TestEngine::in_file().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let granted = test.ask(&cookie).await;
    assert!(matches!(granted, VerifyDecision::Granted(_)));
    execute(&test.engine, "UPDATE devices SET revoked_at = 1").await;
    let granted = test.ask(&cookie).await;
    assert!(matches!(granted, VerifyDecision::Granted(_)), "from memory");
    execute(
        &test.engine,
        "INSERT INTO invalidations (time, cache_key) VALUES (0, 'policy:7')",
    )
    .await;
    assert!(matches!(
        test.ask(&cookie).await,
        VerifyDecision::Unauthenticated
    ));
}

#[tokio::test]
async fn a_refused_sign_in_invalidates_nothing() {
    let test = TestEngine::new().await;
    test.users(["guest@example.com"]).await;
    let newest = store::newest(&test.engine.read()).await.unwrap();
    let origin = RequestOrigin::default();
    let guess = test
        .engine
        .register_device("guest@example.com", "000000", "", None, &origin);
    assert!(guess.await.is_err());
    assert_eq!(store::newest(&test.engine.read()).await.unwrap(), newest);
}

#[tokio::test]
async fn an_expired_invitation_is_forgotten() {
    let test = TestEngine::new().await;
    test.users(["guest@example.com"]).await;
    let user = test.id_of("guest@example.com").await;
    let origin = RequestOrigin::default();
    let link = test.engine.invite_user(&OPERATOR, user, false, &origin);
    link.await.unwrap().commit().await.unwrap();
    for (days, left) in [(1, 1), (2, 0)] {
        test.clock.advance(time::Duration::days(days));
        test.engine.run_maintenance().await;
        let links = execute(&test.engine, "UPDATE enrolment_codes SET used_at = NULL").await;
        assert_eq!(links, left, "after {days} days more");
    }
}

#[tokio::test]
async fn a_user_with_an_unknown_role_is_an_error_in_every_place() {
    let test = TestEngine::new().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    execute(&test.engine, "UPDATE users SET role = 'Owner!'").await;
    let shown = test
        .engine
        .user_by_email(&OPERATOR, "guest@example.com")
        .await;
    assert!(matches!(shown, Err(Error::Internal(_))));
    let authenticated = test.engine.authenticate(Some(&cookie), None).await;
    assert!(matches!(authenticated, Err(Error::Internal(_))));
    assert!(matches!(
        test.ask(&cookie).await,
        VerifyDecision::Unavailable
    ));
}
