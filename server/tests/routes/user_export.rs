//! What is stored about users: `/security/export` of the user who asks, `/admin/users/{id}/export` and erasures for administrators.

use crate::harness::{Browser, TestApp};
use axum::{
    body::Body,
    http::{Method, header},
};
use latchkey_domain::{access::permission::Operator, identity::user::Role, pagination::ListQuery};
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
        page.body.contains("action=\"/security/export\""),
        "{}",
        page.body
    );
    let copy = browser.post("/security/export", &[]).await;
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
    let later = browser.post("/security/export", &[]).await;
    assert_eq!(later.status, 303, "the passkey was used too long ago");
    assert_eq!(
        later.header("location"),
        Some("/login?return_to=%2Fsecurity")
    );
    assert_eq!(test.anon().post("/security/export", &[]).await.status, 303);
}

/// How many copies the audit log says were made.
async fn copies(test: &TestApp) -> u64 {
    let query = ListQuery {
        filter: "user.exported".to_owned(),
        ..ListQuery::default()
    };
    let events = test.engine.list_events(&Operator, &query).await;
    events.unwrap().total
}

/// Follows a link, or sends a form, on a page of another site.
async fn from_elsewhere(browser: &mut Browser<'_>, method: Method, path: &str) -> u16 {
    let request = browser
        .request(method, path)
        .header("sec-fetch-site", "cross-site")
        .header("sec-fetch-mode", "navigate")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.body(Body::empty()).unwrap();
    browser.send(request).await.status.as_u16()
}

#[tokio::test]
async fn audit_56_no_other_site_makes_a_copy_or_an_entry_of_one() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut browser = test.with_passkey(&root).await;
    let any = format!("/admin/users/{}/export", root.id);
    for path in ["/security/export", &any] {
        let get = from_elsewhere(&mut browser, Method::GET, path).await;
        assert_eq!(get, 405, "{path}");
        let form = from_elsewhere(&mut browser, Method::POST, path).await;
        assert_eq!(form, 403, "{path}");
    }
    for path in [
        "/activity/export?format=csv",
        "/admin/audit/export?format=csv",
    ] {
        let get = from_elsewhere(&mut browser, Method::GET, path).await;
        assert_eq!(get, 403, "{path}");
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert_eq!(copies(&test).await, 0);
    assert_eq!(browser.post("/security/export", &[]).await.status, 200);
    assert_eq!(copies(&test).await, 1);
}

#[tokio::test]
async fn audit_56_an_administrator_copies_and_erases_a_user_on_their_page() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let helper = test.user("helper@example.com", Role::Helper).await;
    test.signed_in(&ada).await;
    let mut admin = test.with_passkey(&root).await;
    let (page, copy) = (
        format!("/admin/users/{}", ada.id),
        format!("/admin/users/{}/export", ada.id),
    );
    let shown = admin.get(&page).await.body;
    for part in [&*format!("action=\"{copy}\""), "Erase this user"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let data = admin.post(&copy, &[]).await;
    assert_eq!(data.status, 200, "{}", data.body);
    let data: serde_json::Value = serde_json::from_str(&data.body).unwrap();
    assert_eq!(data["user"]["email"], "ada@example.com");
    // Who helps users sees neither, and may do neither.
    let mut helping = test.with_passkey(&helper).await;
    let shown = helping.get(&page).await.body;
    assert!(shown.contains("ada@example.com") && !shown.contains("Erase this user"));
    assert!(!shown.contains(&copy));
    assert_eq!(helping.post(&copy, &[]).await.status, 403);
    let id = ada.id.to_string();
    let erase = async |browser: &mut Browser<'_>, confirmation: &str| {
        let fields = [("id", &*id), ("confirmation", confirmation)];
        browser.post("/actions/user/erase", &fields).await
    };
    assert_eq!(erase(&mut helping, "ada@example.com").await.status, 403);
    // The address has to be entered.
    for mistyped in ["", "ada", "root@example.com"] {
        erase(&mut admin, mistyped).await;
        let shown = admin.get(&page).await.body;
        assert!(shown.contains("Nothing was erased."), "{mistyped}: {shown}");
    }
    let erased = erase(&mut admin, " Ada@Example.com ").await;
    assert_eq!(erased.location(), "/admin/users");
    let shown = admin.get("/admin/users").await.body;
    for part in ["ada@example.com was erased.", "The audit log keeps"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    assert_eq!(admin.get(&page).await.status, 404);
    // Without a passkey lately, neither.
    test.wait(Duration::minutes(11));
    let late = admin
        .post(&format!("/admin/users/{}/export", helper.id), &[])
        .await;
    assert!(late.location().starts_with("/login"), "{}", late.location());
}
