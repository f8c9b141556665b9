//! Who may call, and for whom.

use super::{Program, approve, form, switch_on, terminal};
use crate::harness::TestApp;
use latchkey_domain::{
    access::{access_grant::Scopes, permission::Operator},
    identity::user::Role,
    tokens::client::ClientKind,
};
use latchkey_engine::{NewClient, NewService, RequestOrigin};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn nobody_calls_without_a_token_for_the_api_and_cookies_mean_nothing() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Admin).await;
    let mut browser = test.with_passkey(&ada).await;
    let by_cookie = browser.get("/api/v1/users").await;
    assert_eq!(by_cookie.status, 401);
    assert_eq!(by_cookie.json()["error"], "invalid_token");
    let challenge = by_cookie.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer ") && challenge.contains("invalid_token"));

    let photos = test.service("photos", NewService::default()).await;
    drop(photos);
    let new = NewClient::new("Backup", ClientKind::Confidential, "photos", "");
    let origin = RequestOrigin::default();
    let added = test
        .engine
        .add_client(&Operator, new, &origin)
        .await
        .unwrap();
    let (client, secret) = added.commit().await.unwrap();
    let pair = format!("{}:{}", client.id, secret.unwrap().expose_secret());
    let issued = form(
        &test,
        "/oauth/token",
        Some(&pair),
        "grant_type=client_credentials",
    )
    .await;
    let token = issued.json()["access_token"].as_str().unwrap().to_owned();
    let of_another = Program { test: &test, token };
    let users = "/api/v1/users";
    assert_eq!(
        of_another.call("GET", users, None).await.status,
        401,
        "there is no API"
    );
    switch_on(&test).await;
    assert_eq!(
        of_another.call("GET", users, None).await.status,
        401,
        "another audience"
    );
    let program = Program::add(&test, "Inventory", "latchkey:users:read").await;
    assert_eq!(program.call("GET", users, None).await.status, 200);
    test.engine
        .delete_service(&Operator, "latchkey", &origin)
        .await
        .unwrap();
    assert_eq!(
        program.call("GET", users, None).await.status,
        401,
        "the API was switched off"
    );
}

#[tokio::test]
async fn r15_a_program_does_what_its_scopes_say_until_its_client_ends() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let reader = Program::add(&test, "Reader", "latchkey:users:read").await;
    assert_eq!(reader.call("GET", "/api/v1/users", None).await.status, 200);
    let new = Some(json!({"email": "eve@example.com"}));
    let refused = reader.call("POST", "/api/v1/users", new).await;
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("insufficient_scope") && challenge.contains("latchkey:users:invite")
    );

    // Nobody gives a client, or a role, what they do not have.
    let registrar = "latchkey:clients:write latchkey:clients:read latchkey:roles:write";
    let registrar = Program::add(&test, "Registrar", registrar).await;
    let stronger =
        json!({"name": "Mine", "audiences": ["latchkey"], "scopes": ["latchkey:users:write"]});
    let refused = registrar
        .call("POST", "/api/v1/clients", Some(stronger))
        .await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    let clients = registrar.call("GET", "/api/v1/clients", None).await.json();
    let mut listed = clients["items"].as_array().unwrap().iter();
    let found = listed.find(|client| client["name"] == "Reader").unwrap();
    let reader_id = found["client_id"].as_str().unwrap().to_owned();
    let secrets = format!("/api/v1/clients/{reader_id}/secrets");
    let taken_over = registrar.call("POST", &secrets, Some(json!({}))).await;
    assert_eq!(taken_over.status, 403, "{}", taken_over.body);
    let role = json!({"name": "mine", "permissions": ["users:write"]});
    assert_eq!(
        registrar
            .call("POST", "/api/v1/roles", Some(role))
            .await
            .status,
        403
    );

    let path = format!("/api/v1/clients/{reader_id}");
    assert_eq!(registrar.call("DELETE", &path, None).await.status, 204);
    assert_eq!(reader.call("GET", "/api/v1/users", None).await.status, 401);
}

#[tokio::test]
async fn a_program_acts_for_its_user_within_their_role_and_for_ten_minutes_after_their_passkey() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let scopes = "latchkey:users:read latchkey:users:write";
    let client = terminal(&test, scopes).await;
    let hal = test.user("hal@example.com", Role::Helper).await;
    test.grant(&hal, "latchkey", Scopes::NONE).await;
    let mut browser = test.with_passkey(&hal).await;
    let issued = approve(&test, &mut browser, client).await;
    let token = issued["access_token"].as_str().unwrap().to_owned();
    let refresh = issued["refresh_token"].as_str().unwrap().to_owned();
    let program = Program { test: &test, token };

    let users = program.call("GET", "/api/v1/users", None).await;
    assert_eq!(users.status, 200, "{}", users.body);
    let id = users.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let disable = Some(json!({"status": "disabled"}));
    let refused = program
        .call("PUT", &format!("/api/v1/users/{id}/status"), disable)
        .await;
    assert_eq!(
        refused.status, 403,
        "a helper disables nobody, whatever the scopes are"
    );

    test.wait(Duration::minutes(11));
    let body = format!("grant_type=refresh_token&client_id={client}&refresh_token={refresh}");
    let issued = form(&test, "/oauth/token", None, &body).await.json();
    let token = issued["access_token"].as_str().unwrap().to_owned();
    let later = Program { test: &test, token };
    let refused = later.call("GET", "/api/v1/users", None).await;
    assert_eq!(refused.status, 401);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("insufficient_user_authentication"),
        "{challenge}"
    );
    assert!(challenge.contains("max_age=\"600\""), "{challenge}");
}

#[tokio::test]
async fn a_user_grants_a_program_no_more_than_their_role_has() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let client = terminal(&test, "latchkey:users:read latchkey:users:write").await;
    let hal = test.user("hal@example.com", Role::Helper).await;
    test.grant(&hal, "latchkey", Scopes::NONE).await;
    let mut browser = test.with_passkey(&hal).await;
    let client_id = format!("client_id={client}");
    let begun = form(&test, "/oauth/device", None, &client_id).await.json();
    let page = format!("/activate?code={}", begun["user_code"].as_str().unwrap());
    let page = browser.get(&page).await.body;
    let (granted, left_out) = page.split_once("Not included").unwrap();
    assert!(granted.contains("latchkey:users:read") && !granted.contains("users:write"));
    assert!(left_out.contains("latchkey:users:write") && !left_out.contains("users:read"));
    let issued = approve(&test, &mut browser, client).await;
    assert_eq!(issued["scope"], "latchkey:users:read");

    let begun = format!("{client_id}&scope=latchkey:users:write");
    let begun = form(&test, "/oauth/device", None, &begun).await.json();
    let code = begun["user_code"].as_str().unwrap();
    let refused = browser
        .post("/actions/authorization/approve", &[("code", code)])
        .await;
    let page = browser.get(refused.location()).await.body;
    assert!(
        page.contains("nothing of what the program asks for"),
        "{page}"
    );
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&{client_id}&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    let pending = form(&test, "/oauth/token", None, &body).await.json();
    assert_eq!(pending["error"], "authorization_pending");
}
