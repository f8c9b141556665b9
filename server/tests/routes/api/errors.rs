//! Requests that cannot be read.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::json;

#[tokio::test]
async fn what_cannot_be_read_is_a_clear_error_and_changes_nothing() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Clumsy", EVERYTHING).await;
    let users = "/api/v1/users";
    let unknown = json!({"email": "a@example.com", "admin": true});
    let refused = program.call("POST", users, Some(unknown)).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["detail"].as_str().unwrap().contains("admin"),
        "{}",
        refused.body
    );
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    let text = Request::post(users)
        .header(header::HOST, test.host())
        .header(header::AUTHORIZATION, format!("Bearer {}", program.token))
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(test.anon().send(text).await.status, 415);
    assert_eq!(
        program.call("GET", "/api/v1/users/7", None).await.status,
        404
    );
    let wrong = program.call("PUT", users, Some(json!({}))).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.header("allow")),
        (405, Some("GET, HEAD, POST"))
    );
    let scopes =
        json!({"email": "a@example.com", "service": "latchkey", "scopes": ["read:everything"]});
    let refused = program.call("POST", "/api/v1/grants", Some(scopes)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["field"]),
        (400, &json!("scopes"))
    );
    assert_eq!(
        program.call("GET", users, None).await.json()["items"],
        json!([])
    );
}
