//! Names that people choose.

use crate::harness::TestApp;
use latchkey_domain::identity::user::Role;

const SCRIPT: &str = "<script>alert(1)</script>";

#[tokio::test]
async fn r41_a_device_name_is_escaped_everywhere() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let root = house.person("root@example.com", Role::Admin).await;
    let names = [
        SCRIPT,
        "\"><img src=x onerror=alert(1)>",
        "'-alert(1)-'",
        "</title><svg onload=alert(1)>",
        "{{7*7}}",
    ];
    let mut laptop = house.signed_in(&ada).await;
    for name in names {
        house.wait(time::Duration::seconds(30));
        let code = ada.code(house.now());
        assert_eq!(
            house
                .anon()
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
    let mut admin = house.with_passkey(&root).await;
    for (browser, page) in [(&mut laptop, "/devices"), (&mut admin, "/admin/devices")] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(
            answer
                .body
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{page} shows the name"
        );
        for raw in ["<script>alert", "<img src=x", "<svg onload"] {
            assert!(!answer.body.contains(raw), "{page}: {raw}");
        }
    }
}

#[tokio::test]
async fn r41_form_input_is_escaped_when_shown_again() {
    let house = TestApp::open().await;
    let mut browser = house.anon();
    browser
        .post(
            "/api/device/register",
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
    let house = TestApp::open().await;
    house.invite("ada@example.com", SCRIPT).await;
    let root = house.person("root@example.com", Role::Admin).await;
    let mut admin = house.with_passkey(&root).await;
    let page = admin.get("/admin/users").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script>alert"));
}
