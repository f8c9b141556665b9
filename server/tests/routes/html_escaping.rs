//! Text from users is escaped in pages.

use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;

const SCRIPT: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn r41_a_device_name_is_escaped_everywhere() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let names = [
        SCRIPT,
        "\"><img src=x onerror=alert(1)>",
        "'-alert(1)-'",
        "</title><svg onload=alert(1)>",
        "{{7*7}}",
    ];
    let mut laptop = test.signed_in(&ada).await;
    for name in names {
        test.wait(time::Duration::seconds(30));
        let code = ada.code(test.now());
        assert_eq!(
            test.anon()
                .post(
                    "/device/add",
                    &[
                        ("email", &ada.email),
                        ("code", &code),
                        ("device_name", name)
                    ]
                )
                .await
                .status,
            200,
            "{name}"
        );
    }
    let mut admin = test.with_passkey(&root).await;
    for (browser, page) in [(&mut laptop, "/devices"), (&mut admin, "/admin/devices")] {
        let response = browser.get(page).await;
        assert_eq!(response.status, 200, "{page}");
        assert!(
            response
                .body
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{page} shows the name"
        );
        for raw in ["<script>alert", "<img src=x", "<svg onload"] {
            assert!(!response.body.contains(raw), "{page}: {raw}");
        }
    }
}

#[tokio::test]
async fn r41_form_input_is_escaped_when_shown_again() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    browser
        .post(
            "/actions/device/register",
            &[
                ("email", &format!("\"{SCRIPT}")),
                ("code", "000000"),
                ("device_name", SCRIPT),
            ],
        )
        .await;
    let page = browser.get("/login").await;
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}

#[tokio::test]
async fn r41_a_users_name_is_escaped() {
    let test = TestApp::open().await;
    test.invite("ada@example.com", SCRIPT).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    let page = admin.get("/admin/users").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script>alert"));
}

#[tokio::test]
async fn r41_a_name_does_not_end_the_title_of_its_page() {
    let test = TestApp::open().await;
    let name = "Tom & </title><svg onload=alert(1)>";
    test.invite("tom@example.com", name).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    let list = admin.get("/admin/users?q=tom").await.body;
    let (_, of_tom) = list.split_once("href=\"/admin/users/").unwrap();
    let (id, _) = of_tom.split_once('"').unwrap();
    let page = admin.get(&format!("/admin/users/{id}")).await.body;
    let title = "<title>Tom &amp; &lt;/title&gt;&lt;svg onload=alert(1)&gt; · Latchkey</title>";
    assert!(page.contains(title));
    assert!(!page.contains("<svg onload"));
}
