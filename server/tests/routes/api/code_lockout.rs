//! Wrong codes for a user.

use super::{EVERYTHING, Program, switch_on};
use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;

#[tokio::test]
async fn wrong_codes_are_counted_until_an_administrator_lets_codes_in_again() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let program = Program::add(&test, "Everything", EVERYTHING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let path = format!("/api/v1/users/{}/code-lockout", ada.id);
    let none = program.call("GET", &path, None).await.json();
    assert_eq!(none["wrong_codes"], 0);
    let mut browser = test.anon();
    for _ in 0..2 {
        browser.register("ada@example.com", "000000").await;
    }
    let some = program.call("GET", &path, None).await.json();
    assert_eq!(some["wrong_codes"], 2);
    assert!(some["last_at"].is_string());
    assert_eq!(program.call("DELETE", &path, None).await.status, 204);
    let none = program.call("GET", &path, None).await.json();
    assert_eq!(none["wrong_codes"], 0);
    let nothing_to_lift = program.call("DELETE", &path, None).await;
    assert_eq!(nothing_to_lift.status, 204);
}
