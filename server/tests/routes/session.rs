//! Sessions: how they begin, and how they end.

use crate::harness::{Browser, TestApp};
use axum::body::Body;
use axum::http::{Method, header};
use latchkey_domain::identity::user::Role;
use time::Duration;

const SESSION: &str = "__Host-latchkey-session";

/// Whether this browser may change its account: it has a live session.
async fn may_manage_self(browser: &mut Browser<'_>) -> bool {
    let response = browser
        .fetch("/actions/passkey/begin-registration", "{}")
        .await;
    match response.status.as_u16() {
        200 => true,
        401 => false,
        other => panic!("{other}: {}", response.body),
    }
}

#[tokio::test]
async fn r9_must_survive_15_a_planted_session_id_is_replaced_at_login() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    // A session that really exists, and one that was made up.
    let planted = test
        .signed_in(&ada)
        .await
        .session_cookie()
        .unwrap()
        .to_owned();
    for planted in [planted, "A".repeat(22), "A".repeat(43)] {
        test.wait(Duration::seconds(30));
        let mut victim = test.anon();
        victim.set(SESSION, &planted);
        let code = ada.code(test.now());
        assert_eq!(victim.register(&ada.email, &code).await.status, 303);
        assert_ne!(victim.session_cookie(), Some(planted.as_str()), "a new id");
        assert!(may_manage_self(&mut victim).await);
        assert!(
            !may_manage_self(&mut victim.with(SESSION, &planted)).await,
            "the planted id is not this session"
        );
    }
}

#[tokio::test]
async fn must_survive_15_a_new_login_ends_the_old_session_on_the_server() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let old = laptop.session_cookie().unwrap().to_owned();
    test.wait(Duration::seconds(30));
    let code = ada.code(test.now());
    assert_eq!(laptop.register(&ada.email, &code).await.status, 303);
    assert!(may_manage_self(&mut laptop.clone()).await);
    assert!(
        !may_manage_self(&mut laptop.with(SESSION, &old)).await,
        "the same device, the old session"
    );
}

#[tokio::test]
async fn a_session_id_has_128_bits_and_the_promised_attributes() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.anon();
    let response = browser.register(&ada.email, &ada.code(test.now())).await;
    let cookie = response.set_cookie(SESSION).unwrap();
    assert_eq!(
        cookie.split([';', '=']).nth(1).map(str::len),
        Some(22),
        "128 bits in base64url"
    );
    for attribute in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(
        !cookie.contains("Domain") && !cookie.contains("Max-Age"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_session_is_valid_on_its_own_device_only() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let phone = test.signed_in(&ada).await;
    let mixed = laptop.with(SESSION, phone.session_cookie().unwrap());
    assert!(!may_manage_self(&mut mixed.clone()).await);
    assert!(!may_manage_self(&mut laptop.with(SESSION, "")).await);
}

#[tokio::test]
async fn sessions_expire_by_idle_time_and_age_and_the_device_stays() {
    let test = TestApp::open().await;
    for (role, idle, absolute) in [
        (Role::Member, Duration::hours(1), Duration::hours(24)),
        (Role::Admin, Duration::minutes(15), Duration::hours(12)),
    ] {
        let user = test.user(&format!("{role}@example.com"), role).await;
        let mut laptop = test.signed_in(&user).await;
        test.wait(idle);
        assert!(may_manage_self(&mut laptop).await, "{role}: just in time");
        test.wait(idle + Duration::seconds(1));
        assert!(
            !may_manage_self(&mut laptop).await,
            "{role}: idle for too long"
        );
        assert_eq!(
            laptop.get("/").await.status,
            200,
            "{role}: still a registered device"
        );

        let mut laptop = test.signed_in(&user).await;
        let (mut age, often) = (Duration::ZERO, idle - Duration::MINUTE);
        while age + often < absolute {
            test.wait(often);
            age += often;
            assert!(
                may_manage_self(&mut laptop).await,
                "{role}: active at {age}"
            );
        }
        test.wait(absolute - age);
        assert!(
            !may_manage_self(&mut laptop).await,
            "{role}: too old, however active"
        );
    }
}

#[tokio::test]
async fn must_survive_29_a_clock_set_back_does_not_revive_a_session() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let before = laptop.clone();
    test.wait(Duration::hours(2));
    assert!(!may_manage_self(&mut laptop).await);
    test.wait(Duration::hours(-2));
    assert!(
        !may_manage_self(&mut before.clone()).await,
        "the server has forgotten it"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_invalidates_the_device_cookie() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    let stolen = laptop.clone();
    let response = laptop.post("/actions/session/sign-out", &[]).await;
    assert_eq!(
        (response.status.as_u16(), response.location()),
        (303, "/login")
    );
    assert!(
        response
            .set_cookie(SESSION)
            .is_some_and(|line| line.contains("Max-Age=0")
                && line.contains("Secure")
                && line.contains("Path=/")),
    );
    // The device cookie stays, so that the wrong codes of others do not lock out this browser; it gives no access.
    assert!(laptop.device_cookie().is_some() && laptop.session_cookie().is_none());
    for browser in [&laptop, &stolen] {
        assert_eq!(browser.clone().get("/").await.status, 303);
    }
    assert!(!may_manage_self(&mut stolen.clone()).await);
}

#[tokio::test]
async fn a_flash_is_shown_once() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let response = browser.register("ada@example.com", "000000").await;
    assert_eq!(
        (response.status.as_u16(), response.location()),
        (303, "/login")
    );
    let words = "That e-mail address and code do not fit together.";
    let first = browser.get("/login").await;
    assert!(first.body.contains(words), "{}", first.body);
    assert!(
        !first.body.contains("000000"),
        "a code is never shown again"
    );
    assert!(
        !browser.get("/login").await.body.contains(words),
        "only once"
    );
}

#[tokio::test]
async fn a_flash_survives_redirects_until_a_page_shows_it() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    browser.register("ada@example.com", "000000").await;
    let response = browser.get("/devices").await;
    assert_eq!(response.status, 303);
    assert!(
        response.set_cookie("__Host-latchkey-flash").is_none(),
        "not spent on a redirect"
    );
    for (method, path) in [
        (Method::GET, "/favicon.svg"),
        (Method::GET, "/nowhere"),
        (Method::HEAD, "/login"),
    ] {
        let request = browser
            .request(method.clone(), path)
            .body(Body::empty())
            .unwrap();
        assert!(
            browser
                .send(request)
                .await
                .headers
                .get(header::SET_COOKIE)
                .is_none(),
            "nor on {method} {path}"
        );
    }
    assert!(
        browser
            .get("/login")
            .await
            .body
            .contains("do not fit together")
    );
}
