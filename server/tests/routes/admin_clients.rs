//! `/admin/clients` and the pages that name a client.

use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;
use latchkey_engine::NewService;

const SCRIPT: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn r41_a_clients_name_is_escaped_everywhere() {
    let test = TestApp::open().await;
    test.service("photos", NewService::default()).await;
    let id = test.client(SCRIPT, "photos").await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    let of_client = format!("/admin/clients/{id}");
    for page in [
        "/admin/clients",
        &of_client,
        "/admin/services/photos",
        "/admin/audit",
    ] {
        let response = admin.get(page).await;
        assert_eq!(response.status, 200, "{page}");
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;";
        assert!(response.body.contains(escaped), "{page} shows the name");
        assert!(!response.body.contains("<script>alert"), "{page}");
    }
}

#[tokio::test]
async fn a_client_has_a_page_by_its_id_alone() {
    let test = TestApp::open().await;
    test.service("photos", NewService::default()).await;
    let id = test.client("Backup", "photos").await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    for (name, status) in [(id.as_str(), 200), ("Backup", 404), (unknown, 404)] {
        let response = admin.get(&format!("/admin/clients/{name}")).await;
        assert_eq!(response.status, status, "{name}");
    }
}

#[tokio::test]
async fn a_form_for_a_client_that_is_gone_says_so() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    for (action, id) in [
        ("/actions/client/delete", unknown),
        ("/actions/client/delete", "Backup"),
        ("/actions/client/rotate-secret", unknown),
    ] {
        let fields = [("id", id), ("overlap", "24")];
        assert_eq!(admin.post(action, &fields).await.status, 303);
        let page = admin.get("/admin/clients").await;
        assert!(
            page.body.contains("This client no longer exists."),
            "{action}"
        );
    }
}
