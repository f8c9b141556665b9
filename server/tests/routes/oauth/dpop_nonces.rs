//! Services that demand a nonce in proofs of possession (RFC 9449 §9).

use super::{Program, photos, post};
use crate::harness::{TestApp, TestResponse};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use latchkey_domain::{
    access::permission::Operator,
    tokens::{client::ClientKind, policy::TokenUse},
};
use latchkey_engine::{NewAccessTokens, NewClient, NewService, RequestOrigin};
use latchkey_jose::{Algorithm, SigningKey, dpop::prove};
use std::sync::atomic::{AtomicU64, Ordering};
use time::Duration;

const ALBUMS: &str = "https://photos.example.com/albums";

/// Proofs of one key.
struct Holder<'a> {
    test: &'a TestApp,
    key: SigningKey,
    proofs: AtomicU64,
}

impl<'a> Holder<'a> {
    fn new(test: &'a TestApp) -> Self {
        let key = SigningKey::from_bytes(Algorithm::Es256, &[7; 32]).unwrap();
        Self {
            test,
            key,
            proofs: AtomicU64::new(0),
        }
    }

    fn proof(&self, method: &str, url: &str, token: Option<&str>, nonce: Option<&str>) -> String {
        let now = self.test.now().unix_timestamp();
        let id = format!("proof {}", self.proofs.fetch_add(1, Ordering::Relaxed));
        prove(&self.key, method, url, now, &id, token, nonce).unwrap()
    }

    /// A token of a program that is bound to the key.
    async fn token(&self, program: &Program<'_>) -> String {
        let (url, nonce) = (
            format!("{}/oauth/token", self.test.origin),
            self.test.engine.dpop_nonce(),
        );
        let (proof, basic) = (
            self.proof("POST", &url, None, Some(&nonce)),
            program.basic(),
        );
        let headers = [("authorization", basic.as_str()), ("dpop", &proof)];
        let body = "grant_type=client_credentials";
        let response = post(self.test, "/oauth/token", &headers, body).await;
        let body = response.json();
        assert_eq!(body["token_type"], "DPoP");
        body["access_token"].as_str().unwrap().to_owned()
    }
}

async fn demand_nonces(test: &TestApp, service: &str, scopes: &str) {
    let new = NewAccessTokens {
        dpop_nonce: true,
        ..NewAccessTokens::new(scopes, TokenUse::Reusable)
    };
    let origin = RequestOrigin::default();
    let changed = (test.engine).change_access_tokens(&Operator, service, new, &origin);
    changed.await.unwrap();
}

/// The nonce of a response that demands one.
fn nonce_of(response: &TestResponse) -> String {
    assert_eq!(response.status, 401, "{}", response.body);
    assert_eq!(
        response.header("www-authenticate"),
        Some("DPoP error=\"use_dpop_nonce\"")
    );
    response.header("dpop-nonce").unwrap().to_owned()
}

#[tokio::test]
async fn an_application_passes_on_that_a_proof_needs_a_nonce() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let holder = Holder::new(&test);
    let token = holder.token(&program).await;
    let (own, original) = (format!("Bearer {}", photos.token), format!("DPoP {token}"));
    let ask = async |nonce: Option<&str>, url: &str| {
        let proof = holder.proof("GET", url, Some(&token), nonce);
        let headers = [
            ("authorization", own.as_str()),
            ("x-original-authorization", &original),
            ("x-original-method", "GET"),
            ("x-original-url", ALBUMS),
            ("dpop", &proof),
        ];
        photos.ask("/verify/photos", &headers).await
    };
    assert_eq!(ask(None, ALBUMS).await.status, 200);
    demand_nonces(&test, "photos", "read write").await;
    let refused = ask(None, ALBUMS).await;
    assert_eq!(
        refused.json(),
        serde_json::json!({"error": "use_dpop_nonce"})
    );
    let nonce = nonce_of(&refused);
    assert_eq!(nonce_of(&ask(Some("made up"), ALBUMS).await), nonce);
    // Who could not use a nonce anyway gets none.
    assert_eq!(ask(None, "https://photos.example.com/").await.status, 404);

    let accepted = ask(Some(&nonce), ALBUMS).await;
    assert_eq!(
        (accepted.status.as_u16(), accepted.header("dpop-nonce")),
        (200, None)
    );
    // The one before is accepted, with the next beside the answer; after that it is not.
    test.wait(Duration::seconds(119));
    let token = holder.token(&program).await;
    let original = format!("DPoP {token}");
    let ask = async |nonce: Option<&str>| {
        let proof = holder.proof("GET", ALBUMS, Some(&token), nonce);
        let headers = [
            ("authorization", own.as_str()),
            ("x-original-authorization", &original),
            ("x-original-method", "GET"),
            ("x-original-url", ALBUMS),
            ("dpop", &proof),
        ];
        photos.ask("/verify/photos", &headers).await
    };
    test.wait(Duration::seconds(1));
    let accepted = ask(Some(&nonce)).await;
    assert_eq!(accepted.status, 200);
    let next = accepted.header("dpop-nonce").unwrap().to_owned();
    assert_ne!(next, nonce);
    assert_eq!(ask(Some(&next)).await.header("dpop-nonce"), None);
    test.wait(Duration::seconds(120));
    assert_ne!(ask(Some(&nonce)).await.status, 200);
}

#[tokio::test]
async fn a_proxy_passes_on_that_a_proof_needs_a_nonce() {
    let test = TestApp::with(&[("proxy.forward_auth", "127.0.0.1")]).await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let holder = Holder::new(&test);
    let token = holder.token(&program).await;
    demand_nonces(&test, "photos", "read write").await;
    let original = format!("DPoP {token}");
    let ask = async |nonce: Option<&str>| {
        let proof = holder.proof("GET", ALBUMS, Some(&token), nonce);
        let headers = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "photos.example.com"),
            ("x-forwarded-uri", "/albums"),
            ("authorization", &original),
            ("dpop", &proof),
        ];
        photos.send(Method::GET, "/forward-auth", &headers).await
    };
    let refused = ask(None).await;
    assert_eq!(refused.json()["error"], "use_dpop_nonce");
    let nonce = nonce_of(&refused);
    assert_eq!(ask(Some(&nonce)).await.status, 200);
    // Tokens that are bound to no key have no proof that could need one.
    let bearer = format!("Bearer {}", program.token().await);
    let headers = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "photos.example.com"),
        ("x-forwarded-uri", "/albums"),
        ("authorization", &bearer),
    ];
    let response = photos.send(Method::GET, "/forward-auth", &headers).await;
    assert_eq!(response.status, 200);
}

#[tokio::test]
async fn the_api_demands_a_nonce_if_its_service_does() {
    let test = TestApp::open().await;
    test.service("latchkey", NewService::default()).await;
    demand_nonces(&test, "latchkey", "").await;
    let new = NewClient::new(
        "Admin",
        ClientKind::Confidential,
        "latchkey",
        "latchkey:users:read",
    );
    let (operator, origin) = (Operator, RequestOrigin::default());
    let added = (test.engine).add_client(&operator, new, &origin).await;
    let (client, secret) = added.unwrap().commit().await.unwrap();
    let program = Program {
        test: &test,
        id: client.id.to_string(),
        secret: secret.unwrap().expose_secret().to_owned(),
    };
    let holder = Holder::new(&test);
    let token = holder.token(&program).await;
    let url = format!("{}/api/v1/users", test.origin);
    let call = async |nonce: Option<&str>| {
        let request = Request::builder()
            .uri("/api/v1/users")
            .header(header::HOST, test.host())
            .header(header::AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", holder.proof("GET", &url, Some(&token), nonce));
        test.anon().send(request.body(Body::empty()).unwrap()).await
    };
    let refused = call(None).await;
    assert!(refused.body.contains("use_dpop_nonce"), "{}", refused.body);
    let nonce = nonce_of(&refused);
    assert_eq!(call(Some(&nonce)).await.status, 200);
}
