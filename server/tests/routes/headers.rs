//! Security headers: on every answer, whatever it is.

use crate::harness::{Answer, House};
use axum::{body::Body, http::Request};
use latchkey_domain::user::Role;

fn assert_hardened(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    let policy = answer
        .header("content-security-policy")
        .unwrap_or_else(|| panic!("{what}: no policy"));
    for part in ["frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{what}: {part} in {policy}");
    }
    assert!(
        !policy.contains("unsafe-inline")
            && !policy.contains("'unsafe-eval'")
            && !policy.contains('*'),
        "{what}: {policy}"
    );
    let permissions = answer.header("permissions-policy").unwrap();
    for part in [
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
        "camera=()",
        "geolocation=()",
    ] {
        assert!(
            permissions.contains(part),
            "{what}: {part} in {permissions}"
        );
    }
    assert_eq!(answer.header("server"), None, "{what}");
    assert_eq!(answer.header("x-powered-by"), None, "{what}");
}

#[tokio::test]
async fn every_public_answer_is_hardened() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    assert_hardened(&house.anon().get("/login").await, "a page");
    assert_hardened(&laptop.clone().get("/devices").await, "a person's page");
    assert_hardened(&house.anon().get("/devices").await, "a redirect");
    assert_hardened(&house.anon().get("/nowhere").await, "nothing");
    assert_hardened(&laptop.clone().get("/admin").await, "a refusal");
    assert_hardened(
        &laptop.clone().post("/api/session/sign-out", &[]).await,
        "an action",
    );
    assert_hardened(
        &laptop.clone().fetch("/api/passkey/begin-login", "{}").await,
        "a fetched action",
    );
    assert_hardened(
        &house.anon().post("/device/add", &[]).await,
        "the form for programs",
    );
    assert_hardened(
        &house.anon().get("/pkg/nothing.js").await,
        "a file that is not there",
    );
    let elsewhere = Request::get("/login")
        .header("host", "evil.example")
        .body(Body::empty())
        .unwrap();
    assert_hardened(&house.anon().send(elsewhere).await, "a misdirected request");
    let forged = Request::post("/api/session/sign-out")
        .header("host", "localhost:3000")
        .header("origin", "https://evil.example")
        .body(Body::empty())
        .unwrap();
    assert_hardened(&house.anon().send(forged).await, "a forged request");
}

#[tokio::test]
async fn pages_allow_scripts_by_a_nonce_that_is_never_the_same() {
    let house = House::open().await;
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy").unwrap().to_owned();
        policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap_or_else(|| panic!("no nonce in {policy}"))
            .to_owned()
    };
    let (first, second) = (
        house.anon().get("/login").await,
        house.anon().get("/login").await,
    );
    assert_ne!(nonce(&first), nonce(&second));
    assert!(nonce(&first).len() >= 20);
}

#[tokio::test]
async fn hsts_is_promised_over_https_only() {
    let plain = House::open().await;
    assert_eq!(
        plain
            .anon()
            .get("/login")
            .await
            .header("strict-transport-security"),
        None
    );
    let house = House::with(&[
        ("public_url", "https://login.example.com"),
        ("server.hosts", "localhost:3000"),
    ])
    .await;
    assert_eq!(
        house
            .anon()
            .get("/login")
            .await
            .header("strict-transport-security"),
        Some("max-age=31536000; includeSubDomains")
    );
}
