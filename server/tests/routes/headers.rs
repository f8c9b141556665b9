//! Security headers: on every answer, whatever it is.

use crate::harness::{Browser, TestApp, TestResponse};
use axum::{body::Body, http::Request};
use latchkey_app::routes::PAGES;
use latchkey_domain::{access::permission::Operator, id::UserId, identity::user::Role};
use latchkey_engine::{NewService, RequestOrigin};

fn assert_hardened(response: &TestResponse, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(response.header(name), Some(value), "{what}: {name}");
    }
    let policy = response
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
    let permissions = response.header("permissions-policy").unwrap();
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
    assert_eq!(response.header("server"), None, "{what}");
    assert_eq!(response.header("x-powered-by"), None, "{what}");
}

#[tokio::test]
async fn every_public_response_has_security_headers() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    assert_hardened(&test.anon().get("/login").await, "a page");
    assert_hardened(&laptop.clone().get("/devices").await, "a person's page");
    assert_hardened(&test.anon().get("/devices").await, "a redirect");
    assert_hardened(&test.anon().get("/nowhere").await, "nothing");
    assert_hardened(&laptop.clone().get("/admin").await, "a refusal");
    assert_hardened(
        &laptop.clone().post("/actions/session/sign-out", &[]).await,
        "an action",
    );
    assert_hardened(
        &laptop
            .clone()
            .fetch("/actions/passkey/begin-login", "{}")
            .await,
        "a fetched action",
    );
    assert_hardened(
        &test.anon().post("/device/add", &[]).await,
        "the form for programs",
    );
    assert_hardened(
        &test.anon().get("/pkg/nothing.js").await,
        "a file that is not there",
    );
    let elsewhere = Request::get("/login")
        .header("host", "evil.example")
        .body(Body::empty())
        .unwrap();
    assert_hardened(&test.anon().send(elsewhere).await, "a misdirected request");
    let forged = Request::post("/actions/session/sign-out")
        .header("host", "localhost:3000")
        .header("origin", "https://evil.example")
        .body(Body::empty())
        .unwrap();
    assert_hardened(&test.anon().send(forged).await, "a forged request");
}

#[tokio::test]
async fn pages_allow_scripts_by_a_fresh_nonce() {
    let test = TestApp::open().await;
    let nonce = |response: &TestResponse| {
        let policy = response
            .header("content-security-policy")
            .unwrap()
            .to_owned();
        policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap_or_else(|| panic!("no nonce in {policy}"))
            .to_owned()
    };
    let (first, second) = (
        test.anon().get("/login").await,
        test.anon().get("/login").await,
    );
    assert_ne!(nonce(&first), nonce(&second));
    assert!(nonce(&first).len() >= 20);
}

#[tokio::test]
async fn hsts_is_sent_over_https_only() {
    let plain = TestApp::open().await;
    assert_eq!(
        plain
            .anon()
            .get("/login")
            .await
            .header("strict-transport-security"),
        None
    );
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("server.hosts", "localhost:3000"),
    ])
    .await;
    assert_eq!(
        test.anon()
            .get("/login")
            .await
            .header("strict-transport-security"),
        Some("max-age=31536000; includeSubDomains")
    );
}

/// Each page's headers with the bytes of their values; how long a body is grows with what an administrator sees.
async fn sizes(
    test: &TestApp,
    (ada, id): (&Browser<'_>, UserId),
    client: &str,
) -> Vec<(String, Vec<(String, usize)>)> {
    let mut all = Vec::new();
    let targets = [
        "/login?return_to=https://one.example.com/album",
        "/login?return_to=https%3A%2F%2Fone.example.com",
        "/login?return_to=/devices",
        "/nowhere",
    ];
    let pages = PAGES.iter().map(|(pattern, _)| *pattern).chain(targets);
    for path in pages {
        let path = path
            .replace("{code}", "0123456789abcdefghjkmnp")
            .replace("{name}", "one");
        let path = path.replace("/clients/{id}", &format!("/clients/{client}"));
        let path = path.replace("{id}", &id.to_string());
        for (who, browser) in [("anonymous", test.anon()), ("administrator", ada.clone())] {
            let response = browser.clone().get(&path).await;
            if who == "administrator" && path.starts_with("/admin") {
                assert_eq!(response.status, 200, "{path}");
            }
            let mut sizes: Vec<_> = response
                .headers
                .iter()
                .filter(|(name, _)| *name != "content-length")
                .map(|(name, value)| (name.to_string(), value.len()))
                .collect();
            sizes.sort();
            all.push((format!("{who} {path}"), sizes));
        }
    }
    all
}

#[tokio::test]
async fn audit_10_no_header_grows_with_the_number_of_services() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Admin).await;
    let (ada, id) = (test.with_passkey(&ada).await, ada.id);
    let add = async |name: &str, hosts: String| {
        let new = NewService {
            hosts,
            ..NewService::default()
        };
        test.service(name, new).await;
    };
    add("one", "one.example.com".to_owned()).await;
    let client = test.client("Backup", "one").await;
    let before = sizes(&test, (&ada, id), &client).await;
    for number in 2..=300 {
        let name = format!("service-{number}");
        let hosts = format!("{name}.example.com {name}.example.org *.{name}.example.net");
        add(&name, hosts).await;
    }
    let after = sizes(&test, (&ada, id), &client).await;
    assert_eq!(before, after);

    // The login page names its own redirect target and no other.
    let policy = async |return_to: &str| {
        let path = format!("/login?return_to={return_to}");
        let response = test.anon().get(&path).await;
        response
            .header("content-security-policy")
            .unwrap()
            .to_owned()
    };
    for (return_to, named) in [
        (
            "https://one.example.com/album",
            "form-action 'self' one.example.com;",
        ),
        (
            "https://a.service-7.example.net/",
            "form-action 'self' a.service-7.example.net;",
        ),
        ("https://a.service-7.example.com/", "form-action 'self';"),
        ("https://elsewhere.example.com/", "form-action 'self';"),
        ("/devices", "form-action 'self';"),
    ] {
        let policy = policy(return_to).await;
        assert!(policy.contains(named), "{return_to}: {policy}");
        assert_eq!(
            policy.matches("example").count(),
            usize::from(named.contains("example")),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn audit_10_a_new_service_host_is_allowed_at_once() {
    let test = TestApp::open().await;
    let with = |hosts: &str| NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    let is_named = async |host: &str| {
        let response = test
            .anon()
            .get(&format!("/login?return_to=https://{host}/"))
            .await;
        response
            .header("content-security-policy")
            .unwrap()
            .contains(host)
    };
    assert!(!is_named("photos.example.com").await);
    test.service("photos", with("photos.example.com")).await;
    assert!(is_named("photos.example.com").await);
    test.engine
        .change_service(
            &Operator,
            "photos",
            with("album.example.com"),
            &RequestOrigin::default(),
        )
        .await
        .unwrap();
    assert!(!is_named("photos.example.com").await);
    assert!(is_named("album.example.com").await);
}
