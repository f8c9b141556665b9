//! What a service can check without trusting the network.

use super::{ProxyRequest, ada, photos};
use crate::harness::TestApp;
use axum::{
    body::Body,
    http::{Method, header},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::access_grant::Scopes, access::permission::Operator, identity::user::Role,
};
use latchkey_engine::RequestOrigin;
use p256::{
    Sec1Point,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
};
use serde_json::Value;
use time::Duration;

async fn key(test: &TestApp, kid: &str) -> VerifyingKey {
    let mut browser = test.anon();
    let request = browser
        .request(Method::GET, "/.well-known/jwks.json")
        .body(Body::empty())
        .unwrap();
    let response = browser.send(request).await;
    assert_eq!(
        (
            response.status.as_u16(),
            response.header(header::CACHE_CONTROL.as_str())
        ),
        (200, Some("public, max-age=300"))
    );
    let set = response.json();
    let key = set["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == kid)
        .unwrap();
    assert!(key.get("d").is_none(), "the private half stays here");
    let part = |name: &str| BASE64.decode(key[name].as_str().unwrap()).unwrap();
    let bytes = [&[4][..], &part("x"), &part("y")].concat();
    VerifyingKey::from_sec1_point(&Sec1Point::from_bytes(bytes).unwrap()).unwrap()
}

async fn claims(test: &TestApp, assertion: &str) -> Value {
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (head, body) = signed.split_once('.').unwrap();
    let json =
        |part: &str| -> Value { serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap() };
    assert_eq!(json(head)["alg"], "ES256");
    let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
    let key = key(test, json(head)["kid"].as_str().unwrap()).await;
    assert!(
        key.verify(signed.as_bytes(), &signature).is_ok(),
        "signed by a key of the set"
    );
    json(body)
}

#[tokio::test]
async fn an_assertion_names_one_service_and_expires_after_a_minute() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::ALL).await;
    let response = ProxyRequest::page("/").send(&photos, Some(&laptop)).await;
    let claims = claims(&test, response.header("latchkey-assertion").unwrap()).await;
    let now = test.now().unix_timestamp();
    assert_eq!(claims["iss"], "http://localhost:3000");
    assert_eq!(claims["aud"], "photos");
    assert_eq!(claims["sub"].as_str(), response.header("latchkey-subject"));
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&now.into(), &(now + 60).into())
    );
    assert_eq!(claims["email"], "ada@example.com");
    assert_eq!(claims["amr"], serde_json::json!(["otp"]));
}

#[tokio::test]
async fn an_assertion_is_reused_while_fresh_and_unchanged() {
    let test = TestApp::open().await;
    let photos = photos(&test, "").await;
    let laptop = ada(&test, Role::Member, Scopes::ALL).await;
    let ask = async || {
        let response = ProxyRequest::page("/").send(&photos, Some(&laptop)).await;
        response.header("latchkey-assertion").unwrap().to_owned()
    };
    let first = ask().await;
    test.wait(Duration::seconds(30));
    assert_eq!(ask().await, first, "half of its minute is left");
    test.wait(Duration::seconds(1));
    let second = ask().await;
    assert_ne!(second, first);
    // Set back, a clock must not make it last.
    test.wait(Duration::minutes(-5));
    assert_ne!(ask().await, second);

    test.engine
        .add_grant(
            &Operator,
            "ada@example.com",
            "photos",
            Scopes::NONE,
            None,
            &RequestOrigin::default(),
        )
        .await
        .unwrap();
    let less = claims(&test, &ask().await).await;
    assert!(less.get("email").is_none(), "{less}");
}
