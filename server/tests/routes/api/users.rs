//! Users.

use super::{EVERYTHING, Program, approve, switch_on, terminal};
use crate::harness::TestApp;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use serde_json::json;

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
    assert_eq!(
        (shown.status.as_u16(), &shown.json()["status"]),
        (200, &json!("invited"))
    );
    let link = format!("{path}/enrolment-links");
    let has_link = async || {
        let shown = program.call("GET", &path, None).await.json();
        shown["enrolment_link_expires_at"].is_string()
    };
    assert!(has_link().await);
    assert_eq!(program.call("DELETE", &link, None).await.status, 204);
    assert!(!has_link().await);
    let made = program.call("POST", &link, Some(json!({}))).await;
    assert!(made.json()["enrolment_url"].is_string(), "{}", made.body);
    assert!(has_link().await);
    let by_mail = Some(json!({"delivery": "mail"}));
    let refused = program.call("POST", &link, by_mail).await;
    assert_eq!(refused.status, 409, "no mail server: {}", refused.body);

    let copy = program.call("GET", &format!("{path}/export"), None).await;
    assert_eq!(copy.status, 200);
    assert_eq!(copy.json()["user"]["email"], "grace@example.com");

    let disable = Some(json!({"status": "disabled"}));
    let status = format!("{path}/status");
    assert_eq!(program.call("PUT", &status, disable).await.status, 204);

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
        "user.link_revoked",
        "user.invited",
        "user.exported",
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
async fn audit_46_a_program_without_a_user_vouches_for_nobody() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let link = format!("/api/v1/users/{}/enrolment-links", ada.id);
    let program = Program::add(&test, "Inventory", EVERYTHING).await;
    let vouched = program
        .call("POST", &link, Some(json!({"vouch": true})))
        .await;
    assert_eq!(vouched.status, 403, "{}", vouched.body);
    let made = program.call("POST", &link, Some(json!({}))).await;
    assert_eq!(made.status, 201, "it only recovers: {}", made.body);

    // A user of the same role may, and their passkey is fresh.
    let root = test.user("root@example.com", Role::Admin).await;
    test.grant(&root, "latchkey", Scopes::NONE).await;
    let mut browser = test.with_passkey(&root).await;
    let client = terminal(&test, EVERYTHING).await;
    let issued = approve(&test, &mut browser, client).await;
    let token = issued["access_token"].as_str().unwrap().to_owned();
    let program = Program { test: &test, token };
    let vouched = program
        .call("POST", &link, Some(json!({"vouch": true})))
        .await;
    assert_eq!(vouched.status, 201, "{}", vouched.body);
}

#[tokio::test]
async fn audit_56_a_program_erases_a_user_and_reads_what_is_left() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Inventory", EVERYTHING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.signed_in(&ada).await;
    let path = format!("/api/v1/users/{}", ada.id);
    let erasures = format!("{path}/erasures");
    let erased = program.call("POST", &erasures, None).await;
    assert_eq!(erased.status, 200, "{}", erased.body);
    let erased = erased.json();
    assert_eq!(
        (&erased["email"], &erased["user_id"]),
        (&json!("ada@example.com"), &json!(ada.id.to_string()))
    );
    assert!(erased["events_left"].as_u64().unwrap() > 1);
    assert_eq!(program.call("GET", &path, None).await.status, 404);
    assert_eq!(program.call("POST", &erasures, None).await.status, 404);
    let reader = Program::add(&test, "Reader", "latchkey:users:read").await;
    let eve = test.user("eve@example.com", Role::Member).await;
    let erasures = format!("/api/v1/users/{}/erasures", eve.id);
    assert_eq!(reader.call("POST", &erasures, None).await.status, 403);
}
