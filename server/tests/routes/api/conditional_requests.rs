//! `ETag`, `If-None-Match` and `If-Match` (RFC 9110 §13).

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_engine::NewService;
use serde_json::json;

#[tokio::test]
async fn a_change_is_made_only_if_the_resource_is_as_its_tag_says() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Inventory", EVERYTHING).await;
    let new = Some(json!({"email": "grace@example.com"}));
    let added = program.call("POST", "/api/v1/users", new).await;
    let path = added.location().to_owned();

    let shown = program.call("GET", &path, None).await;
    let tag = shown.header("etag").unwrap().to_owned();
    let known = program
        .send("GET", &path, &[("if-none-match", &tag)], None)
        .await;
    assert_eq!((known.status.as_u16(), known.body.as_str()), (304, ""));

    let status = format!("{path}/status");
    let disable = Some(json!({"status": "disabled"}));
    let expected = [("if-match", tag.as_str())];
    let disabled = program
        .send("PUT", &status, &expected, disable.clone())
        .await;
    assert_eq!(disabled.status, 204, "{}", disabled.body);
    let enable = Some(json!({"status": "active"}));
    let stale = program.send("PUT", &status, &expected, enable).await;
    assert_eq!(stale.status, 412, "it was changed since the tag was read");
    assert_eq!(stale.json()["error"], "precondition_failed");
    let deleted = program.send("DELETE", &path, &expected, None).await;
    assert_eq!(deleted.status, 412);
    let shown = program.call("GET", &path, None).await;
    assert_eq!(shown.json()["status"], "disabled");
}

#[tokio::test]
async fn what_was_read_before_is_replaced_only_with_a_tag() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Inventory", EVERYTHING).await;
    test.service("photos", NewService::default()).await;
    let role = json!({"name": "desk", "permissions": ["users:read"]});
    program.call("POST", "/api/v1/roles", Some(role)).await;
    let tokens =
        json!({"scopes": ["read"], "token_use": "reusable", "accepts_native_devices": false});
    for (method, resource, path, change) in [
        ("PATCH", "services/photos", "", json!({"rules": ""})),
        ("PUT", "services/photos", "/access-tokens", tokens),
        (
            "PUT",
            "roles/desk",
            "/permissions",
            json!({"permissions": ["users:read"]}),
        ),
    ] {
        let resource = format!("/api/v1/{resource}");
        let path = format!("{resource}{path}");
        let refused = program.call(method, &path, Some(change.clone())).await;
        assert_eq!(refused.status, 428, "{path}");
        assert_eq!(refused.json()["error"], "precondition_required");
        let stale = [("if-match", "\"another\"")];
        let refused = program
            .send(method, &path, &stale, Some(change.clone()))
            .await;
        assert_eq!(refused.status, 412, "{path}");
        let shown = program.call("GET", &resource, None).await;
        let tag = [("if-match", shown.header("etag").unwrap())];
        let changed = program.send(method, &path, &tag, Some(change)).await;
        assert_eq!(changed.status, 204, "{path}: {}", changed.body);
    }
}
