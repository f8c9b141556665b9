//! The right code.

use super::{add, add_form, form};
use crate::harness::TestApp;
use axum::{
    body::Body,
    http::{Method, header},
};
use latchkey_domain::{access::permission::Operator, identity::user::Role};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_correct_code_registers_a_device_and_sets_its_cookie() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut script = test.anon();
    let response = add_form(
        &mut script,
        &[
            ("email", "ada@example.com"),
            ("code", &ada.code(test.now())),
            ("device_name", "Backup script"),
        ],
    )
    .await;
    assert_eq!(response.status, 200, "{}", response.body);
    let devices = test.devices_of(ada.id).await;
    assert_eq!(
        response.json(),
        json!({"status": "registered", "device_id": devices[0].id.to_string()})
    );
    assert_eq!(devices[0].name.as_str(), "Backup script");
    let cookie = response.set_cookie("__Host-latchkey").unwrap();
    for attribute in [
        "; Secure",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Path=/",
        "; Max-Age=7776000",
    ] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(script.device_cookie().unwrap().len() < 256);
    assert_eq!(script.get("/").await.status, 200);
}

#[tokio::test]
async fn json_is_accepted() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let body = json!({"email": "ada@example.com", "code": ada.code(test.now())}).to_string();
    assert_eq!(
        add(&mut test.anon(), "application/json", &body)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn r39_stale_and_malformed_cookies_lock_no_user_out() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id;
    test.engine
        .revoke_device(
            &Operator,
            device,
            &[],
            &latchkey_engine::RequestOrigin::default(),
        )
        .await
        .unwrap();
    for stale in [
        laptop.clone(),
        laptop.with("__Host-latchkey", "garbage"),
        laptop.with("__Host-latchkey", ""),
        laptop.with("__Host-latchkey-session", "garbage"),
        laptop.with("__Host-latchkey-enrolment", "garbage"),
        laptop.with("__Host-latchkey-flash", "garbage"),
    ] {
        test.wait(Duration::seconds(30));
        let mut browser = stale;
        let code = ada.code(test.now());
        assert_eq!(
            browser.get("/login").await.status,
            200,
            "the sign-in page opens"
        );
        let response = add_form(
            &mut browser,
            &[("email", "ada@example.com"), ("code", &code)],
        )
        .await;
        assert_eq!(response.status, 200, "{}", response.body);
        assert_eq!(
            browser.get("/").await.status,
            200,
            "and the new device is signed in"
        );
    }
}

#[tokio::test]
async fn must_survive_1_one_code_in_fifty_parallel_requests_is_accepted_once() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let code = ada.code(test.now());
    let body = form(&[("email", "ada@example.com"), ("code", &code)]);
    let responses: Vec<u16> = {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let request = test
                .anon()
                .request(Method::POST, "/device/add")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body.clone()))
                .unwrap();
            let router = test.public.clone();
            running.spawn(async move {
                tower::ServiceExt::oneshot(router, request)
                    .await
                    .unwrap()
                    .status()
                    .as_u16()
            });
        }
        running.join_all().await
    };
    assert_eq!(
        responses.iter().filter(|status| **status == 200).count(),
        1,
        "{responses:?}"
    );
    assert!(
        responses
            .iter()
            // On a slow machine some would wait too long for those before them.
            .all(|status| matches!(status, 200 | 401 | 429 | 503)),
        "{responses:?}"
    );
    assert_eq!(test.devices_of(ada.id).await.len(), 1);
}
