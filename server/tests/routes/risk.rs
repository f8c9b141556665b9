//! Devices that return in an unusual way.

use crate::harness::{Browser, TestApp, TestResponse, TestUser};
use axum::{
    body::Body,
    http::{HeaderValue, Method},
};
use latchkey_domain::{
    access::{access_grant::Scopes, permission::Operator},
    identity::user::Role,
    risk::NetworkVerdict,
};
use latchkey_engine::{NewService, RequestOrigin};

const ENFORCING: &[(&str, &str)] = &[("risk.mode", "enforce"), ("proxy.trusted", "192.0.2.0/24")];

/// Opens a page from another address, behind the proxy.
async fn get_from(browser: &mut Browser<'_>, path: &str, address: &str) -> TestResponse {
    let request = browser
        .request(Method::GET, path)
        .header("sec-fetch-site", "none")
        .header("x-forwarded-for", address);
    browser.send(request.body(Body::empty()).unwrap()).await
}

/// Signs in with a code from another address, in a new browser.
async fn register_from<'a>(test: &'a TestApp, user: &TestUser, address: &str) -> Browser<'a> {
    test.wait(time::Duration::seconds(30));
    let mut browser = test.anon();
    let fields = [("email", &*user.email), ("code", &*user.code(test.now()))];
    let mut form = browser.form("/actions/device/register", &fields);
    let address = HeaderValue::from_str(address).unwrap();
    form.headers_mut().insert("x-forwarded-for", address);
    assert_eq!(browser.send(form).await.status, 303);
    browser
}

async fn block(test: &TestApp, network: &str) {
    let client = RequestOrigin::default();
    (test.engine)
        .rule_network(&Operator, network, NetworkVerdict::Block, None, &client)
        .await
        .unwrap();
}

#[tokio::test]
async fn audit_51_a_copied_cookie_from_a_blocked_network_sees_nothing_and_its_owner_reads_why() {
    let test = TestApp::with(ENFORCING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let mut browser = test.signed_in(&ada).await;
    assert_eq!(browser.get("/devices").await.status, 200);
    assert_eq!(photos.verify(&browser).await.status, 200);
    block(&test, "198.51.100.0/24").await;
    let mut thief = browser.clone();
    let seen = get_from(&mut thief, "/devices", "198.51.100.7").await;
    assert_eq!(
        (seen.status.as_u16(), seen.location().contains("/login")),
        (303, true)
    );
    assert!(!seen.body.contains("ada@example.com"));
    // At home, too, until she signs in again; and at services.
    assert_eq!(browser.get("/devices").await.status, 303);
    assert_eq!(photos.verify(&browser).await.status, 401);
    test.wait(time::Duration::minutes(1));
    let back = browser
        .register("ada@example.com", &ada.code(test.now()))
        .await;
    assert_eq!(back.status, 303);
    assert_eq!(photos.verify(&browser).await.status, 200);
    assert_eq!(thief.get("/devices").await.status, 303, "the copy is void");
    let activity = browser.get("/activity").await.body.replace("<!>", "");
    for part in [
        "used in an unusual way",
        "of 100: held",
        "A network that an administrator blocked",
        "A passkey or a code was required.",
    ] {
        assert!(activity.contains(part), "{part}");
    }
}

#[tokio::test]
async fn audit_51_in_the_first_two_weeks_a_score_is_recorded_and_the_page_is_shown() {
    let test = TestApp::with(&[("proxy.trusted", "192.0.2.0/24")]).await;
    let root = test.user("root@example.com", Role::Admin).await;
    block(&test, "198.51.100.0/24").await;
    let mut browser = test.with_passkey(&root).await;
    let page = get_from(&mut browser, "/admin/audit", "198.51.100.7").await;
    assert_eq!(page.status, 200);
    let page = get_from(
        &mut browser,
        "/admin/audit?filter=device.assessed",
        "198.51.100.7",
    )
    .await;
    let page = page.body.replace("<!>", "");
    for part in [
        "of 100: held",
        "A passkey would have been required. Scores have no effect yet.",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<dt>risk</dt>"), "in words alone");
}

const COMPARING: &[(&str, &str)] = &[("risk.behaviour", "true")];

/// Whether a page measures.
fn measures(page: &TestResponse) -> bool {
    page.body.contains("data-behaviour")
}

#[tokio::test]
async fn audit_53_only_where_it_is_on_a_page_measures_and_whoever_is_exempt_gets_none() {
    let off = TestApp::with(&[]).await;
    let ada = off.user("ada@example.com", Role::Member).await;
    let mut browser = off.with_passkey(&ada).await;
    assert!(!measures(&browser.get("/security").await));
    assert!(!measures(&off.anon().get("/login").await));
    let test = TestApp::with(COMPARING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.with_passkey(&ada).await;
    assert!(measures(&browser.get("/security").await));
    let login = test.anon().get("/login").await;
    assert!(measures(&login) && login.body.contains("This page measures how you type"));
    assert_eq!(
        browser.post("/actions/behaviour/exempt", &[]).await.status,
        303
    );
    let security = browser.get("/security").await;
    assert!(!measures(&security) && security.body.contains("Not compared since"));
    assert_eq!(
        browser.post("/actions/session/sign-out", &[]).await.status,
        303
    );
    assert!(
        !measures(&browser.get("/login").await),
        "a browser that is known"
    );
    assert!(measures(&test.anon().get("/login").await), "of anybody");
}

#[tokio::test]
async fn audit_53_a_form_with_whatever_in_the_field_signs_in() {
    let test = TestApp::with(COMPARING).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    for line in [
        "",
        "email hNaN p1",
        "code h1e9,1,1,1,1,1 p1,1,1,1,1",
        "\u{0}",
        "{}",
    ] {
        test.wait(time::Duration::minutes(1));
        let code = ada.code(test.now());
        let form = [
            ("email", "ada@example.com"),
            ("code", &code),
            ("behaviour", line),
        ];
        let mut browser = test.anon();
        let signed_in = browser.post("/actions/device/register", &form).await;
        assert_eq!(
            (signed_in.status.as_u16(), signed_in.location()),
            (303, "/"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn audit_56_a_user_sees_what_is_usual_for_them_and_erases_it() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    let (mut passkey, _) = browser.make_passkey().await;
    let page = async |browser: &mut Browser<'_>| {
        let page = browser.get("/security").await.body;
        page.replace("<!>", "")
    };
    for _ in 0..6 {
        test.wait(time::Duration::DAY);
        browser.use_passkey(&mut passkey).await;
    }
    let learnt = page(&mut browser).await;
    for part in [
        "7 sign-ins with a passkey, since",
        "Nothing is asked for yet: until",
        "each counts half after 30 days",
        "1 device",
        "192.0.2.0/24",
        "UTC</time>",
    ] {
        assert!(learnt.contains(part), "{part} in {learnt}");
    }
    let erased = browser.post("/actions/baseline/erase", &[]).await;
    assert_eq!(erased.location(), "/security");
    let after = page(&mut browser).await;
    for part in [
        "What was usual for you was erased.",
        "Nothing was learnt yet.",
    ] {
        assert!(after.contains(part), "{part} in {after}");
    }
    let activity = browser.get("/activity").await.body;
    assert!(activity.contains("What is usual for a user was erased"));
    // Without a passkey lately, it stays.
    browser.use_passkey(&mut passkey).await;
    test.wait(time::Duration::minutes(11));
    let refused = browser.post("/actions/baseline/erase", &[]).await;
    assert!(
        refused.location().starts_with("/login"),
        "{}",
        refused.location()
    );
    browser.use_passkey(&mut passkey).await;
    assert!(
        page(&mut browser)
            .await
            .contains("2 sign-ins with a passkey")
    );
}

#[tokio::test]
async fn audit_56_a_device_that_owes_something_says_what_why_and_how_it_is_lifted() {
    let test = TestApp::with(ENFORCING).await;
    let root = test.user("root@example.com", Role::Admin).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.signed_in(&ada).await;
    let mut admin = test.with_passkey(&root).await;
    block(&test, "198.51.100.0/24").await;
    register_from(&test, &ada, "198.51.100.7").await;
    let text = async |browser: &mut Browser<'_>, path: &str| {
        browser.get(path).await.body.replace("<!>", "")
    };
    let reason = ": A network that an administrator blocked";
    let own = text(&mut browser, "/devices").await;
    for part in [
        "Held for approval since a sign-in",
        reason,
        "until you approve it on another of your devices, or an administrator does",
        "action=\"/actions/device/approve\"",
    ] {
        assert!(own.contains(part), "{part} in {own}");
    }
    assert!(!own.contains("Registered with a code. It can use"), "{own}");
    let user_page = format!("/admin/users/{}", ada.id);
    for path in ["/admin/devices", &user_page] {
        let shown = text(&mut admin, path).await;
        for part in [
            "Held for approval since a sign-in",
            reason,
            "until its user approves it on another device, or an administrator does",
        ] {
            assert!(shown.contains(part), "{part} in {path}: {shown}");
        }
    }
    // One that returns from there owes a sign-in.
    get_from(&mut browser.clone(), "/devices", "198.51.100.7").await;
    let shown = text(&mut admin, "/admin/devices").await;
    for part in [
        "Asked for a passkey or a code",
        "until its user signs in on it with a passkey or a code",
        "Must sign in again",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
}

#[tokio::test]
async fn addresses_are_shown_with_their_country_where_a_file_says_it() {
    // Made for this test: 192.0.2.0/24 is in Germany, and nothing else anywhere.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/germany.mmdb");
    for (settings, is_named) in [(&[("risk.location_file", file)][..], true), (&[], false)] {
        let test = TestApp::with(settings).await;
        let ada = test.user("ada@example.com", Role::Member).await;
        let mut browser = test.signed_in(&ada).await;
        for path in ["/security", "/activity"] {
            let page = browser.get(path).await.body.replace("<!>", "");
            assert!(page.contains("<span class=\"mono\">192.0.2."), "{path}");
            let country = "<span data-region=\"DE\">DE</span>";
            assert_eq!(page.contains(country), is_named, "{path}: {page}");
        }
    }
}
