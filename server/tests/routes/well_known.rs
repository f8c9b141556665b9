//! `/.well-known/…` for password managers and browsers, and changes from related origins.

use crate::harness::{HOST, TestApp};
use axum::{body::Body, http::Request};

async fn get(test: &TestApp, path: &str, host: &str) -> crate::harness::TestResponse {
    let request = Request::get(path).header("host", host);
    test.anon().send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn password_managers_find_the_page_of_passkeys() {
    let test = TestApp::open().await;
    let endpoints = get(&test, "/.well-known/passkey-endpoints", HOST).await;
    assert_eq!(endpoints.status, 200);
    let page = format!("http://{HOST}/security");
    let expected = serde_json::json!({ "enroll": page, "manage": page });
    assert_eq!(endpoints.json(), expected);
    let change = get(&test, "/.well-known/change-password", HOST).await;
    assert_eq!(
        (change.status.as_u16(), change.location()),
        (302, "/security")
    );
    // A browser asks for this to see whether unknown paths are found (W3C change-password §3.2).
    let probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    assert_eq!(get(&test, probe, HOST).await.status, 404);
}

#[tokio::test]
async fn related_origins_are_listed_if_there_are_any() {
    let without = TestApp::open().await;
    let none = get(&without, "/.well-known/webauthn", HOST).await;
    assert_eq!(none.status, 404);
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("passkey.related_origins", "https://login.example.net"),
    ])
    .await;
    let listed = get(&test, "/.well-known/webauthn", "login.example.com").await;
    assert_eq!(listed.status, 200);
    assert_eq!(
        listed.json(),
        serde_json::json!({ "origins": ["https://login.example.net"] })
    );
}

#[tokio::test]
async fn must_survive_14_a_related_origin_may_change_something_under_its_own_name_only() {
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("server.hosts", "login.example.net, login.example.org"),
        ("passkey.related_origins", "https://login.example.net"),
    ])
    .await;
    for (host, origin, status) in [
        ("login.example.com", "https://login.example.com", 200),
        ("login.example.net", "https://login.example.net", 200),
        ("LOGIN.example.net", "https://login.example.net", 200),
        ("login.example.com", "https://login.example.net", 403),
        ("login.example.net", "https://login.example.com", 403),
        ("login.example.net", "http://login.example.net", 403),
        ("login.example.net", "https://login.example.net:8443", 403),
        ("login.example.org", "https://login.example.org", 403),
        ("login.example.org", "https://login.example.net", 403),
    ] {
        let request = Request::post("/actions/passkey/begin-login")
            .header("host", host)
            .header("origin", origin)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(Body::from("{}"))
            .unwrap();
        let response = test.anon().send(request).await;
        assert_eq!(response.status, status, "{origin} at {host}");
    }
}
