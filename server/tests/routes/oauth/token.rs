//! `POST /oauth/token`

use super::{Program, photos, post};
use crate::harness::TestApp;
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use latchkey_engine::{KeyPurpose, KeyState, RequestOrigin};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_client_gets_a_bearer_token_that_no_cache_keeps() {
    let test = TestApp::open().await;
    photos(&test).await;
    let program = Program::add(&test).await;
    let form = format!("client_id={}&client_secret={}", program.id, program.secret);
    let basic = program.basic();
    for (headers, credentials) in [
        (&[("authorization", basic.as_str())][..], ""),
        (&[], form.as_str()),
    ] {
        let body = format!("grant_type=client_credentials&scope=read&{credentials}");
        let response = post(&test, "/oauth/token", headers, &body).await;
        assert_eq!(response.status, 200, "{}", response.body);
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("cache-control"), Some("no-store"));
        assert_eq!(response.header("set-cookie"), None);
        let mut body = response.json();
        let token = body["access_token"].take();
        assert_eq!(token.as_str().unwrap().split('.').count(), 3);
        assert_eq!(
            body,
            json!({"access_token": null, "token_type": "Bearer", "expires_in": 120, "scope": "read"})
        );
    }
}

#[tokio::test]
async fn rfc_6749_5_2_each_mistake_has_its_error() {
    let test = TestApp::open().await;
    photos(&test).await;
    let program = Program::add(&test).await;
    let basic = program.basic();
    let good = [("authorization", basic.as_str())];
    let wrong = [("authorization", "Basic YTpi")];
    let bearer = [("authorization", "Bearer abc")];
    let own = "grant_type=client_credentials";
    let twice = format!("{own}&{own}");
    let both = format!(
        "{own}&client_id={}&client_secret={}",
        program.id, program.secret
    );
    for (headers, body, status, error) in [
        (&good[..], "", 400, "invalid_request"),
        (&good, "grant_type=", 400, "invalid_request"),
        (&good, &twice, 400, "invalid_request"),
        (&good, &both, 400, "invalid_request"),
        (&good, "grant_type=password", 400, "unsupported_grant_type"),
        (
            &good,
            "grant_type=authorization_code&code=x",
            400,
            "unsupported_grant_type",
        ),
        (&good, &format!("{own}&scope=delete"), 400, "invalid_scope"),
        (
            &good,
            &format!("{own}&audience=wiki"),
            400,
            "invalid_target",
        ),
        (&wrong, own, 401, "invalid_client"),
        (&bearer, own, 401, "invalid_client"),
        (&[], own, 401, "invalid_client"),
        (
            &[],
            &format!("{own}&client_id={}", program.id),
            401,
            "invalid_client",
        ),
    ] {
        let response = post(&test, "/oauth/token", headers, body).await;
        assert_eq!(response.status, status, "{body}");
        assert_eq!(response.json(), json!({ "error": error }), "{body}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let challenge = response.header("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{body}");
    }
}

#[tokio::test]
async fn cookies_and_origins_mean_nothing_to_the_token_endpoint() {
    let test = TestApp::open().await;
    photos(&test).await;
    let program = Program::add(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let cookie = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let basic = program.basic();
    let elsewhere = [
        ("authorization", basic.as_str()),
        ("cookie", cookie.as_str()),
        ("origin", "https://app.example.com"),
        ("sec-fetch-site", "cross-site"),
    ];
    let own = "grant_type=client_credentials";
    let response = post(&test, "/oauth/token", &elsewhere, own).await;
    assert_eq!(
        (response.status.as_u16(), response.header("set-cookie")),
        (200, None)
    );
    let response = post(&test, "/oauth/token", &elsewhere[1..], own).await;
    assert_eq!(response.status, 401, "a device is no client");
    assert_eq!(response.header("set-cookie"), None);
}

#[tokio::test]
async fn the_server_describes_itself() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let metadata = browser
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    let issuer = metadata["issuer"].as_str().unwrap();
    assert_eq!(issuer, test.origin, "without a slash at its end");
    assert_eq!(metadata["token_endpoint"], format!("{issuer}/oauth/token"));
    for endpoint in ["device_authorization", "revocation", "introspection"] {
        let url = metadata[format!("{endpoint}_endpoint")].as_str().unwrap();
        let path = url.strip_prefix(issuer).unwrap();
        let response = post(&test, path, &[], "").await;
        assert_eq!(
            response.json()["error"].as_str().map(|_| ()),
            Some(()),
            "{url}"
        );
    }
    let keys = browser.get("/.well-known/jwks.json").await.json();
    let algorithms: Vec<_> = (keys["keys"].as_array().unwrap().iter())
        .map(|key| key["alg"].as_str().unwrap())
        .collect();
    assert!(algorithms.contains(&"EdDSA") && algorithms.contains(&"ES256"));
}

#[tokio::test]
async fn audit_57_the_next_the_current_and_the_retiring_key_of_access_tokens_are_published() {
    let test = TestApp::open().await;
    let published = async || {
        let keys = test.anon().get("/.well-known/jwks.json").await.json();
        let kids = keys["keys"].as_array().unwrap().iter();
        let kids = kids.map(|key| key["kid"].as_str().unwrap().to_owned());
        kids.collect::<Vec<_>>()
    };
    test.wait(Duration::minutes(10));
    for purpose in [KeyPurpose::AccessToken, KeyPurpose::AccessTokenEs256] {
        let origin = RequestOrigin::default();
        let rotated = test.engine.rotate_key(&Operator, purpose, false, &origin);
        rotated.await.unwrap();
        let published = published().await;
        for state in KeyState::ALL {
            let keys = test.engine.list_keys(&Operator).into_iter();
            let ids: Vec<_> = keys
                .filter(|key| (key.purpose, key.state) == (purpose, state))
                .map(|key| key.id)
                .collect();
            assert_eq!(ids.len(), 1, "{purpose} {state}");
            assert!(published.contains(&ids[0]), "{purpose} {state}");
        }
    }
    // Those that sign no tokens are not.
    let keys = test.engine.list_keys(&Operator).into_iter();
    let published = published().await;
    for key in keys.filter(|key| key.purpose == KeyPurpose::AuditCheckpoint) {
        assert!(!published.contains(&key.id));
    }
}
