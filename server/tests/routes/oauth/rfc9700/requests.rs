//! What programs send, and what is made of it.

use super::super::{Program, photos, post};
use crate::{harness::TestApp, log::CapturedLog};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn rfc9700_2_1_there_is_no_authorization_endpoint() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let address = "/.well-known/oauth-authorization-server";
    let metadata = browser.get(address).await.json();
    assert_eq!(metadata["authorization_endpoint"], json!(null));
    assert_eq!(metadata["response_types_supported"], json!([]));
    let grants = metadata["grant_types_supported"].as_array().unwrap();
    for redirecting in ["authorization_code", "implicit", "password"] {
        assert!(!grants.contains(&json!(redirecting)), "{redirecting}");
    }
    for path in ["/oauth/authorize", "/authorize", "/oauth/authorise"] {
        let query = "response_type=token&client_id=x&redirect_uri=https://evil.example";
        let response = browser.get(&format!("{path}?{query}")).await;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.header("location"), None, "{path}");
    }
}

#[tokio::test]
async fn rfc9700_4_3_2_credentials_in_an_address_are_not_read() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let token = program.token().await;
    let own = format!("Bearer {}", photos.token);
    let verify = format!("/verify/photos?access_token={token}");
    let response = photos.ask(&verify, &[("authorization", &own)]).await;
    assert_eq!(response.status, 404);
    let target = format!("/albums?access_token={token}");
    let forwarded = [
        ("authorization", own.as_str()),
        ("accept", "application/json"),
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "photos.example.com"),
        ("x-forwarded-uri", target.as_str()),
    ];
    let response = photos.send(Method::GET, "/forward-auth", &forwarded).await;
    assert_eq!(response.status, 401);
    let query = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        program.id, program.secret
    );
    for path in ["token", "introspect", "revoke"] {
        let address = format!("/oauth/{path}?{query}&token={token}");
        let response = post(&test, &address, &[], "").await;
        assert!(response.status.is_client_error(), "{path}");
    }
    assert_eq!(
        program.introspect(&token).await["active"],
        true,
        "not revoked"
    );
}

#[tokio::test]
async fn rfc9700_4_9_2_no_credential_is_logged() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    let (log, _guard) = CapturedLog::begin();
    let token = program.token().await;
    let (own, original) = (
        format!("Bearer {}", photos.token),
        format!("Bearer {token}"),
    );
    let headers = [
        ("authorization", own.as_str()),
        ("x-original-authorization", original.as_str()),
    ];
    assert_eq!(photos.ask("/verify/photos", &headers).await.status, 200);
    let basic = program.basic();
    let authorization = [("authorization", basic.as_str())];
    for path in ["/oauth/introspect", "/oauth/revoke", "/oauth/token"] {
        post(&test, path, &authorization, &format!("token={token}")).await;
    }
    // A refused one too.
    assert_eq!(photos.ask("/verify/photos", &headers).await.status, 404);
    test.break_database().await;
    program.ask("grant_type=client_credentials").await;
    let log = log.text();
    assert!(log.contains("/oauth/introspect"), "{log}");
    let (_, encoded) = basic.split_once(' ').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    for secret in [&program.secret, &photos.token, encoded, signature] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn rfc9700_4_15_a_client_is_never_taken_for_a_user() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let program = Program::add(&test).await;
    // Its id is the server's choice, and has another form than any pseudonym of a user.
    assert_eq!(
        program.id.split('-').map(str::len).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
    let own = format!("Bearer {}", photos.token);
    for parameter in ["sub", "subject", "username"] {
        let form = format!("grant_type=client_credentials&{parameter}=ada@example.com");
        let response = program.ask(&form).await;
        assert_eq!(response.status, 200, "{parameter} means nothing");
        let token = response.json()["access_token"].take();
        let original = format!("Bearer {}", token.as_str().unwrap());
        let headers = [
            ("authorization", own.as_str()),
            ("x-original-authorization", original.as_str()),
        ];
        let verified = photos.ask("/verify/photos", &headers).await.json();
        assert_eq!(verified["subject"], program.id);
        assert_eq!(verified["client_id"], program.id);
        for of_users in ["auth", "device", "username", "email", "role"] {
            assert_eq!(verified[of_users], json!(null), "{of_users}");
        }
    }
    let form = "grant_type=client_credentials&client_id=ada@example.com";
    assert_eq!(program.ask(form).await.json()["error"], "invalid_request");
}
