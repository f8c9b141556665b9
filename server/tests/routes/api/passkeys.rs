//! Passkeys of users.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;
use serde_json::Value;

#[tokio::test]
async fn passkeys_are_listed_and_removed() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.with_passkey(&ada).await;
    assert_eq!(browser.get("/").await.status, 200);
    let path = format!("/api/v1/users/{}/passkeys", ada.id);
    let passkeys = program.call("GET", &path, None).await.json();
    let passkeys = passkeys["items"].as_array().unwrap().clone();
    assert_eq!(passkeys.len(), 1);
    // The software authenticator names no model.
    let model = (&passkeys[0]["aaguid"], &passkeys[0]["authenticator"]);
    assert_eq!(model, (&Value::Null, &Value::Null));
    let nobody = "/api/v1/users/0190aaaa-0000-7000-8000-000000000000/passkeys";
    assert_eq!(program.call("GET", nobody, None).await.status, 404);

    let reader = Program::add(&test, "Reader", "latchkey:users:read").await;
    let passkey = format!("/api/v1/passkeys/{}", passkeys[0]["id"].as_str().unwrap());
    assert_eq!(reader.call("DELETE", &passkey, None).await.status, 403);
    assert_eq!(program.call("DELETE", &passkey, None).await.status, 204);
    assert_eq!(program.call("DELETE", &passkey, None).await.status, 404);
    let left = program.call("GET", &path, None).await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 0);
    assert_eq!(browser.get("/").await.status, 303, "the user signs in anew");
}
