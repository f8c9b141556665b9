//! Grants.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;
use latchkey_engine::NewService;
use serde_json::json;

#[tokio::test]
async fn grants_are_given_listed_and_taken_away() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    test.user("ada@example.com", Role::Member).await;
    test.service("photos", NewService::default()).await;
    let grant = json!({"email": "ada@example.com", "service": "photos", "scopes": ["read:email"]});
    let given = program.call("POST", "/api/v1/grants", Some(grant)).await;
    assert_eq!(given.status, 201, "{}", given.body);
    let grants = program
        .call("GET", "/api/v1/grants?service=photos", None)
        .await
        .json();
    assert_eq!(grants["items"][0]["email"], "ada@example.com");
    assert_eq!(
        program.call("DELETE", given.location(), None).await.status,
        204
    );
    assert_eq!(
        program.call("GET", given.location(), None).await.status,
        404
    );
}
