//! The right code.

use super::{add, add_form, form};
use crate::harness::TestApp;
use axum::{
    body::Body,
    http::{Method, header},
};
use latchkey_domain::{access::permission::Administrator, identity::user::Role};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_correct_code_registers_a_device_and_sets_its_cookie() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut script = house.anon();
    let answer = add_form(
        &mut script,
        &[
            ("email", "ada@example.com"),
            ("code", &ada.code(house.now())),
            ("device_name", "Backup script"),
        ],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let devices = house.devices_of(ada.id).await;
    assert_eq!(
        answer.json(),
        json!({"status": "registered", "device_id": devices[0].id.to_string()})
    );
    assert_eq!(devices[0].name.as_str(), "Backup script");
    let cookie = answer.set_cookie("__Host-latchkey").unwrap();
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
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let body = json!({"email": "ada@example.com", "code": ada.code(house.now())}).to_string();
    assert_eq!(
        add(&mut house.anon(), "application/json", &body)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn r39_stale_and_malformed_cookies_lock_no_user_out() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    let device = house.devices_of(ada.id).await[0].id;
    house
        .engine
        .revoke_device(
            &Administrator::Operator,
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
        house.wait(Duration::seconds(30));
        let mut browser = stale;
        let code = ada.code(house.now());
        assert_eq!(
            browser.get("/login").await.status,
            200,
            "the sign-in page opens"
        );
        let answer = add_form(
            &mut browser,
            &[("email", "ada@example.com"), ("code", &code)],
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(
            browser.get("/").await.status,
            200,
            "and the new device is signed in"
        );
    }
}

#[tokio::test]
async fn must_survive_1_one_code_in_fifty_parallel_requests_is_accepted_once() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let code = ada.code(house.now());
    let body = form(&[("email", "ada@example.com"), ("code", &code)]);
    let answers: Vec<u16> = {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let request = house
                .anon()
                .request(Method::POST, "/device/add")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(body.clone()))
                .unwrap();
            let router = house.public.clone();
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
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers
            .iter()
            // On a slow machine some would wait too long for those before them.
            .all(|status| matches!(status, 200 | 401 | 429 | 503)),
        "{answers:?}"
    );
    assert_eq!(house.devices_of(ada.id).await.len(), 1);
}
