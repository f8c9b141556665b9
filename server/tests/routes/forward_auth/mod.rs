//! `/forward-auth`, asked as proxies ask.

mod answers;
mod assertion;
mod callers;
mod rules;

use crate::harness::{Answer, Browser, Service, TestApp};
use axum::http::Method;
use latchkey_domain::{
    access::access_grant::Scopes, access::service::Policy, identity::user::Role,
};
use latchkey_engine::NewService;

const HOST: &str = "photos.example.com";

/// How Traefik and Caddy describe a request.
struct Asked<'a> {
    method: &'a str,
    host: &'a str,
    target: &'a str,
    more: Vec<(&'a str, &'a str)>,
}

impl<'a> Asked<'a> {
    /// A person opens a page.
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

    /// A script asks for something.
    fn script(method: &'a str, target: &'a str) -> Self {
        Self {
            method,
            more: vec![("accept", "*/*"), ("sec-fetch-mode", "cors")],
            ..Self::page(target)
        }
    }

    async fn by(self, service: &Service<'_>, browser: Option<&Browser<'_>>) -> Answer {
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

/// Photos with its host, and these rules.
async fn photos<'h>(house: &'h TestApp, rules: &str) -> Service<'h> {
    let new = NewService {
        hosts: HOST.to_owned(),
        policy: Policy::default(),
        rules: rules.to_owned(),
    };
    house.service("photos", new).await
}

/// Somebody with a grant, on their laptop.
async fn ada<'h>(house: &'h TestApp, role: Role, scopes: Scopes) -> Browser<'h> {
    let ada = house.person("ada@example.com", role).await;
    house.grant(&ada, "photos", scopes).await;
    house.signed_in(&ada).await
}
