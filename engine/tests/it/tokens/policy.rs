//! How often a service accepts a token.

use super::*;
use crate::one_time_store::{OneTimeStore, on_each_store};
use latchkey_domain::pagination::ListQuery;
use std::sync::Arc;
use tokio::sync::Barrier;

on_each_store! {
    must_survive_18_a_one_shot_token_used_fifty_times_at_once_is_accepted_once
    the_audit_log_says_once_that_a_token_was_used_again
    a_used_token_stays_used_until_it_has_expired
}

async fn actions(engine: &Engine, action: &str) -> u64 {
    let query = ListQuery {
        filter: action.to_owned(),
        ..ListQuery::default()
    };
    engine.list_events(&OPERATOR, &query).await.unwrap().total
}

async fn must_survive_18_a_one_shot_token_used_fifty_times_at_once_is_accepted_once(
    store: OneTimeStore,
) {
    let test = TestEngine::on(&store).await;
    let (photos, client) = photos(&test, TokenUse::OneShot).await;
    let token = client.token(&test.engine).await;
    let barrier = Arc::new(Barrier::new(50));
    let uses: Vec<_> = (0..50)
        .map(|_| {
            let (engine, photos, token) = (test.engine.clone(), photos.clone(), token.clone());
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                ask(&engine, "photos", &photos, &token).await
            })
        })
        .collect();
    let mut accepted = 0;
    for one in uses {
        match one.await.unwrap() {
            "token accepted" => accepted += 1,
            other => assert_eq!(other, "unknown"),
        }
    }
    assert_eq!(accepted, 1);
    // However often it is sent, the audit log says so once.
    assert_eq!(actions(&test.engine, "token.replayed").await, 1);
    assert_eq!(actions(&test.engine, "token.issued").await, 1);
}

async fn the_audit_log_says_once_that_a_token_was_used_again(store: OneTimeStore) {
    let test = TestEngine::on(&store).await;
    let (photos, client) = photos(&test, TokenUse::OneShot).await;
    let token = client.token(&test.engine).await;
    for (expected, replays) in [("token accepted", 0), ("unknown", 1), ("unknown", 1)] {
        assert_eq!(ask(&test.engine, "photos", &photos, &token).await, expected);
        assert_eq!(actions(&test.engine, "token.replayed").await, replays);
    }
}

async fn a_used_token_stays_used_until_it_has_expired(store: OneTimeStore) {
    let test = TestEngine::on(&store).await;
    let (photos, client) = photos(&test, TokenUse::OneShot).await;
    let token = client.token(&test.engine).await;
    assert_eq!(
        ask(&test.engine, "photos", &photos, &token).await,
        "token accepted"
    );
    for seconds in [0, 60, 59, 1, 4, 1, 60] {
        test.wait(seconds);
        test.engine.tidy().await;
        assert_eq!(
            ask(&test.engine, "photos", &photos, &token).await,
            "unknown"
        );
    }
    let next = client.token(&test.engine).await;
    assert_eq!(
        ask(&test.engine, "photos", &photos, &next).await,
        "token accepted"
    );
}

#[tokio::test]
async fn of_single_active_tokens_the_newest_of_a_client_is_accepted() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::SingleActive).await;
    let other = TestClient::add(&test.engine, new_client("Other", "photos", "read")).await;
    let of_other = other.token(&test.engine).await;
    let first = client.token(&test.engine).await;
    let ask = async |token: &str| ask(&test.engine, "photos", &photos, token).await;
    assert_eq!(ask(&first).await, "token accepted");
    assert_eq!(ask(&first).await, "token accepted");
    let second = client.token(&test.engine).await;
    assert_eq!(ask(&first).await, "unknown");
    assert_eq!(ask(&second).await, "token accepted");
    assert_eq!(ask(&of_other).await, "token accepted");
}

#[tokio::test]
async fn a_single_active_token_is_accepted_until_it_expires_and_the_leeway_is_over() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::SingleActive).await;
    let token = client.token(&test.engine).await;
    for (seconds, expected) in [(124, "token accepted"), (1, "unknown")] {
        test.wait(seconds);
        test.engine.tidy().await;
        assert_eq!(ask(&test.engine, "photos", &photos, &token).await, expected);
    }
}

#[tokio::test]
async fn a_stricter_policy_counts_for_tokens_that_were_issued_before_it() {
    let test = TestEngine::new().await;
    let (photos, client) = photos(&test, TokenUse::Reusable).await;
    let token = client.token(&test.engine).await;
    for (policy, expected) in [
        (TokenUse::SingleActive, "unknown"),
        (TokenUse::OneShot, "token accepted"),
        (TokenUse::OneShot, "unknown"),
    ] {
        let change = test.engine.change_access_tokens(
            &OPERATOR,
            "photos",
            NewAccessTokens::new("read write", policy),
            &ORIGIN,
        );
        change.await.unwrap();
        assert_eq!(ask(&test.engine, "photos", &photos, &token).await, expected);
    }
}
