//! `GET /verify/{service}`

mod answers;
mod credentials;
mod matrix;
mod paths;

use crate::harness::{Answer, Browser, Service};
use latchkey_domain::access::service::{Policy, Requirement};
use latchkey_engine::NewService;

fn assert_unknown(answer: &Answer, what: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (404, ""),
        "{what}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(answer.header("set-cookie"), None, "{what}");
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

async fn ask(service: &Service<'_>, path: &str, headers: &[(&str, String)]) -> Answer {
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
