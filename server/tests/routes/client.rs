//! Which address is written down, and counted.

use crate::harness::TestApp;
use axum::{body::Body, http::header};
use latchkey_domain::{access::permission::Operator, identity::user::Role, pagination::ListQuery};

/// Signs in with these forwarded headers; returns the address that was recorded.
async fn written(test: &TestApp, claims: &[(&str, &str)]) -> Option<String> {
    let email = format!("{}@example.com", test.now().unix_timestamp());
    let user = test.user(&email, Role::Member).await;
    let mut browser = test.anon();
    let mut request = browser.form(
        "/actions/device/register",
        &[("email", &email), ("code", &user.code(test.now()))],
    );
    for (name, value) in claims {
        let name: header::HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, value.parse().unwrap());
    }
    assert_eq!(browser.send(request).await.status, 303);
    test.wait(time::Duration::SECOND);
    let newest = ListQuery::default().bounded();
    let events = test.engine.list_events(&Operator, &newest).await.unwrap();
    events.items.first().and_then(|event| event.ip.clone())
}

#[tokio::test]
async fn r4_must_survive_21_only_a_trusted_proxy_may_set_the_client_address() {
    let test = TestApp::open().await;
    for claims in [
        &[("x-forwarded-for", "198.51.100.7")][..],
        &[
            ("forwarded", "for=198.51.100.7"),
            ("x-real-ip", "198.51.100.7"),
        ],
        &[("x-forwarded-for", "")],
    ] {
        assert_eq!(
            written(&test, claims).await.as_deref(),
            Some("192.0.2.7"),
            "{claims:?}"
        );
    }
    let test = TestApp::with(&[("proxy.trusted", "192.0.2.0/24")]).await;
    for (claims, expected) in [
        (&[("x-forwarded-for", "198.51.100.7")][..], "198.51.100.7"),
        (
            &[("x-forwarded-for", "127.0.0.1, 198.51.100.7")],
            "198.51.100.7",
        ),
        (
            &[
                ("x-forwarded-for", "127.0.0.1"),
                ("x-forwarded-for", "198.51.100.7"),
            ],
            "198.51.100.7",
        ),
        (&[("x-forwarded-for", "198.51.100.7, garbage")], "192.0.2.7"),
        (&[("x-real-ip", "198.51.100.7")], "192.0.2.7"),
    ] {
        assert_eq!(
            written(&test, claims).await.as_deref(),
            Some(expected),
            "{claims:?}"
        );
    }
}

#[tokio::test]
async fn field_5_a_forwarded_address_may_have_a_port() {
    // Also where the proxy is named as a dual-stack socket shows it.
    for trusted in ["192.0.2.0/24", "::ffff:192.0.2.7", "::ffff:192.0.2.0/120"] {
        let test = TestApp::with(&[("proxy.trusted", trusted)]).await;
        for (hop, expected) in [
            ("203.0.113.7:51008", "203.0.113.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
        ] {
            let claims = [("x-forwarded-for", hop)];
            assert_eq!(
                written(&test, &claims).await.as_deref(),
                Some(expected),
                "{trusted} {hop}"
            );
        }
    }
}

#[tokio::test]
async fn audit_14_a_proxy_allowed_to_use_forward_auth_is_not_trusted_for_addresses() {
    let test = TestApp::with(&[("proxy.forward_auth", "192.0.2.0/24")]).await;
    let claims = [("x-forwarded-for", "198.51.100.7")];
    assert_eq!(written(&test, &claims).await.as_deref(), Some("192.0.2.7"));
}

#[tokio::test]
async fn a_long_user_agent_is_not_an_error() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    for agent in ["ü".repeat(3000), "x".repeat(8000), String::new()] {
        let request = browser
            .request(axum::http::Method::GET, "/login")
            .header(header::USER_AGENT, agent.as_bytes())
            .body(Body::empty())
            .unwrap();
        assert_eq!(browser.send(request).await.status, 200);
    }
}
