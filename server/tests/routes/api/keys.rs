//! Keys.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use serde_json::json;

#[tokio::test]
async fn keys_are_listed() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let keys = program.call("GET", "/api/v1/keys", None).await;
    assert!(
        keys.json()["items"].as_array().unwrap().len() > 2,
        "{}",
        keys.body
    );
}

#[tokio::test]
async fn a_key_is_rotated_once_the_next_one_is_known_or_at_once() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Inventory", EVERYTHING).await;
    let current = async || {
        let keys = program.call("GET", "/api/v1/keys", None).await.json();
        let keys = keys["items"].as_array().unwrap().clone();
        let of = |key: &&serde_json::Value| {
            key["purpose"] == "identity_token" && key["state"] == "current"
        };
        keys.iter().find(of).unwrap()["id"].clone()
    };
    let path = "/api/v1/keys/identity_token/rotations";
    let first = current().await;
    let early = program.call("POST", path, None).await;
    assert_eq!(early.status, 409, "{}", early.body);
    assert_eq!(current().await, first);

    let rotated = program
        .call("POST", path, Some(json!({"at_once": true})))
        .await;
    assert_eq!(rotated.status, 201, "{}", rotated.body);
    assert_ne!(rotated.json()["id"], first);
    assert_eq!(current().await, rotated.json()["id"]);

    let unknown = program
        .call("POST", "/api/v1/keys/everything/rotations", None)
        .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn who_may_read_keys_rotates_none() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let reader = Program::add(&test, "Reader", "latchkey:keys:read").await;
    let path = "/api/v1/keys/identity_token/rotations";
    let at_once = Some(json!({"at_once": true}));
    assert_eq!(reader.call("POST", path, at_once).await.status, 403);
}
