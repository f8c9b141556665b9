//! Clients.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_engine::NewService;
use serde_json::json;

#[tokio::test]
async fn clients_are_added_given_secrets_and_removed() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    test.service("photos", NewService::default()).await;
    let client = json!({"name": "Backup", "audiences": ["photos"]});
    let made = program.call("POST", "/api/v1/clients", Some(client)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(
        made.json()["client_secret"]
            .as_str()
            .unwrap()
            .starts_with("lkc_")
    );
    let secrets = format!("{}/secrets", made.location());
    let secret = program.call("POST", &secrets, Some(json!({}))).await;
    assert_eq!(secret.status, 201, "{}", secret.body);
    assert_eq!(
        program.call("DELETE", made.location(), None).await.status,
        204
    );
}
