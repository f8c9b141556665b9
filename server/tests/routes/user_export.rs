//! `/security/export`: what is stored about the user who asks.

use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;
use time::Duration;

#[tokio::test]
async fn audit_52_a_user_downloads_what_is_stored_about_them_after_a_passkey() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let eve = test.user("eve@example.com", Role::Member).await;
    test.signed_in(&eve).await;
    let mut browser = test.with_passkey(&ada).await;
    let page = browser.get("/security").await;
    assert!(
        page.body.contains("href=\"/security/export\""),
        "{}",
        page.body
    );
    let copy = browser.get("/security/export").await;
    assert_eq!(copy.status, 200);
    assert_eq!(copy.header("content-type"), Some("application/json"));
    assert_eq!(copy.header("cache-control"), Some("no-store"));
    assert_eq!(
        copy.header("content-disposition"),
        Some("attachment; filename=\"latchkey-user.json\"")
    );
    let data: serde_json::Value = serde_json::from_str(&copy.body).unwrap();
    assert_eq!(data["user"]["email"], "ada@example.com");
    let last = data["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["action"], "user.exported");
    assert!(!copy.body.contains("eve@"), "{}", copy.body);
    test.clock.advance(Duration::minutes(11));
    let later = browser.get("/security/export").await;
    assert_eq!(later.status, 303, "the passkey was used too long ago");
    assert_eq!(
        later.header("location"),
        Some("/login?return_to=%2Fsecurity")
    );
    assert_eq!(test.anon().get("/security/export").await.status, 303);
}
