//! `/api/v1/…`, as programs call it.

mod audit;
mod authentication;
mod clients;
mod code_lockout;
mod conditional_requests;
mod devices;
mod document;
mod errors;
mod grants;
mod idempotency;
mod keys;
mod limits;
mod lists;
mod mails;
mod overview;
mod passkeys;
mod programs;
mod risk;
mod roles;
mod services;
mod users;

use crate::harness::{Browser, TestApp, TestResponse};
use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use latchkey_domain::{access::permission::Operator, id::ClientId, tokens::client::ClientKind};
use latchkey_engine::{NewClient, NewService, RequestOrigin};
use serde_json::Value;

/// A program with a token.
struct Program<'a> {
    test: &'a TestApp,
    token: String,
}

async fn form(test: &TestApp, path: &str, basic: Option<&str>, body: &str) -> TestResponse {
    let mut request = Request::post(path)
        .header(header::HOST, test.host())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(pair) = basic {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
        request = request.header(header::AUTHORIZATION, basic);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    test.anon().send(request).await
}

async fn switch_on(test: &TestApp) {
    test.service("latchkey", NewService::default()).await;
}

/// A client that acts for users, with these scopes.
async fn terminal(test: &TestApp, scopes: &str) -> ClientId {
    let new = NewClient::new("Terminal", ClientKind::Public, "latchkey", scopes);
    let origin = RequestOrigin::default();
    let added = test.engine.add_client(&Operator, new, &origin).await;
    added.unwrap().commit().await.unwrap().0.id
}

/// What the client gets that the user of this browser approves.
async fn approve(test: &TestApp, browser: &mut Browser<'_>, client: ClientId) -> Value {
    let client = format!("client_id={client}");
    let begun = form(test, "/oauth/device", None, &client).await.json();
    let code = begun["user_code"].as_str().unwrap();
    let approved = browser
        .post("/actions/authorization/approve", &[("code", code)])
        .await;
    assert_eq!(approved.status, 303, "{}", approved.body);
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&{client}&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    form(test, "/oauth/token", None, &body).await.json()
}

impl<'a> Program<'a> {
    /// A client with these scopes, and a token for itself.
    async fn add(test: &'a TestApp, name: &str, scopes: &str) -> Self {
        let new = NewClient::new(name, ClientKind::Confidential, "latchkey", scopes);
        Self::of(test, new).await
    }

    /// The same, with a token for fifteen minutes.
    async fn lasting(test: &'a TestApp, name: &str, scopes: &str) -> Self {
        let new = NewClient {
            token_lifetime: time::Duration::minutes(15),
            ..NewClient::new(name, ClientKind::Confidential, "latchkey", scopes)
        };
        Self::of(test, new).await
    }

    async fn of(test: &'a TestApp, new: NewClient) -> Self {
        let added = test
            .engine
            .add_client(&Operator, new, &RequestOrigin::default())
            .await
            .unwrap();
        let (client, secret) = added.commit().await.unwrap();
        let pair = format!("{}:{}", client.id, secret.unwrap().expose_secret());
        let body = "grant_type=client_credentials";
        let issued = form(test, "/oauth/token", Some(&pair), body).await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        let token = issued.json()["access_token"].as_str().unwrap().to_owned();
        Self { test, token }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> TestResponse {
        self.send(method, path, &[], body).await
    }

    /// A change of whatever version there is.
    async fn change_any(&self, method: &str, path: &str, body: Value) -> TestResponse {
        let any = [("if-match", "*")];
        self.send(method, path, &any, Some(body)).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> TestResponse {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.test.host())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.test.anon().send(request.unwrap()).await
    }
}

const EVERYTHING: &str = "latchkey:overview:read latchkey:users:read latchkey:users:invite latchkey:users:write latchkey:users:export \
    latchkey:roles:read latchkey:roles:write latchkey:devices:read latchkey:devices:revoke latchkey:sessions:read \
    latchkey:sessions:revoke latchkey:services:read latchkey:services:write latchkey:grants:read latchkey:grants:write \
    latchkey:clients:read latchkey:clients:write latchkey:audit:read latchkey:risk:read \
    latchkey:risk:write latchkey:keys:read latchkey:keys:write";
