//! Clients whose tokens are signed with RS256: keys are made when the first of them is added.

use super::*;
use crate::signing_keys::{ids, kids, open};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::tokens::access_token::TokenAlgorithm;
use latchkey_engine::{Error, KeyPurpose, KeyState, PUBLISHED_BEFORE_USE, Settings};
use serde_json::Value;

const PURPOSE: KeyPurpose = KeyPurpose::AccessTokenRs256;

fn rs256(name: &str) -> NewClient {
    NewClient {
        algorithm: TokenAlgorithm::Rs256,
        ..new_client(name, "photos", "read")
    }
}

/// The algorithm and the key id that a token's header says.
fn header(token: &str) -> (String, String) {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    let text = |name: &str| header[name].as_str().unwrap().to_owned();
    (text("alg"), text("kid"))
}

/// The ids of the keys in a state.
fn of(engine: &Engine, state: KeyState) -> Vec<String> {
    ids(engine, PURPOSE, state)
}

#[tokio::test]
async fn the_first_client_with_rs256_makes_the_keys_and_the_second_does_not() {
    let test = TestEngine::new().await;
    let (photos, _) = photos(&test, TokenUse::Reusable).await;
    let engine = &test.engine;
    let all = |engine: &Engine| [KeyState::Next, KeyState::Current].map(|state| of(engine, state));
    assert_eq!(all(engine), [[""; 0]; 2]);
    let client = TestClient::add(engine, rs256("Old")).await;
    let token = client.token(engine).await;
    let [next, current] = all(engine);
    assert_eq!((next.len(), current.len()), (1, 1));
    assert_eq!(header(&token), ("RS256".to_owned(), current[0].clone()));
    assert_eq!(
        ask(engine, "photos", &photos, &token).await,
        "token accepted"
    );
    let published = kids(&engine.token_keys());
    assert!(
        [&next[0], &current[0]]
            .iter()
            .all(|id| published.contains(id))
    );
    // A second client uses the same.
    TestClient::add(engine, rs256("Older")).await;
    assert_eq!(all(engine), [next, current]);
    let set = serde_json::to_value(engine.token_keys()).unwrap();
    let key = set
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kty"] == "RSA")
        .unwrap();
    assert_eq!(
        (&key["alg"], &key["use"], &key["e"]),
        (&"RS256".into(), &"sig".into(), &"AQAB".into())
    );
    assert_eq!(key["n"].as_str().unwrap().len(), 342, "2048 bits");
}

#[tokio::test]
async fn keys_for_rs256_rotate_and_another_process_signs_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let at = |settings: &mut Settings| {
        settings.data_dir = dir.path().to_owned();
        settings.database_url = None;
    };
    let test = TestEngine::with(at).await;
    let (engine, clock) = (&test.engine, test.clock.clone());
    let (photos, _) = photos(&test, TokenUse::Reusable).await;
    let other = open(&dir, &clock).await;
    let client = TestClient::add(engine, rs256("Old")).await;
    // It has never seen these keys.
    let token = client.token(&other).await;
    assert_eq!(header(&token).0, "RS256");
    assert_eq!(
        ask(&other, "photos", &photos, &token).await,
        "token accepted"
    );
    let refused = engine.rotate_key(&OPERATOR, PURPOSE, false, &ORIGIN).await;
    assert!(matches!(refused, Err(Error::Conflict { .. })));

    clock.advance(PUBLISHED_BEFORE_USE);
    let before = client.token(engine).await;
    let (next, current) = (of(engine, KeyState::Next), of(engine, KeyState::Current));
    let rotated = engine.rotate_key(&OPERATOR, PURPOSE, false, &ORIGIN).await;
    assert_eq!(rotated.unwrap().id, next[0]);
    assert_eq!(of(engine, KeyState::Retiring), current);
    assert_eq!(
        ask(engine, "photos", &photos, &before).await,
        "token accepted"
    );
    let after = client.token(engine).await;
    assert_eq!(header(&after).1, next[0].clone());
    // The other process has them with its maintenance, and so does one that starts now.
    other.tidy().await;
    let third = open(&dir, &clock).await;
    for engine in [&other, &third] {
        assert_eq!(
            ask(engine, "photos", &photos, &after).await,
            "token accepted"
        );
    }
    let rotated = engine.rotate_key(&OPERATOR, PURPOSE, true, &ORIGIN).await;
    assert_eq!(of(engine, KeyState::Current), [rotated.unwrap().id]);
    assert_eq!(of(engine, KeyState::Retiring), [""; 0]);
    for token in [before, after] {
        assert_eq!(ask(engine, "photos", &photos, &token).await, "unknown");
    }
    clock.advance(PUBLISHED_BEFORE_USE);
    engine.tidy().await;
    assert_eq!(of(engine, KeyState::Next).len(), 1);
}

#[tokio::test]
async fn a_rotation_makes_the_first_keys_for_rs256() {
    let test = TestEngine::new().await;
    let rotated = test
        .engine
        .rotate_key(&OPERATOR, PURPOSE, false, &ORIGIN)
        .await;
    let engine = &test.engine;
    assert_eq!(of(engine, KeyState::Current), [rotated.unwrap().id]);
    assert_eq!(of(engine, KeyState::Next).len(), 1);
    assert_eq!(of(engine, KeyState::Retiring), [""; 0]);
}
