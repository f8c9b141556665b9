//! `/activity/export` and `/admin/audit/export`, and the filters of their pages.

use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;
use latchkey_engine::NewService;

#[tokio::test]
async fn an_administrator_exports_what_is_filtered() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    test.service("photos", NewService::default()).await;
    test.service("wiki", NewService::default()).await;
    let mut admin = test.with_passkey(&root).await;
    let csv = admin
        .get("/admin/audit/export?format=csv&service=photos&filter=service")
        .await;
    assert_eq!(csv.status, 200);
    assert_eq!(
        csv.header("content-type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    assert_eq!(csv.header("cache-control"), Some("no-store"));
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"latchkey-audit.csv\"")
    );
    let lines: Vec<_> = csv.body.lines().collect();
    assert_eq!(
        lines[0],
        "seq,time,actor,actor_name,action,target,target_name,ip,detail,changes,device,device_name,session,client"
    );
    assert_eq!(lines.len(), 2);
    assert!(
        lines[1].contains(",operator,operator,service.added,") && lines[1].contains(",photos,")
    );
    let jsonl = admin
        .get("/admin/audit/export?format=jsonl&service=wiki")
        .await;
    let event: serde_json::Value = serde_json::from_str(jsonl.body.trim_end()).unwrap();
    assert_eq!(event["target_name"], "wiki");
    let nothing = admin
        .get("/admin/audit/export?format=csv&device=01937f4e-0000-7000-8000-000000000000")
        .await;
    assert_eq!(nothing.body.lines().count(), 1);
}

#[tokio::test]
async fn an_export_that_cannot_be_made_says_what_is_wrong() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    for query in [
        "",
        "?format=exe",
        "?format=csv&network=nowhere",
        "?format=csv&since=never",
    ] {
        let response = admin.get(&format!("/admin/audit/export{query}")).await;
        assert_eq!(response.status, 400, "{query}");
    }
}

#[tokio::test]
async fn r12_names_are_no_formulas_in_a_spreadsheet() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id.to_string();
    let renamed = browser
        .post(
            "/actions/device/rename",
            &[("id", &device), ("name", "=HYPERLINK(\"http://x\",\"y\")")],
        )
        .await;
    assert_eq!(renamed.status, 303);
    let own = browser
        .get("/activity/export?format=csv&filter=device.renamed")
        .await;
    assert_eq!(own.status, 200);
    assert!(
        own.body
            .contains(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\","),
        "{}",
        own.body
    );
}

#[tokio::test]
async fn users_export_their_own_events_and_those_of_nobody_else() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let eve = test.user("eve@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    test.signed_in(&eve).await;
    let own = browser
        .get("/activity/export?format=jsonl&user=eve%40example.com")
        .await;
    assert_eq!(own.status, 200);
    let events: Vec<serde_json::Value> = (own.body.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        events
            .iter()
            .any(|event| event["action"] == "device.registered")
    );
    assert!(!own.body.contains("eve@"), "{}", own.body);
    assert_eq!(
        browser.get("/admin/audit/export?format=csv").await.status,
        403
    );
    let anonymous = test.anon().get("/activity/export?format=csv").await;
    assert_eq!(anonymous.status, 303);
}

#[tokio::test]
async fn a_filter_that_cannot_be_used_is_named_beside_its_field_and_nothing_is_lost() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    let page = admin
        .get("/admin/audit?q=photos&filter=service&user=nobody&network=10.0.0.0%2F4&since=2026-11-21&until=%3Cb%3E")
        .await;
    assert_eq!(page.status, 200);
    for part in [
        "id=\"user-error\"",
        "id=\"network-error\"",
        "id=\"until-error\"",
        "value=\"nobody\"",
        "value=\"10.0.0.0/4\"",
        "value=\"2026-11-21\"",
        "value=\"&lt;b&gt;\"",
        "value=\"photos\"",
        "The filter was not applied.",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(!page.body.contains("id=\"since-error\"") && !page.body.contains("<tbody>"));
    let page = admin
        .get("/admin/audit?user=root%40example.com&outcome=done&sort=time")
        .await;
    assert!(page.body.contains("<tbody>"));
    // The orders and the copies keep the filter.
    for part in [
        "/admin/audit?sort=-time&amp;user=root%40example.com&amp;outcome=done",
        "/admin/audit/export?user=root%40example.com&amp;outcome=done&amp;format=csv",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn pages_of_users_services_and_devices_link_to_their_entries() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    test.service("photos", NewService::default()).await;
    let mut admin = test.with_passkey(&root).await;
    let device = test.devices_of(root.id).await[0].id;
    for (page, link) in [
        (
            format!("/admin/users/{}", root.id),
            format!("/admin/audit?user={}", root.id),
        ),
        (
            format!("/admin/users/{}", root.id),
            format!("/admin/audit?device={device}"),
        ),
        (
            "/admin/services/photos".to_owned(),
            "/admin/audit?service=photos".to_owned(),
        ),
        (
            "/admin/devices".to_owned(),
            format!("/admin/audit?device={device}"),
        ),
    ] {
        let shown = admin.get(&page).await;
        assert!(
            shown.body.contains(&format!("href=\"{link}\"")),
            "{page}: {link}"
        );
        assert_eq!(admin.get(&link).await.status, 200);
    }
}
