//! `POST /oauth/introspect`

use super::{
    Program,
    device::{terminal, token_of_user},
    photos, post,
};
use crate::harness::TestApp;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use latchkey_jose::KeySet;
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
    // With a key that everybody finds.
    let metadata = test
        .anon()
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    let algorithms = &metadata["introspection_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!([part(0)["alg"]]));
    let keys = test.anon().get("/.well-known/jwks.json").await.body;
    let keys = KeySet::parse(&keys).unwrap();
    assert!(keys.open(&response.body).is_ok());
    let forged = response.body.replace(".", ".e");
    assert!(keys.open(&forged).is_err());
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

#[tokio::test]
async fn audit_57_a_service_learns_this_of_a_user_s_token_and_no_more() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let client = terminal(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let mut browser = test.with_passkey(&ada).await;
    let authenticated = test.now().unix_timestamp();
    test.wait(time::Duration::MINUTE);
    let token = token_of_user(&test, &mut browser, &client).await;
    let own = format!("Bearer {}", photos.token);
    let headers = [("authorization", own.as_str())];
    let body = format!("token={token}");
    let asked = post(&test, "/oauth/introspect", &headers, &body).await;
    let mut found = asked.json();
    assert!(found["jti"].take().is_string());
    let subject = found["sub"].take();
    assert_ne!(subject, json!(ada.id.to_string()), "a pseudonym");
    assert_ne!(subject, json!(client));
    let now = test.now().unix_timestamp();
    assert_eq!(
        found,
        json!({
            "active": true,
            "token_type": "Bearer",
            "iss": test.origin,
            "aud": "photos",
            "sub": null,
            "client_id": client,
            "iat": now,
            "exp": now + 120,
            "jti": null,
            "auth_time": authenticated,
            "amr": ["hwk", "user"],
            "acr": "passkey",
        })
    );
}
