//! How much is taken from whom: quotas by network and device, and what is said when they are used up.

use crate::harness::{Answer, Browser, TestApp};
use axum::{body::Body, http::Method};
use latchkey::web::admission::{Quota, Quotas};
use latchkey_app::routes::ATTEMPTS;
use latchkey_domain::identity::user::Role;
use time::Duration;

const BEHIND_A_PROXY: &[(&str, &str)] = &[("proxy.trusted", "192.0.2.7")];

const fn quota(burst: u32, per_second: u32) -> Quota {
    Quota { burst, per_second }
}

/// Ten requests of a network, and one more every second.
fn few() -> Quotas {
    Quotas {
        network: quota(10, 1),
        ..Quotas::default()
    }
}

/// Opens the sign-in page, through a proxy that says from where.
async fn open(browser: &mut Browser<'_>, from: &str) -> Answer {
    let request = browser
        .request(Method::GET, "/login")
        .header("x-forwarded-for", from)
        .body(Body::empty())
        .unwrap();
    browser.send(request).await
}

#[tokio::test]
async fn audit_3_a_rate_limited_client_may_retry_after_the_stated_time() {
    let house = TestApp::admitting(&[], few()).await;
    let mut browser = house.anon();
    for _ in 0..10 {
        let answer = browser.get("/login").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit"), None);
    }
    let answer = browser.get("/login").await;
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"network\";q=10;w=10")
    );
    assert_eq!(answer.header("ratelimit"), Some("\"network\";r=0;t=1"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(
        answer.body.contains("<h1>Too many requests</h1>"),
        "{}",
        answer.body
    );
    let answer = browser.fetch("/api/passkey/begin-login", "{}").await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.body,
        r#"{"error":"too_many_requests","message":"Too many requests"}"#
    );
    // The page that says so needs its style sheet.
    assert_ne!(browser.get("/pkg/style.css").await.status, 429);
    house.wait(Duration::SECOND);
    assert_eq!(browser.get("/login").await.status, 200);
    assert_eq!(browser.get("/login").await.status, 429);
}

#[tokio::test]
async fn audit_3_each_network_has_its_own_quota() {
    let house = TestApp::admitting(BEHIND_A_PROXY, few()).await;
    let mut browser = house.anon();
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
    let house = TestApp::admitting(&[], few()).await;
    let mut browser = house.anon();
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
    let house = TestApp::admitting(BEHIND_A_PROXY, quotas).await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.signed_in(&ada).await;
    let mut browser = house.anon();
    let mut answers = Vec::new();
    for number in 0..60 {
        answers.push(open(&mut browser, &format!("198.51.100.{number}")).await);
    }
    let last = answers.last().unwrap();
    assert_eq!(last.status, 503);
    assert_eq!(last.header("retry-after"), Some("1"));
    assert_eq!(
        last.header("ratelimit-policy"),
        Some("\"everybody\";q=30;w=30")
    );
    assert_eq!(laptop.get("/devices").await.status, 200);
    // A cookie that we did not make is none.
    let mut forged = house.anon().with("__Host-latchkey", &"A".repeat(122));
    assert_eq!(forged.get("/login").await.status, 503);
}

#[tokio::test]
async fn audit_3_each_device_has_its_own_quota() {
    let quotas = Quotas {
        device: quota(5, 1),
        ..Quotas::default()
    };
    let house = TestApp::admitting(&[], quotas).await;
    let ada = house.person("ada@example.com", Role::User).await;
    let (mut laptop, mut phone) = (house.signed_in(&ada).await, house.signed_in(&ada).await);
    for _ in 0..5 {
        assert_eq!(laptop.get("/devices").await.status, 200);
    }
    let answer = laptop.get("/devices").await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some("\"device\";q=5;w=5")
    );
    assert_eq!(phone.get("/devices").await.status, 200);
}

#[tokio::test]
async fn audit_3_attempts_have_a_smaller_quota_than_pages() {
    for path in ATTEMPTS.iter().chain(&["/device/add"]) {
        let quotas = Quotas {
            attempts: quota(3, 1),
            ..Quotas::default()
        };
        let house = TestApp::admitting(&[], quotas).await;
        let mut browser = house.anon();
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
    let house = TestApp::admitting(&[], few()).await;
    let eve = house.person("eve@example.com", Role::User).await;
    let mut browser = house.signed_in(&eve).await;
    for _ in 0..30 {
        assert_eq!(browser.get("/devices").await.status, 200);
    }
    house
        .engine
        .delete_user(
            &latchkey_domain::access::permission::Administrator::Operator,
            eve.id,
            &latchkey_engine::RequestOrigin::default(),
        )
        .await
        .unwrap();
    let mut opened = 0;
    for _ in 0..30 {
        opened += u32::from(browser.get("/login").await.status == 200);
    }
    assert!(opened <= 10, "{opened}");
}

#[tokio::test]
async fn audit_3_an_old_copied_cookie_does_not_exhaust_the_quota_of_the_device() {
    let quotas = Quotas {
        device: quota(20, 1),
        ..Quotas::default()
    };
    let house = TestApp::admitting(&[], quotas).await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.signed_in(&ada).await;
    let mut thief = laptop.clone();
    assert_eq!(laptop.add_passkey().await.status, 200);
    for _ in 0..40 {
        thief.get("/login").await;
    }
    assert_eq!(laptop.get("/devices").await.status, 200);
}
