//! Risk: what was unusual, replays, rules about networks, and devices that wait.

use super::{Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;
use serde_json::json;

#[tokio::test]
async fn a_program_blocks_a_network_sees_who_is_held_and_vouches_for_nobody() {
    let test = TestApp::with(&[("risk.mode", "enforce")]).await;
    switch_on(&test).await;
    let scopes = "latchkey:risk:read latchkey:risk:write latchkey:devices:read";
    let program = Program::add(&test, "Monitor", scopes).await;
    let rule = json!({ "network": "192.0.2.7/24", "verdict": "block" });
    let added = program
        .call("POST", "/api/v1/network-rules", Some(rule))
        .await;
    assert_eq!(added.status, 201);
    let rule = added.json();
    assert_eq!(
        (&rule["network"], &rule["verdict"]),
        (&json!("192.0.2.0/24"), &json!("block"))
    );
    let path = format!("/api/v1/network-rules/{}", rule["id"].as_str().unwrap());
    assert_eq!(program.call("GET", &path, None).await.json(), rule);

    let ada = test.user("ada@example.com", Role::Member).await;
    test.signed_in(&ada).await;
    let risk = program.call("GET", "/api/v1/risk", None).await.json();
    assert_eq!(
        (&risk["mode"], &risk["unusual"]),
        (&json!("enforce"), &json!(1))
    );
    assert_eq!(risk["days"][13]["held"], 1);
    assert_eq!(risk["reasons"]["blocked_network"], 1);
    assert_eq!(risk["users"][0]["email"], "ada@example.com");
    assert_eq!(risk["networks"][0]["verdict"], "block");

    let path_of_replay = "/api/v1/risk/replay?days=30&weights=blocked_network=0";
    let replay = program.call("GET", path_of_replay, None).await.json();
    assert_eq!(
        (&replay["before"]["held"], &replay["after"]["held"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(replay["users_asked_for_less"], 1);
    for query in ["days=0", "days=31", "weights=x=1", "weights=automation"] {
        let refused = program
            .call("GET", &format!("/api/v1/risk/replay?{query}"), None)
            .await;
        assert_eq!(refused.status, 400, "{query}");
    }

    let devices = program.call("GET", "/api/v1/devices", None).await.json();
    let device = devices["items"].as_array().unwrap().iter();
    let device = device
        .clone()
        .find(|device| device["is_limited"] == true)
        .unwrap();
    let approvals = format!(
        "/api/v1/devices/{}/approvals",
        device["id"].as_str().unwrap()
    );
    // It has seen nobody.
    assert_eq!(program.call("POST", &approvals, None).await.status, 403);
    let listed = program
        .call("GET", "/api/v1/network-rules", None)
        .await
        .json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    assert_eq!(program.call("DELETE", &path, None).await.status, 404);
}

#[tokio::test]
async fn audit_55_a_program_that_may_only_read_changes_nothing() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Reader", "latchkey:risk:read").await;
    let rule = json!({ "network": "192.0.2.0/24", "verdict": "allow" });
    let added = program
        .call("POST", "/api/v1/network-rules", Some(rule))
        .await;
    assert_eq!(added.status, 403);
    let id = "01937f4e-0000-7000-8000-000000000000";
    for (method, path) in [
        ("DELETE", format!("/api/v1/network-rules/{id}")),
        ("POST", format!("/api/v1/devices/{id}/approvals")),
    ] {
        assert_eq!(
            program.call(method, &path, None).await.status,
            403,
            "{path}"
        );
    }
    let listed = program
        .call("GET", "/api/v1/network-rules", None)
        .await
        .json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 0);
}
