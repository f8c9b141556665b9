//! `/api/v1/…`, as programs call it.

use crate::harness::{TestApp, TestResponse};
use axum::{
    body::Body,
    http::{Request, header},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use latchkey::web::admission::{Quota, Quotas};
use latchkey_domain::{
    access::{access_grant::Scopes, permission::Operator},
    identity::user::Role,
    tokens::client::ClientKind,
};
use latchkey_engine::{NewClient, NewService, RequestOrigin};
use serde_json::{Value, json};
use time::Duration;

/// A program with a token.
struct Program<'a> {
    test: &'a TestApp,
    token: String,
}

async fn form(test: &TestApp, path: &str, basic: Option<&str>, body: &str) -> TestResponse {
    let mut request = Request::post(path)
        .header(header::HOST, test.host())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(pair) = basic {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
        request = request.header(header::AUTHORIZATION, basic);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    test.anon().send(request).await
}

async fn switch_on(test: &TestApp) {
    test.service("latchkey", NewService::default()).await;
}

impl<'a> Program<'a> {
    /// A client with these scopes, and a token for itself.
    async fn add(test: &'a TestApp, name: &str, scopes: &str) -> Self {
        let new = NewClient::new(name, ClientKind::Confidential, "latchkey", scopes);
        let added = test
            .engine
            .add_client(&Operator, new, &RequestOrigin::default())
            .await
            .unwrap();
        let (client, secret) = added.commit().await.unwrap();
        let pair = format!("{}:{}", client.id, secret.unwrap().expose_secret());
        let body = "grant_type=client_credentials";
        let issued = form(test, "/oauth/token", Some(&pair), body).await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        let token = issued.json()["access_token"].as_str().unwrap().to_owned();
        Self { test, token }
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> TestResponse {
        self.send(method, path, &[], body).await
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> TestResponse {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.test.host())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.test.anon().send(request.unwrap()).await
    }
}

const EVERYTHING: &str = "latchkey:overview:read latchkey:users:read latchkey:users:invite latchkey:users:write \
    latchkey:roles:read latchkey:roles:write latchkey:devices:read latchkey:devices:revoke latchkey:sessions:read \
    latchkey:sessions:revoke latchkey:services:read latchkey:services:write latchkey:grants:read latchkey:grants:write \
    latchkey:clients:read latchkey:clients:write latchkey:audit:read latchkey:keys:read latchkey:keys:write";

#[tokio::test]
async fn a_program_manages_users_from_adding_to_deleting() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Inventory", EVERYTHING).await;
    let added = program
        .call(
            "POST",
            "/api/v1/users",
            Some(json!({"email": "Grace@example.com"})),
        )
        .await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert_eq!(added.header("cache-control"), Some("no-store"));
    let body = added.json();
    assert_eq!(body["user"]["email"], "grace@example.com");
    assert_eq!(body["user"]["role"], "member");
    assert!(
        body["link"]["enrolment_url"]
            .as_str()
            .unwrap()
            .contains("/enrol/")
    );
    let path = added.location().to_owned();

    let shown = program.call("GET", &path, None).await;
    let tag = shown.header("etag").unwrap().to_owned();
    assert_eq!(
        (shown.status.as_u16(), &shown.json()["status"]),
        (200, &json!("invited"))
    );
    let known = program
        .send("GET", &path, &[("if-none-match", &tag)], None)
        .await;
    assert_eq!((known.status.as_u16(), known.body.as_str()), (304, ""));

    let status = format!("{path}/status");
    let disable = Some(json!({"status": "disabled"}));
    let expected = [("if-match", tag.as_str())];
    let disabled = program
        .send("PUT", &status, &expected, disable.clone())
        .await;
    assert_eq!(disabled.status, 204, "{}", disabled.body);
    let enable = Some(json!({"status": "active"}));
    let stale = program.send("PUT", &status, &expected, enable).await;
    assert_eq!(stale.status, 412, "it was changed since the tag was read");
    assert_eq!(stale.json()["error"], "precondition_failed");
    let deleted = program.send("DELETE", &path, &expected, None).await;
    assert_eq!(deleted.status, 412);
    let shown = program.call("GET", &path, None).await;
    assert_eq!(shown.json()["status"], "disabled");

    let role = Some(json!({"role": "auditor"}));
    assert_eq!(
        program
            .call("PUT", &format!("{path}/role"), role)
            .await
            .status,
        204
    );
    let sign_in = Some(json!({"passkey_only": true}));
    assert_eq!(
        program
            .call("PUT", &format!("{path}/sign-in"), sign_in)
            .await
            .status,
        204
    );
    let link = format!("{path}/enrolment-links");
    assert_eq!(
        program.call("POST", &link, None).await.status,
        409,
        "disabled"
    );
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    assert_eq!(program.call("GET", &path, None).await.status, 404);

    let log = program
        .call("GET", "/api/v1/audit-events?action=user&limit=200", None)
        .await;
    let log = log.json();
    let entries = log["items"].as_array().unwrap();
    let actions: Vec<_> = entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    let own = [
        "user.added",
        "user.disabled",
        "user.role_changed",
        "user.sign_in_changed",
        "user.deleted",
    ];
    assert_eq!(actions, own);
    assert!(
        entries
            .iter()
            .all(|entry| entry["actor_name"] == "Inventory")
    );
}

#[tokio::test]
async fn every_resource_is_listed_added_changed_and_removed() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    assert_eq!(browser.get("/").await.status, 200);

    let service = json!({"name": "photos", "hosts": ["photos.example.com"], "rules": "public /assets/*", "admins_enter": false});
    let added = program
        .call("POST", "/api/v1/services", Some(service))
        .await;
    assert_eq!(added.status, 201, "{}", added.body);
    assert!(added.json()["token"].as_str().unwrap().starts_with("lk_"));
    let change = json!({"passkey_max_age_seconds": 600});
    let changed = program.call("PATCH", added.location(), Some(change)).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let photos = program.call("GET", added.location(), None).await.json();
    assert_eq!(
        photos["hosts"],
        json!(["photos.example.com"]),
        "what is missing stays"
    );
    assert_eq!(
        (&photos["passkey_max_age_seconds"], &photos["admins_enter"]),
        (&json!(600), &json!(false))
    );
    let cleared = json!({"passkey_max_age_seconds": null});
    assert_eq!(
        program
            .call("PATCH", added.location(), Some(cleared))
            .await
            .status,
        204
    );
    let photos = program.call("GET", added.location(), None).await.json();
    assert_eq!(photos["passkey_max_age_seconds"], Value::Null);
    let tokens = "/api/v1/services/photos/tokens";
    let rotated = program
        .call("POST", tokens, Some(json!({"overlap_seconds": 60})))
        .await;
    assert_eq!(rotated.status, 201, "{}", rotated.body);

    let grant = json!({"email": "ada@example.com", "service": "photos", "scopes": ["read:email"]});
    let given = program.call("POST", "/api/v1/grants", Some(grant)).await;
    assert_eq!(given.status, 201, "{}", given.body);
    let grants = program
        .call("GET", "/api/v1/grants?service=photos", None)
        .await
        .json();
    assert_eq!(grants["items"][0]["email"], "ada@example.com");
    assert_eq!(
        program.call("DELETE", given.location(), None).await.status,
        204
    );
    assert_eq!(
        program.call("GET", given.location(), None).await.status,
        404
    );

    let client = json!({"name": "Backup", "audiences": ["photos"]});
    let made = program.call("POST", "/api/v1/clients", Some(client)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(
        made.json()["client_secret"]
            .as_str()
            .unwrap()
            .starts_with("lkc_")
    );
    let secrets = format!("{}/secrets", made.location());
    let secret = program.call("POST", &secrets, Some(json!({}))).await;
    assert_eq!(secret.status, 201, "{}", secret.body);
    assert_eq!(
        program.call("DELETE", made.location(), None).await.status,
        204
    );

    let role = json!({"name": "desk", "permissions": ["users:read"]});
    let defined = program.call("POST", "/api/v1/roles", Some(role)).await;
    assert_eq!(defined.status, 201, "{}", defined.body);
    let permissions = format!("{}/permissions", defined.location());
    let wider = json!({"permissions": ["users:read", "users:invite"]});
    assert_eq!(
        program.call("PUT", &permissions, Some(wider)).await.status,
        204
    );
    let roles = program.call("GET", "/api/v1/roles", None).await.json();
    assert_eq!(
        roles["items"][4]["permissions"],
        json!(["users:read", "users:invite"])
    );
    assert_eq!(
        program
            .call("DELETE", defined.location(), None)
            .await
            .status,
        204
    );

    let sessions = program.call("GET", "/api/v1/sessions", None).await.json();
    assert_eq!(sessions["items"][0]["email"], "ada@example.com");
    let device = sessions["items"][0]["device_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = format!("/api/v1/sessions/{device}");
    assert_eq!(program.call("DELETE", &session, None).await.status, 204);
    assert_eq!(program.call("DELETE", &session, None).await.status, 404);
    let gone = browser.get("/").await;
    assert_eq!(gone.status, 303, "the browser has to sign in again");

    let devices = program.call("GET", "/api/v1/devices", None).await.json();
    assert_eq!(devices["items"][0]["id"], device.as_str());
    let path = format!("/api/v1/devices/{device}");
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    let revoked = program.call("GET", &path, None).await.json();
    assert!(revoked["revoked_at"].is_string());
    let keys = program.call("GET", "/api/v1/keys", None).await;
    assert!(
        keys.json()["items"].as_array().unwrap().len() > 2,
        "{}",
        keys.body
    );
    assert_eq!(
        program.call("DELETE", added.location(), None).await.status,
        204
    );
}

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
    let new = NewClient::new("Terminal", ClientKind::Public, "latchkey", scopes);
    let origin = RequestOrigin::default();
    let added = test
        .engine
        .add_client(&Operator, new, &origin)
        .await
        .unwrap();
    let client = added.commit().await.unwrap().0.id;
    let hal = test.user("hal@example.com", Role::Helper).await;
    test.grant(&hal, "latchkey", Scopes::NONE).await;
    let mut browser = test.with_passkey(&hal).await;
    let begun = form(&test, "/oauth/device", None, &format!("client_id={client}"))
        .await
        .json();
    let code = begun["user_code"].as_str().unwrap();
    let approved = browser
        .post("/actions/authorization/approve", &[("code", code)])
        .await;
    assert_eq!(approved.status, 303, "{}", approved.body);
    let body = format!(
        "grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id={client}&device_code={}",
        begun["device_code"].as_str().unwrap()
    );
    let issued = form(&test, "/oauth/token", None, &body).await.json();
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
async fn a_list_is_walked_by_cursors_and_shows_each_row_once() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Walker", "latchkey:users:read latchkey:users:invite").await;
    for index in 0..5 {
        test.wait(Duration::SECOND);
        let new = json!({"email": format!("user{index}@example.com")});
        assert_eq!(
            program
                .call("POST", "/api/v1/users", Some(new))
                .await
                .status,
            201
        );
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = program
            .call("GET", &format!("/api/v1/users?limit=2{cursor}"), None)
            .await;
        let part = part.json();
        let emails = part["items"].as_array().unwrap().iter();
        seen.extend(emails.map(|user| user["email"].as_str().unwrap().to_owned()));
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<_> = (0..5)
        .map(|index| format!("user{index}@example.com"))
        .collect();
    assert_eq!(seen, all);
    let found = program
        .call("GET", "/api/v1/users?email=user3@example.com", None)
        .await;
    assert_eq!(found.json()["items"].as_array().unwrap().len(), 1);
    for query in ["limit=0", "limit=201", "limit=x", "cursor=x", "email=x"] {
        let refused = program
            .call("GET", &format!("/api/v1/users?{query}"), None)
            .await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]),
            (400, &json!("bad_input")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_request_with_an_idempotency_key_is_made_once_and_answered_the_same() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let scopes = "latchkey:users:invite latchkey:users:read";
    let program = Program::add(&test, "Retrier", scopes).await;
    let key = [("idempotency-key", "a-key")];
    let add = |email: &str| Some(json!({"email": email}));
    let users = "/api/v1/users";
    // At once: one is made, and the others are told so.
    let first = program.send("POST", users, &key, add("grace@example.com"));
    let second = program.send("POST", users, &key, add("grace@example.com"));
    let (first, second) = tokio::join!(first, second);
    let made = [&first, &second]
        .into_iter()
        .filter(|response| response.status == 201);
    assert!(made.count() >= 1, "{} {}", first.body, second.body);
    let again = program
        .send("POST", users, &key, add("grace@example.com"))
        .await;
    let made = if first.status == 201 { first } else { second };
    assert_eq!(
        (again.status, &again.body),
        (made.status, &made.body),
        "with the same link"
    );
    assert_eq!(again.location(), made.location());
    let another = program
        .send("POST", users, &key, add("eve@example.com"))
        .await;
    assert_eq!(another.status, 409, "{}", another.body);
    assert_eq!(
        program.call("GET", users, None).await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // A request that made nothing does not use its key up.
    let failed = [("idempotency-key", "another-key")];
    assert_eq!(
        program
            .send("POST", users, &failed, add("not an address"))
            .await
            .status,
        400
    );
    let made = program
        .send("POST", users, &failed, add("eve@example.com"))
        .await;
    assert_eq!(made.status, 201, "{}", made.body);

    // A key is its program's alone.
    let other = Program::add(&test, "Other", scopes).await;
    let refused = other
        .send("POST", users, &key, add("grace@example.com"))
        .await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["field"]),
        (409, &json!("email"))
    );
}

#[tokio::test]
async fn a_program_that_disconnects_at_any_time_gets_the_answer_when_it_asks_again() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Retrier", "latchkey:users:invite").await;
    for step in 0..1000 {
        let key = format!("key-{step}");
        let new = json!({"email": format!("user{step}@example.com")});
        let key = [("idempotency-key", key.as_str())];
        let sent = program.send("POST", "/api/v1/users", &key, Some(new.clone()));
        let patience = std::time::Duration::from_micros(step * 300);
        let is_answered = tokio::time::timeout(patience, sent).await.is_ok();
        let mut again = program
            .send("POST", "/api/v1/users", &key, Some(new.clone()))
            .await;
        for _ in 0..200 {
            if again.status == 201 {
                break;
            }
            assert_eq!(again.json()["error"], "conflict", "{}", again.body);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            again = program
                .send("POST", "/api/v1/users", &key, Some(new.clone()))
                .await;
        }
        assert_eq!(
            again.status, 201,
            "given up after {patience:?}: {}",
            again.body
        );
        if is_answered {
            return;
        }
    }
    panic!("no request was ever answered");
}

#[tokio::test]
async fn what_cannot_be_read_is_a_clear_error_and_changes_nothing() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Clumsy", EVERYTHING).await;
    let users = "/api/v1/users";
    let unknown = json!({"email": "a@example.com", "admin": true});
    let refused = program.call("POST", users, Some(unknown)).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["detail"].as_str().unwrap().contains("admin"),
        "{}",
        refused.body
    );
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    let text = Request::post(users)
        .header(header::HOST, test.host())
        .header(header::AUTHORIZATION, format!("Bearer {}", program.token))
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(test.anon().send(text).await.status, 415);
    assert_eq!(
        program.call("GET", "/api/v1/users/7", None).await.status,
        404
    );
    let wrong = program.call("PUT", users, Some(json!({}))).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.header("allow")),
        (405, Some("GET, HEAD, POST"))
    );
    let scopes =
        json!({"email": "a@example.com", "service": "latchkey", "scopes": ["read:everything"]});
    let refused = program.call("POST", "/api/v1/grants", Some(scopes)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["field"]),
        (400, &json!("scopes"))
    );
    assert_eq!(
        program.call("GET", users, None).await.json()["items"],
        json!([])
    );
}

#[tokio::test]
async fn a_program_that_asks_too_often_waits_and_others_do_not() {
    let quotas = Quotas {
        program: Quota {
            burst: 3,
            per_second: 1,
        },
        ..Quotas::default()
    };
    let test = TestApp::admitting(&[], quotas).await;
    switch_on(&test).await;
    let busy = Program::add(&test, "Busy", "latchkey:users:read").await;
    let calm = Program::add(&test, "Calm", "latchkey:users:read").await;
    for _ in 0..3 {
        assert_eq!(busy.call("GET", "/api/v1/users", None).await.status, 200);
    }
    let refused = busy.call("GET", "/api/v1/users", None).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.header("ratelimit-policy"),
        Some("\"program\";q=3;w=3")
    );
    assert_eq!(refused.header("ratelimit"), Some("\"program\";r=0;t=1"));
    assert_eq!(calm.call("GET", "/api/v1/users", None).await.status, 200);
    test.wait(Duration::SECOND);
    assert_eq!(busy.call("GET", "/api/v1/users", None).await.status, 200);
}

#[tokio::test]
async fn the_document_and_its_page_are_for_everybody() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let document = browser.get("/api/v1/openapi.json").await;
    assert_eq!(document.status, 200);
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/users"]["get"].is_object());
    let page = browser.get("/api").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/api/v1/users/{id}/role"));
}
