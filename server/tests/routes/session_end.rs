//! The end of a session: what copies of cookies are worth, and what the browser is told.

use crate::harness::{Browser, TestApp, TestResponse};
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use latchkey_engine::RequestOrigin;
use time::Duration;

const DEVICE: &str = "__Host-latchkey";

#[tokio::test]
async fn audit_47_a_copy_of_a_cookie_identifies_nobody_after_sign_out_and_after_the_next_sign_in() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let recognised = async |browser: &Browser<'_>| {
        let found = test.engine.authenticate(browser.device_cookie(), None);
        let found = found.await.unwrap();
        (found.current_user.is_some(), found.browser.is_some())
    };
    let before = laptop.clone();
    assert_eq!(recognised(&before).await, (true, true));
    laptop.post("/actions/session/sign-out", &[]).await;
    assert_eq!(recognised(&before).await, (false, false));
    assert_eq!(recognised(&laptop).await, (false, true));
    // Two tabs, and a copy that signs out again: the browser keeps what it has.
    let mut copy = before.clone();
    let again = copy.post("/actions/session/sign-out", &[]).await;
    assert!(again.location().starts_with("/login"));
    assert_eq!(again.set_cookie(DEVICE), None);
    let signed_out = laptop.clone();
    test.wait(Duration::minutes(1));
    laptop
        .register("ada@example.com", &ada.code(test.now()))
        .await;
    assert_eq!(recognised(&laptop).await, (true, true));
    for old in [&before, &signed_out] {
        assert_eq!(recognised(old).await, (false, false));
    }
    assert_eq!(test.devices_of(ada.id).await.len(), 1, "the same device");
}

#[tokio::test]
async fn audit_47_the_end_of_a_session_clears_what_the_browser_stored_but_no_cookies_of_services() {
    let clears = |response: &TestResponse| {
        let sent = response.header("clear-site-data");
        assert!(sent.is_none_or(|sent| sent == r#""cache", "storage""#));
        sent.is_some()
    };
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    assert!(!clears(&laptop.get("/").await));
    let copy = laptop.clone();
    assert!(clears(&laptop.post("/actions/session/sign-out", &[]).await));
    assert!(!clears(&laptop.get("/login").await), "once");
    assert!(!clears(&copy.clone().get("/").await), "a copy of a cookie");

    test.wait(Duration::minutes(1));
    laptop.register(&ada.email, &ada.code(test.now())).await;
    // Ended elsewhere: with the next request, and once.
    let device = test.devices_of(ada.id).await[0].id;
    test.engine
        .end_session(&Operator, device, &RequestOrigin::default())
        .await
        .unwrap();
    let in_time = laptop.clone();
    let response = laptop.get("/").await;
    assert!(clears(&response) && response.location().starts_with("/login"));
    assert!(laptop.session_cookie().is_none() && laptop.device_cookie().is_some());
    assert!(!clears(&laptop.get("/login").await), "once");
    // A sign-in begins a session: nothing is cleared.
    test.wait(Duration::minutes(1));
    let mut back = in_time.clone();
    let signed_in = back.register(&ada.email, &ada.code(test.now())).await;
    assert!(!clears(&signed_in) && back.session_cookie().is_some());
    // A request that was on its way meanwhile does not end it.
    let late = in_time.clone().get("/").await;
    assert_eq!(late.set_cookie("__Host-latchkey-session"), None);
}

#[tokio::test]
async fn audit_47_a_page_asks_when_its_session_ends_without_prolonging_it() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let state = async |browser: &mut Browser<'_>| {
        let response = browser.get("/session").await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("cache-control"), Some("no-store"));
        let state = response.json();
        (state["user"].clone(), state["ends_in"].as_i64().unwrap())
    };
    let id = serde_json::json!(ada.id.uuid());
    let hour = 3600;
    assert_eq!(state(&mut laptop).await, (id.clone(), hour));
    let seen = test.devices_of(ada.id).await[0].last_seen_at;
    test.wait(Duration::minutes(40));
    assert_eq!(state(&mut laptop).await, (id.clone(), hour - 2400));
    assert_eq!(test.devices_of(ada.id).await[0].last_seen_at, seen);
    // A page says when the session ends that it has just prolonged.
    let page = laptop.get("/devices").await;
    assert!(page.body.contains(r#"data-ends-in="3600""#));
    for _ in 0..3 {
        test.wait(Duration::minutes(20));
        state(&mut laptop).await;
    }
    assert_eq!(state(&mut laptop).await, (id.clone(), 0), "just in time");
    test.wait(Duration::seconds(1));
    assert_eq!(state(&mut laptop).await, (id, 0));
    assert!(laptop.session_cookie().is_none());
    // The pages of a device without a session are not timed.
    let page = laptop.get("/devices").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("data-ends-in"));
    assert_eq!(state(&mut test.anon()).await, (serde_json::Value::Null, 0));
}
