//! Internal errors: committed changes stay, and access is never granted on an error.

use crate::harness::{TestApp, TestResponse};
use axum::{
    Extension,
    body::Body,
    http::{Method, Response, StatusCode},
    routing::{MethodRouter, get, post},
};
use http_body_util::Full;
use latchkey::web::{Web, deadline::with_deadline};
use latchkey_app::request_context::{RequestContext, ResponseEffect};
use latchkey_domain::identity::user::Role;
use std::time::Duration;
use tokio::task::{consume_budget, yield_now};

/// A route that signs a user in and then fails, in one way or another.
fn failing(email: String, code: String, panics: bool) -> MethodRouter<Web> {
    let handler = move |Extension(context): Extension<RequestContext>| async move {
        let facts = context.facts();
        let signed_in = context
            .engine()
            .register_device(&email, &code, "", None, &facts.origin)
            .await
            .unwrap();
        context.push_effect(ResponseEffect::SignIn(Box::new(signed_in)));
        assert!(!panics, "as the test wants it");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    post(handler)
}

#[tokio::test]
async fn must_survive_5_changes_before_an_error_or_panic_are_kept() {
    for panics in [false, true] {
        let test = TestApp::open().await;
        let ada = test.user("ada@example.com", Role::Member).await;
        let code = ada.code(test.now());
        let test = test.with_handler(
            "/actions/device/register",
            failing(ada.email.clone(), code, panics),
        );
        let mut browser = test.anon();
        assert_eq!(
            browser.post("/actions/device/register", &[]).await.status,
            500,
            "panics: {panics}"
        );
        assert!(
            browser.device_cookie().is_some(),
            "the device exists, so the browser must have it; panics: {panics}"
        );
        assert!(browser.session_cookie().is_some(), "panics: {panics}");
        let cookies = browser.cookies;
        let test = test.reopen().await;
        let mut same = test.anon();
        same.cookies = cookies;
        assert_eq!(same.get("/security").await.status, 200, "panics: {panics}");
    }
}

#[tokio::test]
async fn r32_must_survive_5_a_wrong_code_counts_even_if_the_response_fails() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let email = ada.email.clone();
    let handler = move |Extension(context): Extension<RequestContext>| {
        let email = email.clone();
        async move {
            let refused = context
                .engine()
                .register_device(&email, "000000", "", None, &context.facts().origin)
                .await;
            assert!(refused.is_ok(), "as the test wants it");
        }
    };
    let test = test.with_handler("/actions/device/register", post(handler));
    for _ in 0..6 {
        assert_eq!(
            test.anon()
                .post("/actions/device/register", &[])
                .await
                .status,
            500
        );
    }
    let test = test.reopen().await;
    let right = ada.code(test.now());
    let response = test
        .anon()
        .post("/device/add", &[("email", &ada.email), ("code", &right)])
        .await;
    assert_eq!(response.status, 429, "{}", response.body);
}

async fn panics() -> StatusCode {
    panic!("as the test wants it")
}

#[tokio::test]
async fn must_survive_23_a_panic_or_timeout_on_the_internal_listener_never_grants() {
    let timeout = Duration::from_millis(50);
    let panicking = async { panic!("as the test wants it") };
    let panicking_later = async {
        yield_now().await;
        panic!("as the test wants it")
    };
    let busy = async {
        loop {
            consume_budget().await;
        }
    };
    for response in [
        with_deadline(timeout, panicking).await,
        with_deadline(timeout, panicking_later).await,
        with_deadline(timeout, std::future::pending()).await,
        with_deadline(timeout, busy).await,
    ] {
        let response = TestResponse::read(response).await;
        assert_eq!(
            (response.status.as_u16(), response.body.as_str()),
            (503, "")
        );
        assert_eq!(
            (
                response.header("retry-after"),
                response.header("cache-control")
            ),
            (Some("1"), Some("no-store"))
        );
    }
}

#[tokio::test]
async fn a_slow_response_is_waited_for() {
    let slow = async {
        yield_now().await;
        Response::new(Full::from("there it is"))
    };
    let response = TestResponse::read(with_deadline(Duration::from_secs(5), slow).await).await;
    assert_eq!(
        (response.status.as_u16(), &*response.body),
        (200, "there it is")
    );
}

#[tokio::test]
async fn must_survive_23_verify_refuses_without_its_database() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test
        .service("photos", latchkey_engine::NewService::default())
        .await;
    test.grant(
        &ada,
        "photos",
        latchkey_domain::access::access_grant::Scopes::NONE,
    )
    .await;
    let laptop = test.signed_in(&ada).await;
    assert_eq!(photos.verify(&laptop).await.status, 200);
    test.break_database().await;
    let response = photos.verify(&laptop).await;
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (503, "")
    );
    assert_eq!(
        laptop.clone().get("/").await.status,
        500,
        "nor is there a page"
    );
    let page = laptop.clone().get("/").await;
    assert!(
        page.body.contains("Something went wrong here") && !page.body.contains("sqlite"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn audit_39_programs_get_problem_details_for_the_error_of_a_page() {
    let test = TestApp::open().await;
    test.break_database().await;
    let path = "/enrol/0123456789abcdefghjkmnp";
    let mut browser = test.anon();
    let mut request = browser
        .request(Method::GET, path)
        .body(Body::empty())
        .unwrap();
    request.headers_mut().remove("accept");
    let response = browser.send(request).await;
    assert_eq!(
        (response.status.as_u16(), response.header("content-type")),
        (500, Some("application/problem+json"))
    );
    assert_eq!(response.json()["error"], "internal");
    let page = browser.get(path).await;
    assert_eq!(page.status, 500);
    assert!(
        page.body.contains("<h1>Something went wrong here</h1>"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_panicking_page_becomes_a_plain_error_page() {
    let test = TestApp::open().await.with_handler("/login", get(panics));
    let response = test.anon().get("/login").await;
    assert_eq!(response.status, 500);
    assert!(!response.body.contains("as the test wants it"));
    assert_eq!(
        response.header("x-frame-options"),
        Some("DENY"),
        "hardened all the same"
    );
}
