//! When keys are fetched, and what happens when they cannot be.

use crate::issuer::{Issuer, VECTORS, token};
use latchkey_client::Verifier;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const GOOD: &str = "EdDSA is accepted";
const WITH_ES256: &str = "ES256 is accepted";
const UNKNOWN: &str = "key id of no key";

async fn code(verifier: &Verifier, name: &str) -> &'static str {
    let verified = verifier.access_token(token(name)).await;
    verified.err().map_or("ok", |error| error.code())
}

/// Verifies a token several times at each of these times; the second number is that of fetches until then.
async fn walk(
    issuer: &Issuer,
    verifier: &Verifier,
    name: &str,
    expected: &str,
    steps: &[(u64, usize)],
) {
    for (seconds, fetches) in steps {
        issuer.clock.set(*seconds);
        for _ in 0..5 {
            assert_eq!(code(verifier, name).await, expected, "at {seconds} s");
        }
        assert_eq!(issuer.requests(), *fetches, "at {seconds} s");
    }
}

fn without(kind: &str) -> String {
    let keys = VECTORS.jwks["keys"].as_array().unwrap().iter();
    let kept: Vec<&Value> = keys.filter(|key| key["kty"] != kind).collect();
    json!({ "keys": kept }).to_string()
}

#[tokio::test]
async fn keys_are_fetched_at_first_use_and_every_five_minutes() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    assert_eq!(issuer.requests(), 0);
    let steps = [(0, 1), (299, 1), (300, 2), (599, 2), (601, 3)];
    walk(&issuer, &verifier, GOOD, "ok", &steps).await;
}

#[tokio::test]
async fn a_new_key_is_found_at_once_and_a_removed_one_is_gone_within_five_minutes() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    issuer.answer(200, without("OKP"));
    walk(&issuer, &verifier, WITH_ES256, "ok", &[(0, 1)]).await;
    issuer.answer(200, without("EC"));
    walk(&issuer, &verifier, GOOD, "ok", &[(0, 2)]).await;
    walk(&issuer, &verifier, WITH_ES256, "key_id", &[(0, 2)]).await;
    issuer.answer(200, without("OKP"));
    walk(&issuer, &verifier, GOOD, "key_id", &[(301, 4)]).await;
}

#[tokio::test]
async fn forged_key_ids_cause_one_fetch_in_thirty_seconds() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    walk(&issuer, &verifier, GOOD, "ok", &[(0, 1)]).await;
    let steps = [(0, 2), (29, 2), (30, 3), (59, 3), (60, 4)];
    walk(&issuer, &verifier, UNKNOWN, "key_id", &steps).await;
}

#[tokio::test]
async fn tokens_without_key_id_or_with_a_broken_form_cause_no_fetch() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    for (name, expected) in [
        ("no key id", "key_id"),
        ("encoding: padding of the signature", "malformed"),
        ("encoding: 8193 bytes", "too_long"),
    ] {
        walk(&issuer, &verifier, name, expected, &[(0, 0)]).await;
    }
}

#[tokio::test]
async fn an_outage_is_survived_for_a_day() {
    let mut issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    walk(&issuer, &verifier, GOOD, "ok", &[(0, 1)]).await;
    issuer.stop().await;
    let steps = [(301, 1), (302, 1), (3600, 1), (86_399, 1)];
    walk(&issuer, &verifier, GOOD, "ok", &steps).await;
    walk(&issuer, &verifier, GOOD, "keys_unavailable", &[(86_400, 1)]).await;
}

#[tokio::test]
async fn during_an_outage_one_fetch_in_thirty_seconds_is_tried() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    walk(&issuer, &verifier, GOOD, "ok", &[(0, 1)]).await;
    issuer.answer(500, "");
    let steps = [(300, 2), (301, 2), (329, 2), (330, 3)];
    walk(&issuer, &verifier, GOOD, "ok", &steps).await;
    issuer.answer(200, VECTORS.jwks.to_string());
    walk(&issuer, &verifier, GOOD, "ok", &[(360, 4), (361, 4)]).await;
}

#[tokio::test]
async fn without_keys_every_token_is_refused_until_there_are_some() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    let keys = VECTORS.jwks.to_string();
    let too_large = format!("{}{}", keys, " ".repeat(64 * 1024));
    let bad: [(u16, &[u8]); 6] = [
        (503, keys.as_bytes()),
        (302, keys.as_bytes()),
        (200, b"{}"),
        (200, b"[]"),
        (200, b"\xff"),
        (200, too_large.as_bytes()),
    ];
    let mut fetches = 0;
    for (status, body) in bad {
        issuer.answer(status, body);
        let step = (fetches as u64, fetches + 1);
        walk(&issuer, &verifier, GOOD, "keys_unavailable", &[step]).await;
        fetches += 1;
    }
    issuer.answer(200, keys);
    let step = (fetches as u64, fetches + 1);
    walk(&issuer, &verifier, GOOD, "ok", &[step]).await;
}

#[tokio::test]
async fn concurrent_callers_share_one_fetch_and_the_first_may_give_up() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    issuer.open_gate(false);
    let spawn = || {
        let verifier = verifier.clone();
        tokio::spawn(async move { code(&verifier, GOOD).await })
    };
    let first = spawn();
    let others: Vec<_> = std::iter::repeat_with(spawn).take(32).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    first.abort();
    issuer.open_gate(true);
    for other in others {
        assert_eq!(other.await.unwrap(), "ok");
    }
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn an_issuer_that_does_not_respond_is_given_up_after_three_seconds() {
    let issuer = Issuer::start().await;
    let verifier = issuer.verifier();
    issuer.open_gate(false);
    let start = Instant::now();
    assert_eq!(code(&verifier, GOOD).await, "keys_unavailable");
    let took = start.elapsed().as_millis();
    assert!((2500..4500).contains(&took), "{took} ms");
}
