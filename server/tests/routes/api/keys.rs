//! Keys.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;

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
