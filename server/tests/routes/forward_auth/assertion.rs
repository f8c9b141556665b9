//! What a service can check without trusting the network.

use super::{Asked, ada, photos};
use crate::harness::TestApp;
use axum::{
    body::Body,
    http::{Method, header},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::access_grant::Scopes, access::permission::Administrator, identity::user::Role,
};
use latchkey_engine::RequestOrigin;
use p256::{
    Sec1Point,
    ecdsa::{Signature, VerifyingKey, signature::Verifier},
};
use serde_json::Value;
use time::Duration;

async fn key(house: &TestApp, kid: &str) -> VerifyingKey {
    let mut browser = house.anon();
    let request = browser
        .request(Method::GET, "/.well-known/jwks.json")
        .body(Body::empty())
        .unwrap();
    let answer = browser.send(request).await;
    assert_eq!(
        (
            answer.status.as_u16(),
            answer.header(header::CACHE_CONTROL.as_str())
        ),
        (200, Some("public, max-age=300"))
    );
    let set = answer.json();
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

async fn claims(house: &TestApp, assertion: &str) -> Value {
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (head, body) = signed.split_once('.').unwrap();
    let json =
        |part: &str| -> Value { serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap() };
    assert_eq!(json(head)["alg"], "ES256");
    let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
    let key = key(house, json(head)["kid"].as_str().unwrap()).await;
    assert!(
        key.verify(signed.as_bytes(), &signature).is_ok(),
        "signed by a key of the set"
    );
    json(body)
}

#[tokio::test]
async fn an_assertion_names_one_service_and_expires_after_a_minute() {
    let house = TestApp::open().await;
    let photos = photos(&house, "").await;
    let laptop = ada(&house, Role::User, Scopes::ALL).await;
    let answer = Asked::page("/").by(&photos, Some(&laptop)).await;
    let claims = claims(&house, answer.header("latchkey-assertion").unwrap()).await;
    let now = house.now().unix_timestamp();
    assert_eq!(claims["iss"], "http://localhost:3000");
    assert_eq!(claims["aud"], "photos");
    assert_eq!(claims["sub"].as_str(), answer.header("latchkey-subject"));
    assert_eq!(
        (&claims["iat"], &claims["exp"]),
        (&now.into(), &(now + 60).into())
    );
    assert_eq!(claims["email"], "ada@example.com");
    assert_eq!(claims["amr"], serde_json::json!(["otp"]));
}

#[tokio::test]
async fn an_assertion_is_reused_while_fresh_and_unchanged() {
    let house = TestApp::open().await;
    let photos = photos(&house, "").await;
    let laptop = ada(&house, Role::User, Scopes::ALL).await;
    let ask = async || {
        let answer = Asked::page("/").by(&photos, Some(&laptop)).await;
        answer.header("latchkey-assertion").unwrap().to_owned()
    };
    let first = ask().await;
    house.wait(Duration::seconds(30));
    assert_eq!(ask().await, first, "half of its minute is left");
    house.wait(Duration::seconds(1));
    let second = ask().await;
    assert_ne!(second, first);
    // Set back, a clock must not make it last.
    house.wait(Duration::minutes(-5));
    assert_ne!(ask().await, second);

    house
        .engine
        .add_grant(
            &Administrator::Operator,
            "ada@example.com",
            "photos",
            Scopes::NONE,
            None,
            &RequestOrigin::default(),
        )
        .await
        .unwrap();
    let less = claims(&house, &ask().await).await;
    assert!(less.get("email").is_none(), "{less}");
}
