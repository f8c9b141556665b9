//! `/oauth/…`, as clients call it.

mod device;
mod dpop_nonces;
mod introspect;
mod limits;
mod outage;
mod rfc9700;
mod token;
mod use_of_tokens;

use crate::harness::{TestApp, TestResponse};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use latchkey_domain::{
    access::permission::Operator,
    tokens::{client::ClientKind, policy::TokenUse},
};
use latchkey_engine::{NewAccessTokens, NewClient, NewService, RequestOrigin};

/// A program with its credentials.
struct Program<'a> {
    test: &'a TestApp,
    id: String,
    secret: String,
}

impl<'a> Program<'a> {
    /// The client `Backup` of the service `photos`, which knows the scopes `read` and `write`.
    async fn add(test: &'a TestApp) -> Self {
        let (operator, origin) = (Operator, RequestOrigin::default());
        let new = NewClient::new("Backup", ClientKind::Confidential, "photos", "read write");
        let reusable = TokenUse::Reusable;
        let engine = &test.engine;
        engine
            .change_access_tokens(
                &operator,
                "photos",
                NewAccessTokens::new("read write", reusable),
                &origin,
            )
            .await
            .unwrap();
        let added = engine.add_client(&operator, new, &origin).await.unwrap();
        let (client, secret) = added.commit().await.unwrap();
        Self {
            test,
            id: client.id.to_string(),
            secret: secret.unwrap().expose_secret().to_owned(),
        }
    }

    fn basic(&self) -> String {
        let pair = format!("{}:{}", self.id, self.secret);
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    }

    /// A token request as most libraries send it.
    async fn ask(&self, body: &str) -> TestResponse {
        let basic = self.basic();
        post(
            self.test,
            "/oauth/token",
            &[("authorization", &basic)],
            body,
        )
        .await
    }

    /// What the server says about a token.
    async fn introspect(&self, token: &str) -> serde_json::Value {
        let basic = self.basic();
        let headers = [("authorization", basic.as_str())];
        let body = format!("token={token}");
        post(self.test, "/oauth/introspect", &headers, &body)
            .await
            .json()
    }

    async fn token(&self) -> String {
        let response = self.ask("grant_type=client_credentials").await;
        let token = response.json()["access_token"].take();
        token.as_str().unwrap().to_owned()
    }
}

/// A form, with these headers and no others that say where it comes from.
async fn post(test: &TestApp, path: &str, headers: &[(&str, &str)], body: &str) -> TestResponse {
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::HOST, test.host())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    test.anon().send(request).await
}

async fn photos(test: &TestApp) -> crate::harness::Service<'_> {
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        ..NewService::default()
    };
    test.service("photos", new).await
}
