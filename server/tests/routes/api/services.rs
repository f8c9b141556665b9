//! Services.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_engine::NewService;
use serde_json::{Value, json};

#[tokio::test]
async fn services_are_added_changed_and_removed() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let service = json!({"name": "photos", "hosts": ["photos.example.com"], "rules": "public /assets/*", "admins_enter": false});
    let added = program
        .call("POST", "/api/v1/services", Some(service))
        .await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert!(added.json()["token"].as_str().unwrap().starts_with("lk_"));
    let change = json!({"passkey_max_age_seconds": 600});
    let changed = program.change_any("PATCH", added.location(), change).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let photos = program.call("GET", added.location(), None).await.json();
    assert_eq!(
        photos["hosts"],
        json!(["photos.example.com"]),
        "what is missing stays"
    );
    assert_eq!(
        (&photos["passkey_max_age_seconds"], &photos["admins_enter"]),
        (&json!(600), &json!(false))
    );
    let cleared = json!({"passkey_max_age_seconds": null});
    let changed = program.change_any("PATCH", added.location(), cleared).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let photos = program.call("GET", added.location(), None).await.json();
    assert_eq!(photos["passkey_max_age_seconds"], Value::Null);
    let tokens = "/api/v1/services/photos/tokens";
    let rotated = program
        .call("POST", tokens, Some(json!({"overlap_seconds": 60})))
        .await;
    assert_eq!(rotated.status, 201, "{}", rotated.body);

    assert_eq!(
        program.call("DELETE", added.location(), None).await.status,
        204
    );
}

#[tokio::test]
async fn the_access_tokens_of_a_service_are_set_as_a_whole() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    test.service("photos", NewService::default()).await;
    let photos = "/api/v1/services/photos";
    let policy = json!({
        "scopes": ["read", "write"], "token_use": "one_shot", "accepts_native_devices": true,
    });
    let path = format!("{photos}/access-tokens");
    let changed = program.change_any("PUT", &path, policy).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let shown = program.call("GET", photos, None).await.json();
    assert_eq!(shown["token_scopes"], json!(["read", "write"]));
    assert_eq!(shown["token_use"], "one_shot");
    assert_eq!(shown["accepts_native_devices"], true);

    let part = json!({"scopes": [], "token_use": "reusable"});
    assert_eq!(program.change_any("PUT", &path, part).await.status, 400);
    for (token_use, scope, field) in [
        ("forever", "read", "token_use"),
        ("reusable", "latchkey:users:write", "scopes"),
    ] {
        let policy = json!({
            "scopes": [scope], "token_use": token_use, "accepts_native_devices": false,
        });
        let refused = program.change_any("PUT", &path, policy).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["field"]),
            (400, &json!(field))
        );
    }
}

#[tokio::test]
async fn what_a_service_asks_of_unusual_devices_is_set_as_a_whole() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    test.service("photos", NewService::default()).await;
    let photos = "/api/v1/services/photos";
    let path = format!("{photos}/risk");
    let shown = program.call("GET", photos, None).await.json();
    assert_eq!(
        (&shown["passkey_from"], &shown["tells_risk"]),
        (&json!(null), &json!(false))
    );
    let policy =
        json!({"passkey_from": "medium", "device_bound_passkey_from": "high", "tells_risk": true});
    let changed = program.change_any("PUT", &path, policy).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let shown = program.call("GET", photos, None).await.json();
    assert_eq!(shown["passkey_from"], "medium");
    assert_eq!(shown["device_bound_passkey_from"], "high");
    assert_eq!(shown["tells_risk"], true);
    for level in ["low", "held", "High", ""] {
        let policy =
            json!({"passkey_from": level, "device_bound_passkey_from": null, "tells_risk": true});
        let refused = program.change_any("PUT", &path, policy).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["field"]),
            (400, &json!("passkey_from")),
            "{level}"
        );
    }
}
