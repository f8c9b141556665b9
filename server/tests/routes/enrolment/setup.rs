//! The setup of the first administrator.

use super::*;

/// The path of a new setup link.
async fn setup_path(test: &TestApp) -> String {
    let code = test.engine.setup_code().await.unwrap().unwrap();
    path(&code.commit().await.unwrap())
}

#[tokio::test]
async fn must_survive_25_the_setup_link_creates_one_administrator() {
    let test = TestApp::open().await;
    let path = setup_path(&test).await;
    let mut browsers = Vec::new();
    for name in ["ada", "eve"] {
        let mut browser = test.anon();
        assert_eq!(browser.get(&path).await.status, 200);
        let response = browser
            .post(
                "/actions/setup/begin",
                &[
                    ("code", code_of(&path)),
                    ("email", &format!("{name}@example.com")),
                    ("name", name),
                ],
            )
            .await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (303, path.as_str())
        );
        let app = app_of(&test, &browser, &path).await;
        browsers.push((browser, app));
    }
    let mut won = 0;
    for (browser, app) in &mut browsers {
        let code = shown(app, &test);
        won += u32::from(confirm(browser, &code).await.1 == "/enrol/passkey");
    }
    assert_eq!(won, 1);
    let admins = ListQuery {
        filter: "admin".to_owned(),
        ..ListQuery::default()
    }
    .bounded();
    assert_eq!(
        test.engine
            .list_users(&Operator, &admins)
            .await
            .unwrap()
            .total,
        1
    );
    assert!(
        test.engine.setup_code().await.unwrap().is_none(),
        "no second setup"
    );
    let mut late = test.anon();
    late.post(
        "/actions/setup/begin",
        &[
            ("code", code_of(&path)),
            ("email", "mallory@example.com"),
            ("name", "Mallory"),
        ],
    )
    .await;
    assert!(!late.cookies.contains_key(ENROLMENT));
}

#[tokio::test]
async fn r5_the_setup_link_expires_after_thirty_minutes_or_with_a_newer_one() {
    let test = TestApp::open().await;
    let begin = async |path: &str| {
        let mut browser = test.anon();
        browser
            .post(
                "/actions/setup/begin",
                &[
                    ("code", code_of(path)),
                    ("email", "ada@example.com"),
                    ("name", "Ada"),
                ],
            )
            .await;
        browser.cookies.contains_key(ENROLMENT)
    };
    let first = setup_path(&test).await;
    assert!(begin(&first).await);
    let second = setup_path(&test).await;
    assert!(!begin(&first).await, "void");
    assert!(begin(&second).await);
    test.wait(Duration::minutes(31));
    assert!(!begin(&second).await, "late");
    assert!(!begin("/setup/0123456789abcdefghjkmnp").await, "never made");
}
