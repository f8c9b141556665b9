//! `/admin/risk` and the pages below it.

use crate::harness::{Browser, TestApp, TestUser};
use axum::http::HeaderValue;
use latchkey_domain::{
    access::{access_grant::Scopes, permission::Operator},
    identity::user::Role,
    pagination::ListQuery,
    risk::NetworkVerdict,
};
use latchkey_engine::{NewService, RequestOrigin};

const ENFORCING: &[(&str, &str)] = &[("risk.mode", "enforce"), ("proxy.trusted", "192.0.2.0/24")];

async fn page(browser: &mut Browser<'_>, path: &str) -> String {
    let response = browser.get(path).await;
    assert_eq!(response.status, 200, "{path}");
    response.body.replace("<!>", "")
}

/// Ada in a browser whose sign-in is held, because its network is blocked.
async fn held<'a>(test: &'a TestApp, ada: &TestUser) -> Browser<'a> {
    let client = RequestOrigin::default();
    (test.engine)
        .rule_network(
            &Operator,
            "198.51.100.0/24",
            NetworkVerdict::Block,
            None,
            &client,
        )
        .await
        .unwrap();
    test.wait(time::Duration::seconds(30));
    let mut browser = test.anon();
    let code = ada.code(test.now());
    let fields = [("email", "ada@example.com"), ("code", &*code)];
    let mut request = browser.form("/actions/device/register", &fields);
    let elsewhere = HeaderValue::from_static("198.51.100.7");
    request.headers_mut().insert("x-forwarded-for", elsewhere);
    assert_eq!(browser.send(request).await.status, 303);
    browser
}

#[tokio::test]
async fn an_administrator_sees_a_held_device_and_approves_it() {
    let test = TestApp::with(ENFORCING).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let mut admin = test.with_passkey(&root).await;
    let browser = held(&test, &ada).await;
    assert_eq!(photos.verify(&browser).await.status, 401);

    let waiting = ListQuery {
        filter: "waiting".to_owned(),
        search: "ada@".to_owned(),
        ..ListQuery::default()
    };
    let devices = test.engine.list_devices(&Operator, &waiting).await.unwrap();
    let id = devices.items[0].id.to_string();
    let seen = page(&mut admin, "/admin/risk").await;
    for part in [
        "Scores are enforced",
        "Waiting for approval",
        "ada@example.com",
        "A network that an administrator blocked",
        "198.51.100.0/24",
        &format!("value=\"{id}\""),
        "In 14 days:",
    ] {
        assert!(seen.contains(part), "{part}: {seen}");
    }
    let listed = page(&mut admin, "/admin/devices?filter=waiting").await;
    assert!(listed.contains("1 device waits for approval.") && listed.contains(&id));

    let approved = admin.post("/actions/risk/approve", &[("id", &id)]).await;
    assert_eq!(approved.status, 303);
    assert_eq!(photos.verify(&browser).await.status, 200);
    assert!(
        page(&mut admin, "/admin/risk")
            .await
            .contains("No device waits")
    );
}

#[tokio::test]
async fn an_administrator_blocks_a_network_for_a_while_and_removes_the_rule() {
    let test = TestApp::with(ENFORCING).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut admin = test.with_passkey(&root).await;
    assert!(
        page(&mut admin, "/admin/risk/networks")
            .await
            .contains("No rules yet")
    );
    let rule = [
        ("network", "203.0.113.9/24"),
        ("verdict", "block"),
        ("days", "7"),
    ];
    let said = admin.post("/actions/risk/rule", &rule).await;
    assert_eq!(said.status, 303);
    let listed = page(&mut admin, "/admin/risk/networks").await;
    assert!(
        listed.contains("203.0.113.0/24") && listed.contains("in 7 days"),
        "{listed}"
    );
    let rules = test.engine.list_network_rules(&Operator).await.unwrap();
    // What was entered wrongly is shown again, with what was wrong.
    for (network, days, message) in [
        ("everywhere", "7", "everywhere"),
        ("0.0.0.0/0", "7", "too wide"),
        ("203.0.113.1", "x", "That time has passed"),
    ] {
        let rule = [("network", network), ("verdict", "block"), ("days", days)];
        admin.post("/actions/risk/rule", &rule).await;
        let form = page(&mut admin, "/admin/risk/networks").await;
        assert!(
            form.contains(network) && form.contains(message),
            "{network}: {form}"
        );
    }
    let id = rules[0].id.to_string();
    admin.post("/actions/risk/remove", &[("id", &id)]).await;
    assert!(
        test.engine
            .list_network_rules(&Operator)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_administrator_sees_what_other_weights_would_change() {
    let test = TestApp::with(ENFORCING).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut admin = test.with_passkey(&root).await;
    held(&test, &ada).await;
    let form = page(&mut admin, "/admin/risk/replay").await;
    assert!(form.contains("name=\"blocked_network\"") && !form.contains("What would have been"));
    let seen = page(
        &mut admin,
        "/admin/risk/replay?days=30&blocked_network=0&new_device=30",
    )
    .await;
    for part in [
        "1 user would have been asked for less, 1 time.",
        "0 users would have been asked for more, 0 times.",
        "ada@example.com",
        "weights = [\"new_device=30\", \"blocked_network=0\"]",
    ] {
        let text = seen.replace("&quot;", "\"");
        assert!(text.contains(part), "{part}: {seen}");
    }
    let refused = page(&mut admin, "/admin/risk/replay?blocked_network=101").await;
    assert!(refused.contains("from 0 to 100") && refused.contains("value=\"101\""));
}

#[tokio::test]
async fn audit_55_who_may_only_read_sees_no_button_and_is_refused() {
    let test = TestApp::with(ENFORCING).await;
    let auditor = test.user("audra@example.com", Role::Auditor).await;
    let helper = test.user("hal@example.com", Role::Helper).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut audra = test.with_passkey(&auditor).await;
    let mut hal = test.with_passkey(&helper).await;
    held(&test, &ada).await;
    let devices = test
        .engine
        .list_devices(&Operator, &ListQuery::default())
        .await
        .unwrap();
    let device = devices
        .items
        .iter()
        .find(|device| device.email.as_str() == "ada@example.com");
    let id = device.unwrap().id.to_string();
    for path in ["/admin/risk", "/admin/risk/networks", "/admin/risk/replay"] {
        let seen = page(&mut audra, path).await;
        assert!(!seen.contains("/actions/risk/"), "{path}");
        assert_eq!(hal.get(path).await.status, 403, "{path}");
    }
    for browser in [&mut audra, &mut hal] {
        let rule = [
            ("network", "203.0.113.0/24"),
            ("verdict", "allow"),
            ("days", ""),
        ];
        assert_eq!(browser.post("/actions/risk/rule", &rule).await.status, 403);
        let approved = browser.post("/actions/risk/approve", &[("id", &id)]).await;
        assert_eq!(approved.status, 403);
    }
    assert_eq!(
        test.engine
            .list_network_rules(&Operator)
            .await
            .unwrap()
            .len(),
        1
    );
    let waiting = ListQuery {
        filter: "waiting".to_owned(),
        ..ListQuery::default()
    };
    let devices = test.engine.list_devices(&Operator, &waiting).await.unwrap();
    assert_eq!(devices.total, 1);
}
