//! Forms that are sent when the session has ended: nothing happens, and nothing that was typed is lost.

use crate::harness::{Browser, TestApp};
use axum::{body::Body, http::Method};
use latchkey_app::routes::{ACTIONS, Access, Action};
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use latchkey_engine::RequestOrigin;
use time::Duration;

const FLASH: &str = "__Host-latchkey-flash";

/// 40 kilobytes with what a form escapes.
fn long_text() -> String {
    "Grüße an /alle & niemanden +1 ".repeat(1250)
}

async fn rename(browser: &mut Browser<'_>, id: &str, name: &str) -> String {
    let fields = [("id", id), ("name", name)];
    let response = browser.post("/actions/device/rename", &fields).await;
    assert_eq!(response.status, 303);
    response.location().to_owned()
}

#[tokio::test]
async fn field_8_every_form_keeps_its_input_across_a_login() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let laptop = test.with_passkey(&root).await;
    test.wait(Duration::hours(25));
    for Action { path, .. } in ACTIONS
        .iter()
        .filter(|action| action.access != Access::Public && !action.path.ends_with("-registration"))
        // These ask for no sign-in: the last two are for devices in recovery, whose users have nothing to sign in with.
        .filter(|action| {
            ![
                "/actions/session/sign-out",
                "/actions/recovery/cancel",
                "/actions/recovery/send-mail",
                "/actions/recovery/confirm",
            ]
            .contains(&action.path)
        })
        // What islands fetch is no form.
        .filter(|action| !["/actions/approval/begin", "/actions/approval/finish"].contains(&action.path))
    {
        let mut laptop = laptop.clone();
        let response = laptop.post(path, &[("name", "x"), ("email", "x")]).await;
        assert!(
            response.location().starts_with("/login?return_to="),
            "{path}"
        );
        let kept = response.set_cookie(FLASH).unwrap();
        // As long as looking for the device with the passkey may take.
        assert!(kept.contains("; Max-Age=3600"), "{path}: {kept}");
    }
}

#[tokio::test]
async fn field_8_forty_kilobytes_of_input_survive_a_login() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id.to_string();
    test.wait(Duration::hours(25));
    let text = long_text();
    let next = rename(&mut laptop, &device, &text).await;
    assert!(next.starts_with("/login?return_to="), "{next}");
    assert!(laptop.cookies[FLASH].len() < 4096);
    let page = laptop.get(&next).await;
    assert!(
        page.body.contains("Your entries were kept"),
        "{}",
        page.body
    );
    // Meanwhile they look for their phone.
    test.wait(Duration::minutes(30));
    laptop
        .register("ada@example.com", &ada.code(test.now()))
        .await;
    let page = laptop.get("/devices").await;
    assert!(page.body.contains(&text.replace('&', "&amp;")));
    assert!(page.body.contains("Nothing was changed yet."));
    // Sent again and refused for another reason, it still comes back.
    let next = rename(&mut laptop, &device, &text).await;
    assert_eq!(next, "/devices");
    let page = laptop.get("/devices").await;
    assert!(page.body.contains(&text.replace('&', "&amp;")));
    // Said once.
    let page = laptop.get("/devices").await;
    assert!(!page.body.contains("Grüße an"));
}

#[tokio::test]
async fn field_8_opening_the_login_page_does_not_write_the_form_again() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id.to_string();
    test.wait(Duration::hours(25));
    let next = rename(&mut laptop, &device, &long_text()).await;
    test.wait(Duration::minutes(40));
    let page = laptop.get(&next).await;
    assert!(page.body.contains("Your entries were kept"));
    // Its hour began when it was sent, not when the page was opened.
    test.wait(Duration::minutes(25));
    laptop
        .register("ada@example.com", &ada.code(test.now()))
        .await;
    assert!(!laptop.get("/devices").await.body.contains("Grüße an"));
}

#[tokio::test]
async fn field_8_another_user_who_signs_in_does_not_see_saved_input() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let grace = test.user("grace@example.com", Role::Member).await;
    let mut shared = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id.to_string();
    test.wait(Duration::hours(25));
    rename(&mut shared, &device, &long_text()).await;
    shared
        .register("grace@example.com", &grace.code(test.now()))
        .await;
    let page = shared.get("/devices").await;
    assert!(!page.body.contains("Grüße an") && !page.body.contains("Nothing was changed yet"));
}

#[tokio::test]
async fn audit_9_anonymous_forms_are_not_saved() {
    let test = TestApp::open().await;
    let mut anonymous = test.anon();
    let response = anonymous
        .post("/actions/device/rename", &[("name", &"x".repeat(6000))])
        .await;
    assert_eq!(response.status, 303);
    let next = response.location().to_owned();
    assert!(!anonymous.get(&next).await.body.contains("xxxxxxxx"));
}

#[tokio::test]
async fn field_8_no_response_head_is_too_long_for_proxies() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id.to_string();
    for length in [10, 1000, 1500, 2000, 2300, 2500, 5000, 40_000] {
        let mut laptop = laptop.clone();
        let name = "x".repeat(length);
        let mut request = laptop.form(
            "/actions/device/rename",
            &[("id", &device), ("name", &name)],
        );
        let page = format!("http://localhost:3000/devices?q={}", "y".repeat(3000));
        request
            .headers_mut()
            .insert("referer", page.parse().unwrap());
        let response = laptop.send(request).await;
        let head: usize = response
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        assert!(head < 3500, "{length}: {head}");
        let page = laptop.get("/devices").await;
        assert!(length == 10 || page.body.contains(&name), "{length}");
    }
}

#[tokio::test]
async fn audit_9_saved_forms_are_limited_by_device_and_denied_to_disabled_users() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id.to_string();
    let mut kept = 0;
    for _ in 0..30 {
        rename(&mut laptop, &device, &long_text()).await;
        kept += u32::from(laptop.get("/devices").await.body.contains("Grüße an"));
    }
    assert_eq!(kept, 20);

    let grace = test.user("grace@example.com", Role::Member).await;
    let mut phone = test.signed_in(&grace).await;
    phone.post("/actions/session/sign-out", &[]).await;
    test.engine
        .disable_user(&Operator, grace.id, &RequestOrigin::default())
        .await
        .unwrap();
    let next = rename(&mut phone, &device, &long_text()).await;
    assert!(!phone.get(&next).await.body.contains("Grüße an"));
}

#[tokio::test]
async fn a_form_of_a_page_from_before_an_update_is_sent_again_to_where_its_action_is_now() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    for Action { path, .. } in ACTIONS {
        let old = path.replace("/actions/", "/api/");
        let response = laptop.clone().post(&old, &[("name", "x")]).await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (308, *path)
        );
        let foreign = laptop.request(Method::POST, &old).body(Body::empty());
        assert_eq!(laptop.clone().send(foreign.unwrap()).await.status, 403);
    }
}
