//! Our own faults: what happened stays happened, and nothing uncertain is a yes.

use crate::harness::{Answer, TestApp};
use axum::{
    Extension,
    http::{Response, StatusCode},
    routing::{MethodRouter, get, post},
};
use http_body_util::Full;
use latchkey::web::{Web, deadline::with_deadline};
use latchkey_app::request_context::{Effect, RequestContext};
use latchkey_domain::identity::user::Role;
use std::time::Duration;
use tokio::task::{consume_budget, yield_now};

/// A route that signs somebody in and then fails, in one way or the other.
fn failing(email: String, code: String, panics: bool) -> MethodRouter<Web> {
    let handler = move |Extension(context): Extension<RequestContext>| async move {
        let facts = context.facts();
        let signed_in = context
            .engine()
            .register_device(&email, &code, "", None, &facts.origin)
            .await
            .unwrap();
        context.leave(Effect::SignIn(Box::new(signed_in)));
        assert!(!panics, "as the test wants it");
        StatusCode::INTERNAL_SERVER_ERROR
    };
    post(handler)
}

#[tokio::test]
async fn must_survive_5_changes_before_an_error_or_panic_are_kept() {
    for panics in [false, true] {
        let house = TestApp::open().await;
        let ada = house.person("ada@example.com", Role::User).await;
        let code = ada.code(house.now());
        let house = house.with_handler(
            "/actions/device/register",
            failing(ada.email.clone(), code, panics),
        );
        let mut browser = house.anon();
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
        let house = house.reopen().await;
        let mut same = house.anon();
        same.cookies = cookies;
        assert_eq!(same.get("/security").await.status, 200, "panics: {panics}");
    }
}

#[tokio::test]
async fn r32_must_survive_5_a_wrong_code_counts_even_if_the_response_fails() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
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
    let house = house.with_handler("/actions/device/register", post(handler));
    for _ in 0..6 {
        assert_eq!(
            house
                .anon()
                .post("/actions/device/register", &[])
                .await
                .status,
            500
        );
    }
    let house = house.reopen().await;
    let right = ada.code(house.now());
    let answer = house
        .anon()
        .post("/device/add", &[("email", &ada.email), ("code", &right)])
        .await;
    assert_eq!(answer.status, 429, "{}", answer.body);
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
    for answer in [
        with_deadline(timeout, panicking).await,
        with_deadline(timeout, panicking_later).await,
        with_deadline(timeout, std::future::pending()).await,
        with_deadline(timeout, busy).await,
    ] {
        let answer = Answer::read(answer).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, ""));
        assert_eq!(
            (answer.header("retry-after"), answer.header("cache-control")),
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
    let answer = Answer::read(with_deadline(Duration::from_secs(5), slow).await).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (200, "there it is")
    );
}

#[tokio::test]
async fn must_survive_23_verify_refuses_without_its_database() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house
        .service("photos", latchkey_engine::NewService::default())
        .await;
    house
        .grant(
            &ada,
            "photos",
            latchkey_domain::access::access_grant::Scopes::NONE,
        )
        .await;
    let laptop = house.signed_in(&ada).await;
    assert_eq!(photos.verify(&laptop).await.status, 200);
    house.break_database().await;
    let answer = photos.verify(&laptop).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, ""));
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
async fn a_panicking_page_becomes_a_plain_error_page() {
    let house = TestApp::open().await.with_handler("/login", get(panics));
    let answer = house.anon().get("/login").await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("as the test wants it"));
    assert_eq!(
        answer.header("x-frame-options"),
        Some("DENY"),
        "hardened all the same"
    );
}
