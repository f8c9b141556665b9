//! Roles.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use serde_json::json;

#[tokio::test]
async fn roles_are_defined_changed_and_removed() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let role = json!({"name": "desk", "permissions": ["users:read"]});
    let defined = program.call("POST", "/api/v1/roles", Some(role)).await;
    assert_eq!(defined.status, 201, "{}", defined.body);
    let permissions = format!("{}/permissions", defined.location());
    let wider = json!({"permissions": ["users:read", "users:invite"]});
    let changed = program.change_any("PUT", &permissions, wider).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let roles = program.call("GET", "/api/v1/roles", None).await.json();
    assert_eq!(
        roles["items"][4]["permissions"],
        json!(["users:read", "users:invite"])
    );
    assert_eq!(
        program
            .call("DELETE", defined.location(), None)
            .await
            .status,
        204
    );
}
