//! `POST /oauth/device` and what follows, as a terminal uses it.

use super::{photos, post};
use crate::harness::{Browser, TestApp};
use latchkey_domain::{
    access::{access_grant::Scopes, permission::Operator},
    identity::user::Role,
    tokens::client::ClientKind,
};
use latchkey_engine::{NewClient, RequestOrigin};
use latchkey_jose::{Algorithm, SigningKey, dpop::prove};
use serde_json::json;

/// A public client for the device authorization grant.
pub(super) async fn terminal(test: &TestApp) -> String {
    let new = NewClient::new("Terminal", ClientKind::Public, "photos", "");
    let (operator, origin) = (Operator, RequestOrigin::default());
    let added = test
        .engine
        .add_client(&operator, new, &origin)
        .await
        .unwrap();
    added.commit().await.unwrap().0.id.to_string()
}

/// An access token of this client for the user of this browser.
pub(super) async fn token_of_user(
    test: &TestApp,
    browser: &mut Browser<'_>,
    client: &str,
) -> String {
    let begun = post(test, "/oauth/device", &[], &format!("client_id={client}")).await;
    let begun = begun.json();
    let code = begun["user_code"].as_str().unwrap();
    let approved = browser
        .post("/actions/authorization/approve", &[("code", code)])
        .await;
    assert_eq!(approved.location(), "/activate");
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={client}&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    let issued = post(test, "/oauth/token", &[], &body).await.json();
    issued["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_terminal_gets_tokens_when_its_user_has_approved_and_revokes_them() {
    let test = TestApp::open().await;
    let photos = photos(&test).await;
    let id = terminal(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.with_passkey(&ada).await;

    let begun = post(&test, "/oauth/device", &[], &format!("client_id={id}")).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    let begun = begun.json();
    let code = begun["user_code"].as_str().unwrap();
    let page = format!("{}/activate", test.origin);
    assert_eq!(begun["verification_uri"], page);
    assert_eq!(
        begun["verification_uri_complete"],
        format!("{page}?code={code}")
    );
    assert_eq!(
        (&begun["expires_in"], &begun["interval"]),
        (&json!(600), &json!(5))
    );
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={id}&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    let waiting = post(&test, "/oauth/token", &[], &body).await;
    assert_eq!(waiting.status, 400);
    assert_eq!(waiting.json(), json!({"error": "authorization_pending"}));

    let mut laptop = laptop;
    let page = laptop.get(&format!("/activate?code={code}")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body
            .contains("Let “Terminal” use photos in your name?")
    );
    let response = laptop
        .post("/actions/authorization/approve", &[("code", code)])
        .await;
    assert_eq!(response.location(), "/activate");
    test.wait(time::Duration::seconds(5));
    let issued = post(&test, "/oauth/token", &[], &body).await;
    assert_eq!(issued.status, 200, "{}", issued.body);
    let issued = issued.json();
    let bearer = format!("Bearer {}", issued["access_token"].as_str().unwrap());
    let own = format!("Bearer {}", photos.token);
    let headers = [
        ("authorization", own.as_str()),
        ("x-original-authorization", bearer.as_str()),
    ];
    let response = photos.ask("/verify/photos", &headers).await.json();
    assert_eq!(response["client_id"], id);
    assert_ne!(response["subject"], id, "the user's pseudonym");
    assert_eq!(response["device"], json!({"assurance": "passkey"}));
    assert_eq!(response["auth"]["methods"], json!(["hwk", "user"]));

    let refresh = issued["refresh_token"].as_str().unwrap();
    let body = format!("grant_type=refresh_token&client_id={id}&refresh_token={refresh}");
    let next = post(&test, "/oauth/token", &[], &body).await.json();
    let next = next["refresh_token"].as_str().unwrap();
    assert_ne!(next, refresh);
    let body = format!("client_id={id}&token={next}&token_type_hint=refresh_token");
    let revoked = post(&test, "/oauth/revoke", &[], &body).await;
    assert_eq!((revoked.status.as_u16(), &*revoked.body), (200, ""));
    assert_eq!(photos.ask("/verify/photos", &headers).await.status, 404);
}

#[tokio::test]
async fn a_proof_of_possession_is_asked_for_with_a_nonce() {
    let test = TestApp::open().await;
    photos(&test).await;
    let id = terminal(&test).await;
    let key = SigningKey::from_bytes(Algorithm::Es256, &[7; 32]).unwrap();
    let url = format!("{}/oauth/token", test.origin);
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={id}&device_code={}",
        "A".repeat(43)
    );
    let prove = |id: &str, nonce: Option<&str>| {
        prove(
            &key,
            "POST",
            &url,
            test.now().unix_timestamp(),
            id,
            None,
            nonce,
        )
        .unwrap()
    };
    let first = prove("one", None);
    let response = post(&test, "/oauth/token", &[("dpop", &first)], &body).await;
    assert_eq!(response.json(), json!({"error": "use_dpop_nonce"}));
    let nonce = response.header("dpop-nonce").unwrap().to_owned();
    let second = prove("two", Some(&nonce));
    let response = post(&test, "/oauth/token", &[("dpop", &second)], &body).await;
    assert_eq!(
        response.json(),
        json!({"error": "invalid_grant"}),
        "the proof is right"
    );
    let twice = [("dpop", second.as_str()), ("dpop", second.as_str())];
    let response = post(&test, "/oauth/token", &twice, &body).await;
    assert_eq!(response.json(), json!({"error": "invalid_dpop_proof"}));
}

#[tokio::test]
async fn audit_57_a_user_without_a_passkey_is_led_to_make_one_first() {
    let test = TestApp::open().await;
    photos(&test).await;
    let id = terminal(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let mut laptop = test.signed_in(&ada).await;
    let begun = post(&test, "/oauth/device", &[], &format!("client_id={id}")).await;
    let begun = begun.json();
    let code = begun["user_code"].as_str().unwrap();
    let page = laptop.get(&format!("/activate?code={code}")).await;
    assert_eq!(
        (page.status.as_u16(), page.location()),
        (303, "/enrol/passkey")
    );
    let approved = laptop
        .post("/actions/authorization/approve", &[("code", code)])
        .await;
    assert_eq!(approved.location(), "/enrol/passkey");
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={id}&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    let waiting = post(&test, "/oauth/token", &[], &body).await;
    assert_eq!(waiting.json(), json!({"error": "authorization_pending"}));
}
