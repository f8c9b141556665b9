//! `POST /oauth/introspect`

use super::{Program, photos, post};
use crate::harness::TestApp;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

#[tokio::test]
async fn a_service_learns_what_a_token_is_good_for_and_nobody_else_does() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let wiki = test
        .service("wiki", latchkey_engine::NewService::default())
        .await;
    let program = Program::add(&test).await;
    let body = format!("token={}", program.token().await);
    let own = format!("Bearer {}", photos.token);
    let response = post(
        &test,
        "/oauth/introspect",
        &[("authorization", &own)],
        &body,
    )
    .await;
    assert_eq!(response.status, 200, "{}", response.body);
    let mut found = response.json();
    assert!(found["jti"].take().is_string());
    let now = test.now().unix_timestamp();
    assert_eq!(
        found,
        json!({
            "active": true,
            "token_type": "Bearer",
            "iss": test.origin,
            "aud": "photos",
            "sub": program.id,
            "client_id": program.id,
            "scope": "read write",
            "iat": now,
            "exp": now + 120,
            "jti": null,
        })
    );
    let of_wiki = format!("Bearer {}", wiki.token);
    let inactive = post(
        &test,
        "/oauth/introspect",
        &[("authorization", &of_wiki)],
        &body,
    )
    .await;
    assert_eq!(inactive.json(), json!({"active": false}));
    for (headers, body, status) in [
        (&[][..], body.as_str(), 401),
        (&[("authorization", "Bearer lk_0")], &body, 401),
        (&[("authorization", "Basic YTpi")], &body, 401),
        (&[("authorization", own.as_str())], "", 400),
    ] {
        let response = post(&test, "/oauth/introspect", headers, body).await;
        assert_eq!(response.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn rfc_9701_a_signed_response_is_for_whoever_asked() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let body = format!("token={}", program.token().await);
    let own = format!("Bearer {}", photos.token);
    let headers = [
        ("authorization", own.as_str()),
        ("accept", "application/token-introspection+jwt"),
    ];
    let response = post(&test, "/oauth/introspect", &headers, &body).await;
    assert_eq!(
        response.header("content-type"),
        Some("application/token-introspection+jwt")
    );
    let part = |place: usize| -> Value {
        let part = response.body.split('.').nth(place).unwrap();
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(part(0)["typ"], "token-introspection+jwt");
    let claims = part(1);
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!(test.origin), &json!("photos"))
    );
    assert_eq!(claims["token_introspection"]["active"], true);
    // It is no access token.
    let bearer = format!("Bearer {}", response.body);
    let headers = [
        ("authorization", own.as_str()),
        ("x-original-authorization", bearer.as_str()),
    ];
    assert_eq!(photos.ask("/verify/photos", &headers).await.status, 404);
}
