//! Which callers may use `/forward-auth`.

use super::{HOST, ProxyRequest, ada, photos};
use crate::harness::{Browser, Service, TestApp, TestResponse};
use axum::http::Method;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use latchkey_engine::NewService;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use tracing::subscriber::DefaultGuard;

const PROXY: [u8; 4] = [10, 0, 0, 2];

async fn from(
    address: [u8; 4],
    service: &Service<'_>,
    browser: &Browser<'_>,
    more: &[(&str, &str)],
) -> TestResponse {
    let cookie = format!("__Host-latchkey={}", browser.device_cookie().unwrap());
    let headers = [
        &[
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
        .send_from(address, Method::GET, "/forward-auth", &headers)
        .await
}

#[tokio::test]
async fn r21_no_address_may_use_forward_auth_by_default() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    for address in [[127, 0, 0, 1], PROXY] {
        let response = from(address, &photos, &laptop, &[]).await;
        assert_eq!(response.status, 403);
        assert_eq!(response.json()["error"], "not_for_you");
    }
}

#[tokio::test]
async fn an_allowed_address_needs_no_token_and_any_other_does() {
    let test = TestApp::with(&[("proxy.forward_auth", "10.0.0.2/32")]).await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    // What browsers send to services in `Authorization` is none of our business.
    for more in [&[][..], &[("authorization", "Basic YTpi")]] {
        assert_eq!(from(PROXY, &photos, &laptop, more).await.status, 200);
    }
    for address in [[10, 0, 0, 3], [127, 0, 0, 1]] {
        assert_eq!(from(address, &photos, &laptop, &[]).await.status, 403);
    }
}

#[tokio::test]
async fn audit_14_trusted_and_forward_auth_are_separate_permissions() {
    // With only the old setting the caller is refused, and the log names the missing one.
    let test = TestApp::with(&[("proxy.trusted", "10.0.0.2/32")]).await;
    let photos = photos(&test, "public /*").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let log = Log::default();
    let logging = log.listen();
    let response = from(PROXY, &photos, &laptop, &[]).await;
    drop(logging);
    assert_eq!(response.status, 403);
    assert_eq!(response.json()["error"], "not_for_you");
    let lines = log.take();
    assert!(
        lines.contains("name a proxy that cannot send one in proxy.forward_auth"),
        "{lines}"
    );
    // With the token it may.
    let token = format!("Bearer {}", photos.token);
    let response = from(PROXY, &photos, &laptop, &[("authorization", &token)]).await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn a_token_is_valid_for_the_hosts_of_its_own_service_only() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let wiki = NewService {
        hosts: "wiki.example.com *.apps.example.com".to_owned(),
        ..NewService::default()
    };
    let wiki = test.service("wiki", wiki).await;
    let laptop = ada(&test, Role::Admin, Scopes::NONE).await;
    let ask = async |service: &Service<'_>, host| {
        let request = ProxyRequest {
            host,
            ..ProxyRequest::script("GET", "/")
        };
        request.send(service, Some(&laptop)).await.status.as_u16()
    };
    for (service, host, status) in [
        (&photos, "photos.example.com", 200),
        (&photos, "PHOTOS.example.com.", 200),
        (&photos, "photos.example.com:443", 200),
        (&photos, "wiki.example.com", 403),
        (&photos, "photos.example.com:8443", 403),
        (&photos, "evil.example", 403),
        (&wiki, "wiki.example.com", 200),
        (&wiki, "one.apps.example.com", 200),
        (&wiki, "apps.example.com", 403),
        (&wiki, "a.b.apps.example.com", 403),
        (&wiki, "photos.example.com", 403),
    ] {
        assert_eq!(ask(service, host).await, status, "{host}");
    }
}

#[tokio::test]
async fn must_survive_21_malformed_forwarded_requests_are_rejected() {
    let test = TestApp::with(&[("proxy.forward_auth", "10.0.0.2/32")]).await;
    let photos = photos(&test, "public /*").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let odd: [&[(&str, &str)]; 5] = [
        &[("x-forwarded-host", "photos.example.com")],
        &[("x-forwarded-uri", "/public")],
        &[("x-original-url", "https://photos.example.com/")],
        &[("x_forwarded_uri", "/public")],
        &[("x-forwarded-method", "")],
    ];
    for more in odd {
        let response = from(PROXY, &photos, &laptop, more).await;
        assert_eq!(response.status, 403, "{more:?}");
        assert_eq!(response.json()["error"], "bad_question", "{more:?}");
    }
    let nothing = photos
        .send_from(PROXY, Method::GET, "/forward-auth", &[])
        .await;
    assert_eq!(nothing.json()["error"], "bad_question");
}

/// What is logged meanwhile.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Takes what this thread logs, until what is returned is dropped.
    fn listen(&self) -> DefaultGuard {
        let writer = self.clone();
        let events = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_default(events)
    }

    /// What was logged since the last call.
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn must_survive_21_malformed_forwarded_requests_are_logged_without_their_content() {
    let test = TestApp::with(&[("proxy.forward_auth", "10.0.0.2/32")]).await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let log = Log::default();
    let _logging = log.listen();
    for (more, output) in [
        (
            ("x-forwarded-host", "forged.example"),
            r#"header="x-forwarded-host" wrong="doubled""#,
        ),
        (
            ("x-original-url", "https://forged.example/"),
            r#"header="x-original-url" wrong="two kinds""#,
        ),
        (
            ("x_forwarded_uri", "/forged"),
            r#"header="x_forwarded_uri" wrong="alias""#,
        ),
    ] {
        let response = from(PROXY, &photos, &laptop, &[more]).await;
        assert_eq!(response.json()["error"], "bad_question");
        let lines = log.take();
        assert!(lines.contains(output), "{output} in {lines}");
        assert!(!lines.contains("forged"), "{lines}");
    }
}

#[tokio::test]
async fn r23_no_user_agent_bypasses_the_check() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    for agent in ["kube-probe/1.30", "GoogleHC/1.0", "ELB-HealthChecker/2.0"] {
        let mut request = ProxyRequest::page("/");
        request.more.push(("user-agent", agent));
        assert_eq!(request.send(&photos, None).await.status, 302, "{agent}");
    }
}

#[tokio::test]
async fn must_survive_23_forward_auth_refuses_without_a_database() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    test.break_database().await;
    let response = ProxyRequest::page("/").send(&photos, Some(&laptop)).await;
    assert_eq!(response.status, 503);
    assert_eq!(response.header("retry-after"), Some("1"));
}
