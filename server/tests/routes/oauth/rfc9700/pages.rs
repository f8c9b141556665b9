//! What browsers get, above all where users approve programs.

use super::super::{Program, photos, post};
use crate::harness::{Browser, TestApp};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use latchkey_domain::identity::user::Role;

/// A browser on which a user has signed in.
async fn browser(test: &TestApp) -> Browser<'_> {
    let ada = test.user("ada@example.com", Role::Member).await;
    test.with_passkey(&ada).await
}

#[tokio::test]
async fn rfc9700_2_6_pages_of_other_origins_read_no_response() {
    let test = TestApp::open().await;
    photos(&test).await;
    let program = Program::add(&test).await;
    let basic = program.basic();
    let origin = ("origin", "https://app.example.com");
    let headers = [("authorization", basic.as_str()), origin];
    let token = post(
        &test,
        "/oauth/token",
        &headers,
        "grant_type=client_credentials",
    )
    .await;
    assert_eq!(token.status, 200);
    let mut responses = vec![("/oauth/token", token)];
    let mut browser = browser(&test).await;
    for (method, path) in [
        (Method::OPTIONS, "/oauth/token"),
        (Method::OPTIONS, "/actions/authorization/approve"),
        (Method::OPTIONS, "/activate"),
        (Method::GET, "/activate"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, test.host())
            .header(origin.0, origin.1)
            .header("access-control-request-method", "POST")
            .body(Body::empty())
            .unwrap();
        responses.push((path, browser.send(request).await));
    }
    for (path, response) in responses {
        let names = response.headers.keys().map(|name| name.as_str());
        let cors: Vec<_> = names
            .filter(|name| name.starts_with("access-control-"))
            .collect();
        assert!(cors.is_empty(), "{path}: {cors:?}");
    }
}

#[tokio::test]
async fn rfc9700_4_2_the_address_with_a_code_is_sent_to_nobody() {
    let test = TestApp::open().await;
    let response = browser(&test).await.get("/activate?code=BCDF-GHJK").await;
    assert_eq!(response.status, 200);
    // Only our own pages get it, and nothing on this one comes from elsewhere.
    assert_eq!(response.header("referrer-policy"), Some("same-origin"));
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    for elsewhere in ["http:", "https:", "//"] {
        for attribute in ["src", "href", "action"] {
            let link = format!("{attribute}=\"{elsewhere}");
            assert!(!response.body.contains(&link), "{link}");
        }
    }
}

#[tokio::test]
async fn rfc9700_4_12_a_form_is_answered_with_303() {
    let test = TestApp::open().await;
    let mut browser = browser(&test).await;
    for action in [
        "/actions/authorization/approve",
        "/actions/authorization/deny",
        "/actions/device/register",
        "/actions/session/sign-out",
    ] {
        // A 307 would send the form, with what is in it, to the next address too.
        let response = browser.post(action, &[("code", "BCDF-GHJK")]).await;
        assert_eq!(response.status, 303, "{action}");
    }
}

#[tokio::test]
async fn rfc9700_4_16_nobody_frames_the_page_that_approves() {
    let test = TestApp::open().await;
    let mut browser = browser(&test).await;
    for path in ["/activate", "/activate?code=BCDF-GHJK", "/login"] {
        let response = browser.get(path).await;
        assert_eq!(response.header("x-frame-options"), Some("DENY"), "{path}");
        let policy = response.header("content-security-policy").unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
    }
}
