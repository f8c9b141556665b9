//! Devices and their sessions.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;

#[tokio::test]
async fn sessions_end_and_devices_are_revoked() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    assert_eq!(browser.get("/").await.status, 200);

    let sessions = program.call("GET", "/api/v1/sessions", None).await.json();
    assert_eq!(sessions["items"][0]["email"], "ada@example.com");
    let device = sessions["items"][0]["device_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = format!("/api/v1/sessions/{device}");
    assert_eq!(program.call("DELETE", &session, None).await.status, 204);
    assert_eq!(program.call("DELETE", &session, None).await.status, 404);
    let gone = browser.get("/").await;
    assert_eq!(gone.status, 303, "the browser has to sign in again");

    let devices = program.call("GET", "/api/v1/devices", None).await.json();
    assert_eq!(devices["items"][0]["id"], device.as_str());
    let path = format!("/api/v1/devices/{device}");
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    let revoked = program.call("GET", &path, None).await.json();
    assert!(revoked["revoked_at"].is_string());
}

#[tokio::test]
async fn audit_56_a_device_has_what_it_owes_and_why() {
    let settings = &[("risk.mode", "enforce"), ("risk.weights", "automation=100")];
    let test = TestApp::with(settings).await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.signed_in(&ada).await;
    let devices = program.call("GET", "/api/v1/devices", None).await.json();
    let device = &devices["items"][0];
    let owed = &device["challenge"];
    assert_eq!(owed["demand"], "approval", "{devices}");
    let reason = serde_json::json!({"factor": "automation", "points": 100});
    assert_eq!(owed["reasons"], serde_json::json!([reason]));
    let path = format!("/api/v1/devices/{}", device["id"].as_str().unwrap());
    let shown = program.call("GET", &path, None).await;
    assert_eq!(shown.json()["challenge"], *owed);
    let id = device["id"].as_str().unwrap().parse().unwrap();
    let client = latchkey_engine::RequestOrigin::default();
    let operator = latchkey_domain::access::permission::Operator;
    let approved = test.engine.approve_any_device(&operator, id, &client);
    approved.await.unwrap();
    let shown = program.call("GET", &path, None).await.json();
    assert!(shown["challenge"].is_null(), "{shown}");
}
