//! Credentials that are used at the same time, with their marks in the database.

use super::*;
use crate::test_engine::TestEngine;
use sea_orm::ConnectionTrait;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Barrier, task::JoinHandle};

fn credential(number: usize) -> OneTime {
    OneTime {
        purpose: ValuePurpose::UsedToken,
        digest: crate::keys::keyring::digest("test", &number.to_be_bytes()),
        usable_from: 0,
        usable_until: OffsetDateTime::UNIX_EPOCH + time::Duration::days(30_000),
    }
}

fn spawn(engine: &Engine, number: usize) -> JoinHandle<Result<Use>> {
    let engine = engine.clone();
    tokio::spawn(async move { engine.use_once(&credential(number)).await })
}

async fn until_waiting(engine: &Engine, count: usize) {
    while engine.inner.uses.len() < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Uses of credentials, in this order.
async fn in_one_transaction(engine: &Engine, credentials: &[usize]) -> Vec<Result<Use>> {
    let permit = engine.acquire_write_permit().await.unwrap();
    let mut uses = Vec::new();
    for number in credentials {
        uses.push(spawn(engine, *number));
        until_waiting(engine, uses.len()).await;
    }
    drop(permit);
    let mut results = Vec::new();
    for one in uses {
        results.push(one.await.unwrap());
    }
    results
}

#[tokio::test]
async fn must_survive_18_of_uses_of_a_credential_in_one_transaction_one_is_the_first() {
    let test = TestEngine::in_file().await;
    let uses = in_one_transaction(&test.engine, &[1, 2, 1, 1, 3, 2]).await;
    let uses: Vec<_> = uses.into_iter().map(Result::unwrap).collect();
    let expected = [
        Use::First,
        Use::First,
        Use::Repeated,
        Use::Repeated,
        Use::First,
        Use::Repeated,
    ];
    assert_eq!(uses, expected);
    for number in 1..=3 {
        let again = test.engine.use_once(&credential(number)).await;
        assert_eq!(again.unwrap(), Use::Repeated);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn must_survive_18_of_fifty_uses_of_each_credential_in_two_processes_one_is_the_first() {
    let test = TestEngine::in_file().await;
    let other = Engine::open(test.engine.inner.settings.clone()).await;
    let engines = [test.engine.clone(), other.unwrap()];
    let barrier = Arc::new(Barrier::new(500));
    let uses: Vec<_> = (0..500)
        .map(|number| {
            // Each engine, and each credential in both.
            let engine = engines[(number / 10) % 2].clone();
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                let used = engine.use_once(&credential(number % 10)).await;
                (number % 10, used.unwrap())
            })
        })
        .collect();
    let mut first = [0; 10];
    for one in uses {
        let (credential, used) = one.await.unwrap();
        first[credential] += usize::from(used == Use::First);
    }
    assert_eq!(first, [1; 10]);
}

#[tokio::test]
async fn if_a_mark_cannot_be_written_no_use_of_its_transaction_is_marked() {
    let test = TestEngine::in_file().await;
    let permit = test.engine.acquire_write_permit().await.unwrap();
    let trigger = format!(
        "CREATE TRIGGER full BEFORE INSERT ON ceremonies WHEN NEW.digest = x'{}' \
         BEGIN SELECT RAISE(ABORT, 'disk full'); END",
        hex::encode(credential(2).digest)
    );
    permit.db().execute_unprepared(&trigger).await.unwrap();
    drop(permit);
    let uses = in_one_transaction(&test.engine, &[1, 2, 3]).await;
    assert!(uses.iter().all(Result::is_err));
    let permit = test.engine.acquire_write_permit().await.unwrap();
    let drop_it = permit.db().execute_unprepared("DROP TRIGGER full");
    drop_it.await.unwrap();
    drop(permit);
    for used in in_one_transaction(&test.engine, &[1, 2, 3]).await {
        assert_eq!(used.unwrap(), Use::First);
    }
}

#[tokio::test]
async fn a_use_that_is_cancelled_before_its_turn_is_not_marked() {
    let test = TestEngine::in_file().await;
    let permit = test.engine.acquire_write_permit().await.unwrap();
    let cancelled = spawn(&test.engine, 1);
    until_waiting(&test.engine, 1).await;
    let other = spawn(&test.engine, 2);
    until_waiting(&test.engine, 2).await;
    cancelled.abort();
    assert!(cancelled.await.unwrap_err().is_cancelled());
    drop(permit);
    assert_eq!(other.await.unwrap().unwrap(), Use::First);
    let used = test.engine.use_once(&credential(1)).await;
    assert_eq!(used.unwrap(), Use::First);
}

#[tokio::test]
async fn more_uses_than_a_group_has_are_all_marked() {
    let test = TestEngine::in_file().await;
    let all: Vec<_> = (0..600).collect();
    for expected in [Use::First, Use::Repeated] {
        for used in in_one_transaction(&test.engine, &all).await {
            assert_eq!(used.unwrap(), expected);
        }
    }
}
