//! `GET /verify/{service}`

mod credentials;
mod matrix;
mod paths;
mod responses;

use crate::harness::{Browser, Service, TestResponse};
use latchkey_domain::access::service::{Policy, Requirement};
use latchkey_engine::NewService;

fn assert_unknown(response: &TestResponse, what: &str) {
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (404, ""),
        "{what}"
    );
    assert_eq!(response.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(response.header("set-cookie"), None, "{what}");
}

fn auth<'a>(service: &Service<'_>, browser: &Browser<'_>) -> [(&'a str, String); 2] {
    [
        ("authorization", format!("Bearer {}", service.token)),
        (
            "cookie",
            format!("__Host-latchkey={}", browser.device_cookie().unwrap()),
        ),
    ]
}

async fn ask(service: &Service<'_>, path: &str, headers: &[(&str, String)]) -> TestResponse {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    service.ask(path, &headers).await
}

/// A service that wants a passkey used in the last ten minutes.
fn strict() -> NewService {
    NewService {
        policy: Policy {
            requirement: Requirement::Passkey {
                max_age_seconds: 600,
            },
            ..Policy::default()
        },
        ..NewService::default()
    }
}
