//! Lists and their parts.

use super::{Program, switch_on};
use crate::harness::TestApp;
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_list_is_walked_by_cursors_and_shows_each_row_once() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Walker", "latchkey:users:read latchkey:users:invite").await;
    for index in 0..5 {
        test.wait(Duration::SECOND);
        let new = json!({"email": format!("user{index}@example.com")});
        assert_eq!(
            program
                .call("POST", "/api/v1/users", Some(new))
                .await
                .status,
            201
        );
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = program
            .call("GET", &format!("/api/v1/users?limit=2{cursor}"), None)
            .await;
        let part = part.json();
        let emails = part["items"].as_array().unwrap().iter();
        seen.extend(emails.map(|user| user["email"].as_str().unwrap().to_owned()));
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<_> = (0..5)
        .map(|index| format!("user{index}@example.com"))
        .collect();
    assert_eq!(seen, all);
    let found = program
        .call("GET", "/api/v1/users?email=user3@example.com", None)
        .await;
    assert_eq!(found.json()["items"].as_array().unwrap().len(), 1);
    for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "email=x"] {
        let refused = program
            .call("GET", &format!("/api/v1/users?{query}"), None)
            .await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]),
            (400, &json!("bad_input")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn entries_of_the_audit_log_are_filtered_as_on_its_page() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Auditor", "latchkey:audit:read").await;
    let found = async |query: &str| {
        let path = format!("/api/v1/audit-events?{query}");
        program.call("GET", &path, None).await
    };
    let of_service = found("service=latchkey&outcome=done&limit=1").await.json();
    assert_eq!(of_service["items"][0]["action"], "service.added");
    let items = |found: serde_json::Value| found["items"].as_array().map(Vec::len);
    assert_eq!(
        items(found("user=nobody@example.com").await.json()),
        Some(0)
    );
    assert_eq!(items(found("until=2020-01-01").await.json()), Some(0));
    for field in [
        "user", "device", "service", "outcome", "network", "since", "until",
    ] {
        let refused = found(&format!("{field}=%27")).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]),
            (400, &json!("bad_input")),
            "{field}"
        );
    }
}
