//! `/admin/audit`.

use crate::harness::TestApp;
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use latchkey_engine::{NewService, RequestOrigin};

#[tokio::test]
async fn audit_12_the_audit_log_shows_old_and_new_values_of_a_service() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let new = |rules: &str| NewService {
        hosts: "photos.example.com".to_owned(),
        rules: rules.to_owned(),
        ..NewService::default()
    };
    test.service("photos", new("")).await;
    let (operator, client) = (Operator, RequestOrigin::default());
    for rules in ["users /a&b/*\npublic /c", "public /*"] {
        let changed = (test.engine).change_service(&operator, "photos", new(rules), &client);
        changed.await.unwrap();
    }
    let mut admin = test.with_passkey(&root).await;
    let page = admin
        .get("/admin/audit?filter=service.changed&q=public+/*")
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("<dl").count(), 1, "one entry is shown");
    let shown = page
        .body
        .split("<dl")
        .nth(1)
        .unwrap()
        .split("</dl>")
        .next()
        .unwrap();
    // The markers that the framework leaves between texts are no part of what is read.
    let shown = shown.replace("<!>", "");
    for part in [
        "<dt>rules</dt>",
        "Before</span><code>users /a&amp;b/*\npublic /c</code>",
        "After</span><code>public /*</code>",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(
        !shown.contains("hosts"),
        "what stayed as it was is left out"
    );
}
