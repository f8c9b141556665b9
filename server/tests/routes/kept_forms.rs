//! Forms that are sent when the session has ended: nothing happens, and nothing that was typed is lost.

use crate::harness::{Browser, TestApp};
use latchkey_app::routes::{ACTIONS, Access};
use latchkey_domain::{access::permission::Administrator, identity::user::Role};
use latchkey_engine::RequestOrigin;
use time::Duration;

const FLASH: &str = "__Host-latchkey-flash";

/// 40 kilobytes with what a form escapes.
fn long_text() -> String {
    "Grüße an /alle & niemanden +1 ".repeat(1250)
}

async fn rename(browser: &mut Browser<'_>, id: &str, name: &str) -> String {
    let fields = [("id", id), ("name", name)];
    let answer = browser.post("/api/device/rename", &fields).await;
    assert_eq!(answer.status, 303);
    answer.location().to_owned()
}

#[tokio::test]
async fn field_8_every_form_that_asks_to_sign_in_first_keeps_what_was_typed() {
    let house = TestApp::open().await;
    let root = house.person("root@example.com", Role::Admin).await;
    let laptop = house.with_passkey(&root).await;
    house.wait(Duration::hours(25));
    for (path, _) in ACTIONS
        .iter()
        .filter(|(path, access)| *access != Access::Public && !path.ends_with("-registration"))
        .filter(|(path, _)| *path != "/api/session/sign-out")
    {
        let mut laptop = laptop.clone();
        let answer = laptop.post(path, &[("name", "x"), ("email", "x")]).await;
        assert!(answer.location().starts_with("/login?return_to="), "{path}");
        let kept = answer.set_cookie(FLASH).unwrap();
        // As long as looking for the device with the passkey may take.
        assert!(kept.contains("; Max-Age=3600"), "{path}: {kept}");
    }
}

#[tokio::test]
async fn field_8_forty_kilobytes_wait_for_their_sender_to_sign_in() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.signed_in(&ada).await;
    let device = house.devices_of(ada.id).await[0].id.to_string();
    house.wait(Duration::hours(25));
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
    house.wait(Duration::minutes(30));
    laptop
        .register("ada@example.com", &ada.code(house.now()))
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
async fn field_8_opening_the_sign_in_page_does_not_write_the_form_again() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.signed_in(&ada).await;
    let device = house.devices_of(ada.id).await[0].id.to_string();
    house.wait(Duration::hours(25));
    let next = rename(&mut laptop, &device, &long_text()).await;
    house.wait(Duration::minutes(40));
    let page = laptop.get(&next).await;
    assert!(page.body.contains("Your entries were kept"));
    // Its hour began when it was sent, not when the page was opened.
    house.wait(Duration::minutes(25));
    laptop
        .register("ada@example.com", &ada.code(house.now()))
        .await;
    assert!(!laptop.get("/devices").await.body.contains("Grüße an"));
}

#[tokio::test]
async fn field_8_whoever_signs_in_next_does_not_see_it() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let grace = house.person("grace@example.com", Role::User).await;
    let mut shared = house.signed_in(&ada).await;
    let device = house.devices_of(ada.id).await[0].id.to_string();
    house.wait(Duration::hours(25));
    rename(&mut shared, &device, &long_text()).await;
    shared
        .register("grace@example.com", &grace.code(house.now()))
        .await;
    let page = shared.get("/devices").await;
    assert!(!page.body.contains("Grüße an") && !page.body.contains("Nothing was changed yet"));
}

#[tokio::test]
async fn audit_9_strangers_leave_nothing_on_the_server() {
    let house = TestApp::open().await;
    let mut stranger = house.anon();
    let answer = stranger
        .post("/api/device/rename", &[("name", &"x".repeat(6000))])
        .await;
    assert_eq!(answer.status, 303);
    let next = answer.location().to_owned();
    assert!(!stranger.get(&next).await.body.contains("xxxxxxxx"));
}

#[tokio::test]
async fn field_8_no_head_is_too_long_for_proxies_whatever_was_typed() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    let device = house.devices_of(ada.id).await[0].id.to_string();
    for length in [10, 1000, 1500, 2000, 2300, 2500, 5000, 40_000] {
        let mut laptop = laptop.clone();
        let name = "x".repeat(length);
        let mut request = laptop.form("/api/device/rename", &[("id", &device), ("name", &name)]);
        let page = format!("http://localhost:3000/devices?q={}", "y".repeat(3000));
        request
            .headers_mut()
            .insert("referer", page.parse().unwrap());
        let answer = laptop.send(request).await;
        let head: usize = answer
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
async fn audit_9_one_device_has_so_many_long_forms_kept_and_no_disabled_account_any() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.signed_in(&ada).await;
    let device = house.devices_of(ada.id).await[0].id.to_string();
    let mut kept = 0;
    for _ in 0..30 {
        rename(&mut laptop, &device, &long_text()).await;
        kept += u32::from(laptop.get("/devices").await.body.contains("Grüße an"));
    }
    assert_eq!(kept, 20);

    let grace = house.person("grace@example.com", Role::User).await;
    let mut phone = house.signed_in(&grace).await;
    phone.post("/api/session/sign-out", &[]).await;
    house
        .engine
        .disable_user(
            &Administrator::Operator,
            grace.id,
            &RequestOrigin::default(),
        )
        .await
        .unwrap();
    let next = rename(&mut phone, &device, &long_text()).await;
    assert!(!phone.get(&next).await.body.contains("Grüße an"));
}
