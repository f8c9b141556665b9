//! What programs are told while uses cannot be marked in Redis.

use super::{Program, photos, post};
use crate::harness::TestApp;
use latchkey_domain::{access::permission::Operator, tokens::policy::TokenUse};
use latchkey_engine::{NewAccessTokens, RequestOrigin};
use latchkey_jose::{Algorithm, SigningKey, dpop::prove};

/// Where no server is.
const NOWHERE: &str = "unix:///nonexistent/redis.sock";

#[tokio::test]
async fn must_survive_23_without_redis_one_shot_tokens_get_503_and_reusable_ones_are_accepted() {
    let settings = [("redis_url", NOWHERE), ("proxy.forward_auth", "127.0.0.1")];
    let test = TestApp::with(&settings).await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let (own, original) = (
        format!("Bearer {}", photos.token),
        format!("Bearer {}", program.token().await),
    );
    let asked = [
        ("authorization", own.as_str()),
        ("x-original-authorization", original.as_str()),
    ];
    let forwarded = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "photos.example.com"),
        ("x-forwarded-uri", "/"),
        ("authorization", original.as_str()),
    ];
    let ask = async || {
        [
            photos.ask("/verify/photos", &asked).await,
            photos.ask("/forward-auth", &forwarded).await,
        ]
    };
    for response in ask().await {
        assert_eq!(response.status, 200, "{}", response.body);
    }
    let (operator, origin) = (Operator, RequestOrigin::default());
    let change = (test.engine).change_access_tokens(
        &operator,
        "photos",
        NewAccessTokens::new("read write", TokenUse::OneShot),
        &origin,
    );
    change.await.unwrap();
    for response in ask().await {
        assert_eq!(response.status, 503, "{}", response.body);
        assert_eq!(response.header("retry-after"), Some("1"));
    }
    let body = format!("token={}", &original["Bearer ".len()..]);
    let response = post(
        &test,
        "/oauth/introspect",
        &[("authorization", &own)],
        &body,
    )
    .await;
    assert_eq!(response.status, 503, "{}", response.body);
    assert_eq!(response.json()["error"], "temporarily_unavailable");
}

#[tokio::test]
async fn must_survive_23_without_redis_no_proof_of_possession_is_accepted() {
    let test = TestApp::with(&[("redis_url", NOWHERE)]).await;
    photos(&test).await;
    let program = Program::add(&test).await;
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &[1; 32]).unwrap();
    let url = format!("{}/oauth/token", test.engine.issuer());
    let (now, nonce) = (test.now().unix_timestamp(), test.engine.dpop_nonce());
    let proof = prove(&key, "POST", &url, now, "one", None, Some(&nonce)).unwrap();
    let basic = program.basic();
    let headers = [("authorization", basic.as_str()), ("dpop", &proof)];
    let body = "grant_type=client_credentials";
    let response = post(&test, "/oauth/token", &headers, body).await;
    assert_eq!(response.status, 503, "{}", response.body);
    assert_eq!(response.json()["error"], "temporarily_unavailable");
    assert_eq!(response.header("retry-after"), Some("1"));
    // Without a proof there is nothing to mark.
    let response = post(&test, "/oauth/token", &headers[..1], body).await;
    assert_eq!(response.status, 200, "{}", response.body);
}
