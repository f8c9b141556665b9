//! The form of a response follows who will see it.

use super::{HOST, ProxyRequest, ada, photos};
use crate::harness::TestApp;
use axum::http::Method;
use latchkey_domain::{
    access::access_grant::Scopes,
    access::permission::Operator,
    access::service::{Policy, Requirement},
    identity::user::Role,
};
use latchkey_engine::{NewService, RequestOrigin};

const URL: &str = "/login?return_to=https%3A%2F%2Fphotos.example.com%2Falbum%3Fpage%3D2%26x%3D1";

#[tokio::test]
async fn an_anonymous_navigation_is_redirected_to_login_and_back() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let response = ProxyRequest::page("/album?page=2&x=1")
        .send(&photos, None)
        .await;
    assert_eq!(
        (response.status.as_u16(), response.location()),
        (302, format!("http://localhost:3000{URL}").as_str())
    );
    assert_eq!(response.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn an_anonymous_script_gets_401_and_no_redirect() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let mut socket = ProxyRequest::page("/socket");
    socket.more.push(("upgrade", "websocket"));
    let mut form = ProxyRequest::page("/upload");
    form.method = "POST";
    for request in [
        ProxyRequest::script("GET", "/api"),
        ProxyRequest::script("DELETE", "/api"),
        socket,
        form,
    ] {
        let response = request.send(&photos, None).await;
        assert_eq!(response.status, 401);
        assert_eq!(response.header("location"), None);
        assert_eq!(response.json()["error"], "sign_in_required");
        assert_eq!(response.json()["url"], "http://localhost:3000/login");
    }
}

#[tokio::test]
async fn field_10_nginx_gets_a_401_with_the_login_url_in_a_header_and_no_body() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let token = format!("Bearer {}", photos.token);
    let ask = async |method, accept| {
        let headers = [
            ("authorization", token.as_str()),
            ("x-original-method", method),
            (
                "x-original-url",
                "https://photos.example.com/album?page=2&x=1",
            ),
            ("accept", accept),
        ];
        photos.ask("/forward-auth", &headers).await
    };
    let page = ask("GET", "text/html").await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (401, ""));
    assert_eq!(
        page.header("latchkey-location"),
        Some(format!("http://localhost:3000{URL}").as_str())
    );
    for (method, accept) in [("POST", "text/html"), ("GET", "*/*")] {
        let response = ask(method, accept).await;
        assert_eq!(
            (
                response.status.as_u16(),
                response.header("latchkey-location")
            ),
            (401, None)
        );
        assert_eq!(response.body, "");
    }
}

#[tokio::test]
async fn a_grant_gives_access_and_the_headers_that_its_scopes_allow() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::ALL).await;
    let response = ProxyRequest::page("/album")
        .send(&photos, Some(&laptop))
        .await;
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (200, "")
    );
    assert_eq!(response.header("latchkey-email"), Some("ada@example.com"));
    assert_eq!(response.header("latchkey-role"), Some("member"));
    assert_eq!(response.header("latchkey-assurance"), Some("registered"));
    assert_eq!(
        response.header("latchkey-scopes"),
        Some("read:username read:email read:user-role")
    );
    let verified = photos.verify(&laptop).await.json();
    assert_eq!(
        response.header("latchkey-subject"),
        verified["subject"].as_str(),
        "the same pseudonym as /verify"
    );
}

#[tokio::test]
async fn the_response_returns_the_cookies_that_the_service_may_see() {
    let test = TestApp::open().await;
    let photos = photos(&test, "public GET /assets/*").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let ours = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let both = format!("a=b; {ours}; __Secure-latchkey=x; c=d");
    let token = format!("Bearer {}", photos.token);
    for path in ["/album", "/assets/app.js"] {
        for (sent, seen, removed) in [
            (both.as_str(), Some("a=b; c=d"), None),
            (ours.as_str(), None, Some("cookie")),
        ] {
            let headers = [
                ("authorization", token.as_str()),
                ("x-original-method", "GET"),
                (
                    "x-original-url",
                    &format!("https://photos.example.com{path}"),
                ),
                ("cookie", sent),
            ];
            let response = photos.ask("/forward-auth", &headers).await;
            assert_eq!(response.status, 200);
            assert_eq!(response.header("cookie"), seen, "{path}");
            assert_eq!(response.header("x-envoy-auth-headers-to-remove"), removed);
        }
    }
    // Only on a 200: any other response goes to the browser.
    let anonymous = ProxyRequest::page("/album").send(&photos, None).await;
    assert_eq!(anonymous.header("cookie"), None);
}

#[tokio::test]
async fn without_scopes_a_service_learns_only_the_subject() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let response = ProxyRequest::page("/").send(&photos, Some(&laptop)).await;
    assert_eq!(response.status, 200);
    assert!(response.header("latchkey-subject").is_some());
    for name in ["latchkey-email", "latchkey-name", "latchkey-role"] {
        assert_eq!(response.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn without_a_grant_a_page_explains_and_a_script_gets_json() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let page = ProxyRequest::page("/").send(&photos, Some(&laptop)).await;
    assert_eq!(page.status, 403);
    assert!(
        page.body.contains("photos.example.com") && page.body.contains("http://localhost:3000/")
    );
    assert!(page.header("content-security-policy").is_some());
    let script = ProxyRequest::script("GET", "/")
        .send(&photos, Some(&laptop))
        .await;
    assert_eq!(script.status, 403);
    assert_eq!(script.json()["error"], "no_access");
}

#[tokio::test]
async fn a_service_that_requires_a_passkey_redirects_to_step_up() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let strict = NewService {
        hosts: HOST.to_owned(),
        policy: Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 60,
            },
            ..Policy::default()
        },
        ..NewService::default()
    };
    test.engine
        .change_service(&Operator, "photos", strict, &RequestOrigin::default())
        .await
        .unwrap();
    let page = ProxyRequest::page("/album")
        .send(&photos, Some(&laptop))
        .await;
    assert_eq!(page.status, 302);
    assert!(
        page.location()
            .starts_with("http://localhost:3000/login?return_to=https")
    );
    let script = ProxyRequest::script("GET", "/album")
        .send(&photos, Some(&laptop))
        .await;
    assert_eq!(script.status, 401);
    assert_eq!(script.json()["error"], "step_up_required");
}

#[tokio::test]
async fn r15_r19_revoked_devices_and_removed_grants_count_from_the_next_request() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::ALL).await;
    assert_eq!(
        ProxyRequest::page("/")
            .send(&photos, Some(&laptop))
            .await
            .status,
        200
    );
    test.engine
        .remove_grant(
            &Operator,
            "ada@example.com",
            "photos",
            &RequestOrigin::default(),
        )
        .await
        .unwrap();
    assert_eq!(
        ProxyRequest::page("/")
            .send(&photos, Some(&laptop))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn envoy_forwards_the_request_itself() {
    let test = TestApp::open().await;
    let photos = photos(&test, "admins /settings/*").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let token = format!("Bearer {}", photos.token);
    let cookie = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let headers = [
        ("host", HOST),
        ("authorization", token.as_str()),
        ("x-forwarded-proto", "https"),
        ("cookie", cookie.as_str()),
    ];
    for (method, path, status) in [
        (Method::GET, "/forward-auth/album?page=2", 200),
        (Method::POST, "/forward-auth/", 200),
        (Method::GET, "/forward-auth/settings/users", 403),
        (Method::GET, "/forward-auth//settings/users", 403),
        (Method::GET, "/forward-auth/%2e%2e/settings", 403),
    ] {
        let response = photos.send(method, path, &headers).await;
        assert_eq!(response.status, status, "{path}: {}", response.body);
    }
}
