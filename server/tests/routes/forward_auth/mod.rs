//! `/forward-auth`, as proxies call it.

mod assertion;
mod callers;
mod origin;
mod responses;
mod rules;

use crate::harness::{Browser, Service, TestApp, TestResponse};
use axum::http::Method;
use latchkey_domain::{
    access::access_grant::Scopes, access::service::Policy, identity::user::Role,
};
use latchkey_engine::NewService;

const HOST: &str = "photos.example.com";

/// How Traefik and Caddy describe a request.
struct ProxyRequest<'a> {
    method: &'a str,
    host: &'a str,
    target: &'a str,
    more: Vec<(&'a str, &'a str)>,
}

impl<'a> ProxyRequest<'a> {
    /// A page navigation.
    fn page(target: &'a str) -> Self {
        Self {
            method: "GET",
            host: HOST,
            target,
            more: vec![
                ("accept", "text/html,*/*;q=0.8"),
                ("sec-fetch-mode", "navigate"),
            ],
        }
    }

    /// The request of a script.
    fn script(method: &'a str, target: &'a str) -> Self {
        Self {
            method,
            more: vec![("accept", "*/*"), ("sec-fetch-mode", "cors")],
            ..Self::page(target)
        }
    }

    async fn send(self, service: &Service<'_>, browser: Option<&Browser<'_>>) -> TestResponse {
        let token = format!("Bearer {}", service.token);
        let cookie = browser
            .and_then(Browser::device_cookie)
            .map(|value| format!("__Host-latchkey={value}"));
        let mut headers = vec![
            ("authorization", token.as_str()),
            ("x-forwarded-method", self.method),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", self.host),
            ("x-forwarded-uri", self.target),
        ];
        headers.extend(self.more);
        headers.extend(cookie.as_ref().map(|cookie| ("cookie", cookie.as_str())));
        service.send(Method::GET, "/forward-auth", &headers).await
    }
}

/// The service `photos` with its host and these rules.
async fn photos<'a>(test: &'a TestApp, rules: &str) -> Service<'a> {
    let new = NewService {
        hosts: HOST.to_owned(),
        policy: Policy::default(),
        rules: rules.to_owned(),
    };
    test.service("photos", new).await
}

/// A user with a grant, signed in.
async fn ada<'a>(test: &'a TestApp, role: Role, scopes: Scopes) -> Browser<'a> {
    let ada = test.user("ada@example.com", role).await;
    test.grant(&ada, "photos", scopes).await;
    test.signed_in(&ada).await
}
