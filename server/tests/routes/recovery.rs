//! Recovery over HTTP: what a device in recovery reaches, how codes are shown, and what a refusal tells.

use crate::harness::{Browser, TestApp, ceremony_body};
use axum::http::Method;
use latchkey::web::public;
use latchkey_app::routes::{Access, is_open_in_recovery};
use latchkey_domain::identity::user::Role;
use time::Duration;

const SESSION: &str = "__Host-latchkey-session";
const USE: &str = "/actions/recovery/use";
const CANCEL: &str = "/actions/recovery/cancel";

/// Makes recovery codes, and reads them from the page that shows them.
pub(crate) async fn codes(browser: &mut Browser<'_>) -> Vec<String> {
    let made = browser.post("/actions/recovery/make-codes", &[]).await;
    assert_eq!((made.status.as_u16(), made.location()), (303, "/security"));
    let page = browser.get("/security").await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let codes: Vec<String> = page
        .body
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .filter(|word| word.len() == 26 && word.matches('-').count() == 3)
        .map(str::to_owned)
        .collect();
    assert_eq!(codes.len(), 10, "{}", page.body);
    assert!(
        page.body
            .contains("download=\"latchkey-recovery-codes.txt\"")
    );
    let again = browser.get("/security").await;
    assert!(codes.iter().all(|code| !again.body.contains(code)));
    codes
}

async fn recovering<'a>(test: &'a TestApp, code: &str) -> Browser<'a> {
    let mut browser = test.anon();
    let used = browser.post(USE, &[("code", code)]).await;
    assert_eq!(used.status, 303, "{}", used.body);
    assert!(browser.device_cookie().is_some());
    browser
}

#[tokio::test]
async fn must_survive_26_a_device_in_recovery_reaches_only_what_is_listed() {
    let test = TestApp::open().await;
    let user = test.user("ada@example.com", Role::Admin).await;
    let mut laptop = test.with_passkey(&user).await;
    let codes = codes(&mut laptop).await;
    let phone = recovering(&test, &codes[0]).await;
    let mut closed = 0;
    for route in public::routes() {
        if !["pages", "actions"].contains(&route.router) {
            continue;
        }
        let access = route.policy.checks().unwrap().access;
        let path = route
            .path
            .replace("{id}", "0190c2f0-7d5a-7000-8000-000000000000")
            .replace("{name}", "photos");
        if access == Access::Public || is_open_in_recovery(&path) {
            continue;
        }
        closed += 1;
        if route.method == Method::GET {
            let page = phone.clone().get(&path).await;
            assert_eq!(
                (page.status.as_u16(), page.location()),
                (303, "/devices"),
                "{path}"
            );
            continue;
        }
        let fetched = phone.clone().fetch(&path, &ceremony_body("")).await;
        assert_eq!(fetched.status, 403, "{path}");
        assert_eq!(fetched.denial().as_deref(), Some("recovery"), "{path}");
        // These are fetched by islands, and have no form.
        if ["/actions/approval/begin", "/actions/approval/finish"].contains(&&*path) {
            continue;
        }
        let form = phone.clone().post(&path, &[]).await;
        assert_eq!(
            (form.status.as_u16(), form.location()),
            (303, "/devices"),
            "{path}"
        );
    }
    assert!(closed > 50, "{closed}");
    for path in ["/devices", "/security"] {
        let page = phone.clone().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("This device is in recovery."), "{path}");
        assert!(!page.body.contains("/actions/passkey/remove"), "{path}");
    }
    let begun = "/actions/passkey/begin-registration";
    let begun = phone.clone().fetch(begun, "{}").await;
    assert_eq!(begun.denial().as_deref(), Some("recovery"));
}

#[tokio::test]
async fn must_survive_6_a_refused_recovery_code_tells_nothing() {
    let test = TestApp::open().await;
    let user = test.user("ada@example.com", Role::Member).await;
    let codes = codes(&mut test.signed_in(&user).await).await;
    recovering(&test, &codes[0]).await;
    let refused = async |code: &str| {
        let mut browser = test.anon();
        let response = browser.post(USE, &[("code", code)]).await;
        assert_eq!(response.location(), "/recover");
        assert!(browser.device_cookie().is_none());
        let page = browser.get("/recover").await;
        let message = "That recovery code is not valid.";
        assert!(page.body.contains(message), "{}", page.body);
        // What was typed is not shown again.
        assert!(code.is_empty() || !page.body.contains(code));
        response.status
    };
    let unknown = refused("00169h-s9hfq5-1crnez-d3s7q").await;
    for wrong in [codes[0].as_str(), "", "123456"] {
        assert_eq!(refused(wrong).await, unknown, "{wrong}");
    }
    test.disable(&user).await;
    assert_eq!(refused(&codes[1]).await, unknown);
}

#[tokio::test]
async fn r9_a_recovery_begins_a_new_session_and_returns_nowhere_else() {
    let test = TestApp::open().await;
    let user = test.user("ada@example.com", Role::Member).await;
    let codes = codes(&mut test.signed_in(&user).await).await;
    let mut browser = test.anon();
    browser.set(SESSION, "planted");
    browser
        .post(USE, &[("code", &codes[0].to_uppercase())])
        .await;
    assert_ne!(browser.session_cookie(), Some("planted"));
    assert_eq!(browser.get("/devices").await.status, 200);
}

#[tokio::test]
async fn audit_46_any_device_without_a_limit_cancels_without_signing_in_again() {
    let test = TestApp::open().await;
    let user = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.with_passkey(&user).await;
    let codes = codes(&mut laptop).await;
    let mut thief = recovering(&test, &codes[0]).await;
    for page in ["/", "/devices"] {
        let page = laptop.get(page).await;
        assert!(page.body.contains(CANCEL), "{}", page.body);
    }
    test.wait(Duration::hours(23));
    // The recovery cannot cancel another one, nor a device that a code registered.
    let by_itself = thief.clone().post(CANCEL, &[]).await;
    assert_eq!(by_itself.location(), "/devices");
    assert_eq!(thief.get("/devices").await.status, 200);
    let cancelled = laptop.post(CANCEL, &[]).await;
    assert_eq!(cancelled.status, 303);
    let page = laptop.get(cancelled.location()).await;
    assert!(
        page.body.contains("The recovery was cancelled."),
        "{}",
        page.body
    );
    let page = thief.get("/devices").await;
    assert!(page.location().starts_with("/login"), "{}", page.location());
}

#[tokio::test]
async fn audit_46_an_unvouched_link_asks_before_it_recovers() {
    let test = TestApp::open().await;
    let user = test.user("ada@example.com", Role::Member).await;
    test.signed_in(&user).await;
    let link = test.link(&user, false).await;
    let mut browser = test.anon();
    let page = browser.get(&format!("/enrol/{link}")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("Recover access on this device"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("otpauth://"), "{}", page.body);
    recovering(&test, &link).await;
    let used = browser.post(USE, &[("code", &link)]).await;
    assert_eq!(used.status, 303);
    assert!(browser.device_cookie().is_none());
}
