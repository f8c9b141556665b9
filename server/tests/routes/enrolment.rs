//! Setup and enrolment: links that work once.

mod setup;

use crate::harness::{Browser, TestApp, TestUser};
use latchkey_app::enrolment_url::enrolment_url;
use latchkey_domain::{access::permission::Operator, identity::user::Role, pagination::ListQuery};
use latchkey_engine::{EnrolmentCode, RequestOrigin};
use time::Duration;
use totp_rs::Totp;

const ENROLMENT: &str = "__Host-latchkey-enrolment";

/// The path of the page that accepts a code.
fn path(code: &EnrolmentCode) -> String {
    enrolment_url("", code).expose_secret().to_owned()
}

fn code_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// What the page shows as a QR code in this browser.
async fn app_of(test: &TestApp, browser: &Browser<'_>, path: &str) -> Totp {
    let handles = kept(browser);
    let pending = match path.starts_with("/setup/") {
        true => test
            .engine
            .pending_setup(code_of(path), &handles)
            .await
            .unwrap(),
        false => test
            .engine
            .begin_enrolment(code_of(path), &handles)
            .await
            .unwrap(),
    };
    let pending = pending.unwrap_or_else(|| panic!("no enrolment under way on {path}"));
    assert!(!pending.is_new, "the browser's own ceremony goes on");
    Totp::from_url_unchecked(pending.otpauth_uri.expose_secret()).unwrap()
}

fn shown(app: &Totp, test: &TestApp) -> String {
    app.generate(test.now().unix_timestamp().cast_unsigned())
        .to_string()
}

/// The enrolments under way in this browser, the latest first.
fn kept(browser: &Browser<'_>) -> Vec<String> {
    let kept = browser.cookies.get(ENROLMENT).map_or("", String::as_str);
    kept.split('.').map(str::to_owned).collect()
}

/// What a page sends along with the code.
fn ceremony_of(page: &str) -> String {
    let (_, rest) = page.split_once(r#"name="ceremony" value=""#).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The code on the page that was opened last.
async fn confirm(browser: &mut Browser<'_>, code: &str) -> (u16, String) {
    let ceremony = kept(browser).remove(0);
    confirm_on(browser, &ceremony, code).await
}

async fn confirm_on(browser: &mut Browser<'_>, ceremony: &str, code: &str) -> (u16, String) {
    let fields = [
        ("code", code),
        ("device_name", "Laptop"),
        ("ceremony", ceremony),
    ];
    let response = browser.post("/actions/enrol/confirm", &fields).await;
    (response.status.as_u16(), response.location().to_owned())
}

#[tokio::test]
async fn an_invited_user_enrols_and_is_signed_in() {
    let test = TestApp::open().await;
    let path = path(&test.invite("ada@example.com", "").await);
    let mut phone = test.anon();
    let page = phone.get(&path).await;
    assert_eq!(page.status, 200);
    let cookie = page.set_cookie(ENROLMENT).unwrap();
    assert!(
        // Lax: the link is opened from a mail.
        cookie.contains("; SameSite=Lax")
            && cookie.contains("; HttpOnly")
            && cookie.contains("; Secure")
            // As long as the link lives: installing an app takes longer than five minutes.
            && cookie.contains("; Max-Age=86700"),
        "{cookie}"
    );
    let app = app_of(&test, &phone, &path).await;
    assert_eq!(
        confirm(&mut phone, &shown(&app, &test)).await,
        (303, "/enrol/passkey".to_owned())
    );
    assert!(
        !phone.cookies.contains_key(ENROLMENT),
        "the ceremony is over"
    );
    assert_eq!(phone.get("/").await.status, 200);
    assert_eq!(phone.get("/enrol/passkey").await.status, 200);
}

#[tokio::test]
async fn r5_must_survive_25_an_invitation_link_is_single_use_and_expires() {
    let test = TestApp::open().await;
    let link = test.invite("ada@example.com", "").await;
    let used = path(&link);
    let mut phone = test.anon();
    phone.get(&used).await;
    let app = app_of(&test, &phone, &used).await;
    assert_eq!(confirm(&mut phone, &shown(&app, &test)).await.0, 303);
    let mut second = test.anon();
    let page = second.get(&used).await;
    assert!(
        !second.cookies.contains_key(ENROLMENT),
        "a used link begins nothing: {}",
        page.status
    );

    let late = path(&test.invite("bob@example.com", "").await);
    let mut slow = test.anon();
    test.wait(Duration::hours(24) - Duration::minutes(1));
    assert_eq!(slow.get(&late).await.status, 200);
    let app = app_of(&test, &slow, &late).await;
    test.wait(Duration::minutes(2));
    let (_, next) = confirm(&mut slow, &shown(&app, &test)).await;
    assert_ne!(next, "/enrol/passkey", "the link ran out while it was open");
    assert!(slow.device_cookie().is_none());
    test.anon().get(&late).await;

    let old = path(&test.invite("eve@example.com", "").await);
    let eve = test
        .engine
        .user_by_email(&Operator, "eve@example.com")
        .await
        .unwrap();
    test.engine
        .invite_user(&Operator, eve.id, true, &RequestOrigin::default())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let mut third = test.anon();
    third.get(&old).await;
    assert!(
        !third.cookies.contains_key(ENROLMENT),
        "a newer link makes the older one void"
    );
}

#[tokio::test]
async fn must_survive_25_one_of_racing_confirmations_wins() {
    let test = TestApp::open().await;
    let path = path(&test.invite("ada@example.com", "").await);
    let mut requests = Vec::new();
    for _ in 0..8 {
        let mut browser = test.anon();
        browser.get(&path).await;
        let app = app_of(&test, &browser, &path).await;
        // Each browser sends its own right code twice.
        for _ in 0..2 {
            let fields = [
                ("code", shown(&app, &test)),
                ("ceremony", kept(&browser).remove(0)),
            ];
            let fields = fields
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            requests.push(browser.form("/actions/enrol/confirm", &fields));
        }
    }
    let mut running = tokio::task::JoinSet::new();
    for request in requests {
        let router = test.public.clone();
        running.spawn(async move {
            let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
            response
                .headers()
                .get("location")
                .is_some_and(|next| next == "/enrol/passkey")
        });
    }
    let winners = running
        .join_all()
        .await
        .into_iter()
        .filter(|won| *won)
        .count();
    assert_eq!(winners, 1);
    let ada = test
        .engine
        .user_by_email(&Operator, "ada@example.com")
        .await
        .unwrap();
    assert_eq!(test.devices_of(ada.id).await.len(), 1);
}

#[tokio::test]
async fn r11_an_enrolment_cannot_be_finished_with_another_handle() {
    let test = TestApp::open().await;
    let ada: TestUser = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    // A passkey ceremony is under way; its name finishes no enrolment.
    let begun = laptop.fetch("/actions/passkey/begin-login", "{}").await;
    let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
    let handle = begun["handle"].as_str().unwrap();
    let (_, next) = confirm_on(&mut laptop, handle, "000000").await;
    assert_ne!(next, "/enrol/passkey");
    assert!(
        !laptop.cookies.contains_key(ENROLMENT),
        "nor is it kept as one"
    );
}

#[tokio::test]
async fn field_2_each_tab_enrols_with_its_own_secret() {
    let test = TestApp::open().await;
    let path = path(&test.invite("ada@example.com", "").await);
    // Two tabs that the browser opens at once: neither knows of the other's answer.
    let mut phone = test.anon();
    let mut other_tab = phone.clone();
    let first = ceremony_of(&phone.get(&path).await.body);
    let app = app_of(&test, &phone, &path).await;
    let second = ceremony_of(&other_tab.get(&path).await.body);
    assert_ne!(first, second);
    // The other tab's answer came last.
    phone.cookies = other_tab.cookies.clone();
    let (_, refused) = confirm_on(&mut phone, &first, "000000").await;
    assert_ne!(refused, "/enrol/passkey");
    assert_eq!(
        ceremony_of(&phone.get(&path).await.body),
        first,
        "the page after a wrong code is of the same app"
    );
    test.wait(Duration::hours(1));
    let (_, next) = confirm_on(&mut phone, &first, &shown(&app, &test)).await;
    assert_eq!(next, "/enrol/passkey");
}

#[tokio::test]
async fn field_2_a_browser_keeps_the_last_four_enrolments() {
    let test = TestApp::open().await;
    let mut phone = test.anon();
    let mut paths = Vec::new();
    for name in ["ada", "bob", "cleo", "dan", "eve"] {
        let path = path(&test.invite(&format!("{name}@example.com"), "").await);
        phone.get(&path).await;
        paths.push(path);
    }
    assert_eq!(kept(&phone).len(), 4);
    let before = kept(&phone);
    for path in &paths[1..] {
        phone.get(path).await;
    }
    assert_eq!(kept(&phone), before, "a reload begins nothing");
}
