//! How much is taken from whom: quotas by network and device, and what is said when they are used up.

use crate::harness::{Browser, TestApp, TestResponse};
use axum::{body::Body, http::Method};
use latchkey::web::{
    admission::{Quota, Quotas},
    public,
    route_policy::RoutePolicy,
};
use latchkey_app::routes::Rate;
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use latchkey_engine::RequestOrigin;
use time::Duration;

const BEHIND_A_PROXY: &[(&str, &str)] = &[("proxy.trusted", "192.0.2.7")];

const fn quota(burst: u32, per_second: u32) -> Quota {
    Quota { burst, per_second }
}

fn is_attempt(policy: RoutePolicy) -> bool {
    policy
        .checks()
        .is_some_and(|checks| checks.rate == Rate::Attempt)
}

/// Ten requests of a network, and one more every second.
fn few() -> Quotas {
    Quotas {
        network: quota(10, 1),
        ..Quotas::default()
    }
}

/// Opens the login page through a proxy that sets the client address.
async fn open(browser: &mut Browser<'_>, from: &str) -> TestResponse {
    let request = browser
        .request(Method::GET, "/login")
        .header("x-forwarded-for", from)
        .body(Body::empty())
        .unwrap();
    browser.send(request).await
}

#[tokio::test]
async fn audit_3_a_rate_limited_client_may_retry_after_the_stated_time() {
    let test = TestApp::admitting(&[], few()).await;
    let mut browser = test.anon();
    for _ in 0..10 {
        let response = browser.get("/login").await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("ratelimit"), None);
    }
    let response = browser.get("/login").await;
    assert_eq!(response.status, 429);
    assert_eq!(response.header("retry-after"), Some("1"));
    assert_eq!(
        response.header("ratelimit-policy"),
        Some("\"network\";q=10;w=10")
    );
    assert_eq!(response.header("ratelimit"), Some("\"network\";r=0;t=1"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    assert!(
        response.body.contains("<h1>Too many requests</h1>"),
        "{}",
        response.body
    );
    let response = browser.fetch("/actions/passkey/begin-login", "{}").await;
    assert_eq!(response.status, 429);
    let problem = response.json();
    assert_eq!(
        (problem["error"].as_str(), problem["title"].as_str()),
        (Some("too_many_requests"), Some("Too many requests"))
    );
    // The error page needs its style sheet.
    assert_ne!(browser.get("/pkg/style.css").await.status, 429);
    test.wait(Duration::SECOND);
    assert_eq!(browser.get("/login").await.status, 200);
    assert_eq!(browser.get("/login").await.status, 429);
}

#[tokio::test]
async fn audit_3_each_network_has_its_own_quota() {
    let test = TestApp::admitting(BEHIND_A_PROXY, few()).await;
    let mut browser = test.anon();
    for number in 0..20 {
        let status = open(&mut browser, &format!("2001:db8::{number:x}"))
            .await
            .status;
        assert_eq!(status, if number < 10 { 200 } else { 429 });
    }
    for other in ["2001:db8:0:1::1", "198.51.100.1", "198.51.100.2"] {
        assert_eq!(open(&mut browser, other).await.status, 200, "{other}");
    }
    // What a client writes itself names no other network.
    for number in 0..10 {
        let chain = format!("203.0.113.{number}, 2001:db8::1");
        assert_eq!(open(&mut browser, &chain).await.status, 429);
    }
}

#[tokio::test]
async fn r4_audit_3_forwarded_addresses_of_untrusted_peers_share_one_quota() {
    let test = TestApp::admitting(&[], few()).await;
    let mut browser = test.anon();
    for number in 0..20 {
        let status = open(&mut browser, &format!("198.51.100.{number}"))
            .await
            .status;
        assert_eq!(status, if number < 10 { 200 } else { 429 });
    }
}

#[tokio::test]
async fn audit_3_a_flood_from_many_networks_gets_503_and_known_devices_are_served() {
    let quotas = Quotas {
        everybody: quota(30, 1),
        ..Quotas::default()
    };
    let test = TestApp::admitting(BEHIND_A_PROXY, quotas).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let mut browser = test.anon();
    let mut responses = Vec::new();
    for number in 0..60 {
        responses.push(open(&mut browser, &format!("198.51.100.{number}")).await);
    }
    let last = responses.last().unwrap();
    assert_eq!(last.status, 503);
    assert_eq!(last.header("retry-after"), Some("1"));
    assert_eq!(
        last.header("ratelimit-policy"),
        Some("\"everybody\";q=30;w=30")
    );
    assert_eq!(laptop.get("/devices").await.status, 200);
    // A cookie that we did not make is none.
    let mut forged = test.anon().with("__Host-latchkey", &"A".repeat(122));
    assert_eq!(forged.get("/login").await.status, 503);
}

#[tokio::test]
async fn audit_3_each_device_has_its_own_quota() {
    let quotas = Quotas {
        device: quota(5, 1),
        ..Quotas::default()
    };
    let test = TestApp::admitting(&[], quotas).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let (mut laptop, mut phone) = (test.signed_in(&ada).await, test.signed_in(&ada).await);
    for _ in 0..5 {
        assert_eq!(laptop.get("/devices").await.status, 200);
    }
    let response = laptop.get("/devices").await;
    assert_eq!(response.status, 429);
    assert_eq!(
        response.header("ratelimit-policy"),
        Some("\"device\";q=5;w=5")
    );
    assert_eq!(phone.get("/devices").await.status, 200);
}

#[tokio::test]
async fn audit_3_attempts_have_a_smaller_quota_than_pages() {
    for route in public::routes()
        .into_iter()
        .filter(|route| is_attempt(route.policy))
    {
        let path = &*route.path;
        let quotas = Quotas {
            attempts: quota(3, 1),
            ..Quotas::default()
        };
        let test = TestApp::admitting(&[], quotas).await;
        let mut browser = test.anon();
        let mut ask = async || {
            let json = browser.fetch(path, "{}").await;
            (
                json.status,
                json.header("ratelimit-policy").map(str::to_owned),
            )
        };
        for _ in 0..3 {
            assert_ne!(ask().await.0, 429, "{path}");
        }
        let (status, policy) = ask().await;
        assert_eq!(status, 429, "{path}");
        assert_eq!(policy.as_deref(), Some("\"attempts\";q=3;w=3"), "{path}");
        assert_eq!(browser.get("/login").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn audit_3_the_cookie_of_a_revoked_device_has_the_anonymous_quota() {
    let test = TestApp::admitting(&[], few()).await;
    let eve = test.user("eve@example.com", Role::Member).await;
    let mut browser = test.signed_in(&eve).await;
    for _ in 0..30 {
        assert_eq!(browser.get("/devices").await.status, 200);
    }
    test.engine
        .delete_user(&Operator, eve.id, &RequestOrigin::default())
        .await
        .unwrap();
    let mut opened = 0;
    for _ in 0..30 {
        opened += u32::from(browser.get("/login").await.status == 200);
    }
    assert!(opened <= 10, "{opened}");
}

#[tokio::test]
async fn audit_37_cookies_of_ended_devices_have_the_anonymous_quota_of_attempts() {
    let quotas = Quotas {
        attempts: quota(3, 1),
        ..Quotas::default()
    };
    let test = TestApp::admitting(&[], quotas).await;
    let eve = test.user("eve@example.com", Role::Member).await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(test.signed_in(&eve).await);
    }
    let (operator, origin) = (Operator, RequestOrigin::default());
    test.engine
        .delete_user(&operator, eve.id, &origin)
        .await
        .unwrap();
    for route in public::routes()
        .into_iter()
        .filter(|route| is_attempt(route.policy))
    {
        test.wait(Duration::MINUTE);
        let mut admitted = 0;
        for browser in &browsers {
            for _ in 0..3 {
                let response = browser.clone().fetch(&route.path, "{}").await;
                admitted += u32::from(response.header("ratelimit").is_none());
            }
        }
        assert_eq!(admitted, 3, "{}", route.path);
    }
}

#[tokio::test]
async fn audit_3_an_old_copied_cookie_does_not_exhaust_the_quota_of_the_device() {
    let quotas = Quotas {
        device: quota(20, 1),
        ..Quotas::default()
    };
    let test = TestApp::admitting(&[], quotas).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let mut thief = laptop.clone();
    assert_eq!(laptop.add_passkey().await.status, 200);
    for _ in 0..40 {
        thief.get("/login").await;
    }
    assert_eq!(laptop.get("/devices").await.status, 200);
}
