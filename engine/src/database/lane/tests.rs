use super::*;
use crate::{RequestOrigin, VerifyDecision, audit, test_engine::TestEngine};
use sea_orm::TransactionTrait;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{task::yield_now, time::sleep};

#[tokio::test]
async fn audit_3_a_revocation_waits_for_at_most_one_anonymous_write() {
    let test = TestEngine::new().await;
    let anonymous = test.engine.in_lane(Lane::Anonymous);
    let written = Arc::new(AtomicUsize::new(0));
    let first = anonymous.acquire_write_permit().await.unwrap();
    let crowd: Vec<_> = (0..20)
        .map(|_| {
            let (engine, written) = (anonymous.clone(), Arc::clone(&written));
            tokio::spawn(async move {
                let _permit = engine.acquire_write_permit().await.unwrap();
                written.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(1)).await;
            })
        })
        .collect();
    // All of them wait by now.
    for _ in 0..100 {
        yield_now().await;
    }
    drop(first);
    let _permit = test.engine.acquire_write_permit().await.unwrap();
    assert!(written.load(Ordering::SeqCst) <= 1);
    drop(_permit);
    for one in crowd {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn audit_3_an_anonymous_writer_pauses_as_long_as_it_wrote() {
    let test = TestEngine::new().await;
    let anonymous = test.engine.in_lane(Lane::Anonymous);
    let permit = anonymous.acquire_write_permit().await.unwrap();
    sleep(Duration::from_millis(20)).await;
    let end = Instant::now();
    drop(permit);
    let _next = anonymous.acquire_write_permit().await.unwrap();
    assert!(end.elapsed() >= Duration::from_millis(15));
}

#[tokio::test]
async fn audit_3_an_anonymous_writer_that_waits_too_long_is_told_to_retry() {
    let test = TestEngine::new().await;
    let _permit = test.engine.acquire_write_permit().await.unwrap();
    let anonymous = test.engine.in_lane(Lane::Anonymous);
    tokio::time::pause();
    let refused = anonymous
        .register_device(
            "nobody@example.com",
            "000000",
            "",
            None,
            &RequestOrigin::default(),
        )
        .await
        .err();
    assert!(matches!(refused, Some(Error::Busy { .. })), "{refused:?}");
}

#[tokio::test]
async fn audit_3_verify_and_the_change_feed_work_while_all_other_connections_are_in_use() {
    let test = TestEngine::in_file().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let pools = &test.engine.inner.pools;
    let mut held = Vec::new();
    for pool in [&pools.known, &pools.anonymous] {
        for _ in 0..pool
            .get_sqlite_connection_pool()
            .options()
            .get_max_connections()
        {
            let tx = pool.begin().await.unwrap();
            audit::store::head(&tx).await.unwrap();
            held.push(tx);
        }
    }
    let busy = audit::store::head(&pools.anonymous).await.unwrap_err();
    assert!(matches!(Error::from(busy), Error::Busy { .. }));
    let verify = test.engine.in_lane(Lane::Verify);
    let answer = verify
        .verify("photos", Some(&test.token), Some(cookie.as_str()))
        .await;
    assert!(matches!(answer, VerifyDecision::Granted(_)), "{answer:?}");
    // Nor does it need those with which verify looks up what is not in memory.
    for _ in 0..pools
        .verify
        .get_sqlite_connection_pool()
        .options()
        .get_max_connections()
    {
        held.push(pools.verify.begin().await.unwrap());
    }
    assert!(test.engine.is_cache_fresh().await);
}

#[tokio::test]
async fn audit_3_a_device_is_identified_by_its_cookie_without_a_query() {
    let test = TestEngine::new().await;
    let [cookie] = test.users(["guest@example.com"]).await;
    let _all = test.engine.inner.pools.known.begin().await.unwrap();
    let known = test.engine.device_of(&cookie);
    assert!(known.is_some() && known == test.engine.device_of(&cookie));
    assert_eq!(test.engine.device_of(&cookie.replace('A', "B")), None);
    assert_eq!(test.engine.device_of(""), None);
}
