//! What proxies and services say of the client, and what comes of it.

use super::{HOST, photos};
use crate::harness::{Browser, Service, TestApp, TestResponse};
use axum::http::{HeaderValue, Method, header};
use latchkey_domain::{
    access::{access_grant::Scopes, permission::Operator, service::RiskPolicy},
    identity::user::Role,
};
use latchkey_engine::RequestOrigin;

const PROXY: [u8; 4] = [10, 0, 0, 2];
const STRANGER: [u8; 4] = [10, 0, 0, 3];
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36";

async fn enforcing() -> TestApp {
    TestApp::with(&[("risk.mode", "enforce"), ("proxy.trusted", "10.0.0.2/32")]).await
}

/// Ada, on Firefox, with a grant.
async fn ada(test: &TestApp) -> Browser<'_> {
    let ada = test.user("ada@example.com", Role::Member).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let mut laptop = test.anon();
    let code = ada.code(test.now());
    let fields = [("email", "ada@example.com"), ("code", &code)];
    let mut request = laptop.form("/actions/device/register", &fields);
    let agent = HeaderValue::from_static(FIREFOX);
    request.headers_mut().insert(header::USER_AGENT, agent);
    laptop.send(request).await;
    assert!(laptop.device_cookie().is_some());
    laptop
}

/// What a script hears through a proxy at an address.
async fn forward(
    service: &Service<'_>,
    browser: &Browser<'_>,
    peer: [u8; 4],
    more: &[(&str, &str)],
) -> TestResponse {
    let token = format!("Bearer {}", service.token);
    let cookie = format!("__Host-latchkey={}", browser.device_cookie().unwrap());
    let headers = [
        &[
            ("authorization", token.as_str()),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", HOST),
            ("x-forwarded-uri", "/album"),
            ("cookie", cookie.as_str()),
        ],
        more,
    ]
    .concat();
    service
        .send_from(peer, Method::GET, "/forward-auth", &headers)
        .await
}

#[tokio::test]
async fn audit_54_another_browser_is_refused_if_a_trusted_proxy_says_so() {
    let test = enforcing().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test).await;
    for (peer, agent) in [
        (PROXY, FIREFOX),
        // A name of the proxy, and of a media player with the browser's cookies.
        (PROXY, "Go-http-client/1.1"),
        (
            PROXY,
            "AppleCoreMedia/1.0.0.22A3354 (iPhone; U; CPU OS 18_0 like Mac OS X; de_de)",
        ),
        (STRANGER, CHROME),
    ] {
        let response = forward(&photos, &laptop, peer, &[("user-agent", agent)]).await;
        assert_eq!(response.status, 200, "{peer:?} {agent}");
    }
    let refused = forward(&photos, &laptop, PROXY, &[("user-agent", CHROME)]).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["error"], "step_up_required");
    let owner = forward(&photos, &laptop, PROXY, &[("user-agent", FIREFOX)]).await;
    assert_eq!(owner.status, 401, "the device has to authenticate");
}

#[tokio::test]
async fn audit_54_an_address_is_believed_from_a_trusted_proxy_alone() {
    let test = enforcing().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test).await;
    let network = "198.51.100.0/24";
    let block = latchkey_domain::risk::NetworkVerdict::Block;
    (test
        .engine
        .rule_network(&Operator, network, block, None, &RequestOrigin::default()))
    .await
    .unwrap();
    let blocked = ("x-forwarded-for", "198.51.100.7");
    for (peer, lines) in [
        (STRANGER, &[blocked][..]),
        (PROXY, &[]),
        (PROXY, &[("x-forwarded-for", "198.51.100.7, 203.0.113.9")]),
    ] {
        let response = forward(&photos, &laptop, peer, lines).await;
        assert_eq!(response.status, 200, "{peer:?} {lines:?}");
    }
    let refused = forward(&photos, &laptop, PROXY, &[blocked]).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["error"], "step_up_required");
}

#[tokio::test]
async fn audit_54_a_service_says_what_its_caller_is_in_a_header_of_its_own() {
    let test = enforcing().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test).await;
    let token = format!("Bearer {}", photos.token);
    let cookie = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let verify = async |more: &[(&str, &str)]| {
        let credentials = [("authorization", token.as_str()), ("cookie", &cookie)];
        photos
            .ask("/verify/photos", &[&credentials, more].concat())
            .await
    };
    let own = ("user-agent", CHROME);
    assert_eq!(verify(&[own]).await.status, 200, "the service's own name");
    let risk = RiskPolicy {
        tells_level: true,
        ..RiskPolicy::default()
    };
    (test
        .engine
        .change_risk_policy(&Operator, "photos", risk, &RequestOrigin::default()))
    .await
    .unwrap();
    let same = verify(&[own, ("x-original-user-agent", FIREFOX)]).await;
    assert_eq!(
        (same.status.as_u16(), same.header("latchkey-risk")),
        (200, Some("low"))
    );
    let forwarded = forward(&photos, &laptop, PROXY, &[]).await;
    assert_eq!(forwarded.header("latchkey-risk"), Some("low"));
    let wrong_token = [
        ("authorization", "Bearer lk_0000"),
        ("cookie", &*cookie),
        ("x-original-user-agent", CHROME),
    ];
    assert_eq!(photos.ask("/verify/photos", &wrong_token).await.status, 404);
    assert_eq!(verify(&[]).await.status, 200, "strangers lock nobody out");
    let other = verify(&[("x-original-user-agent", CHROME)]).await;
    assert_eq!(other.status, 401);
    assert_eq!(other.json()["error"], "step_up_required");
    assert_eq!(other.header("latchkey-risk"), None);
}
