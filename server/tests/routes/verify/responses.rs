//! The table: each situation and its answer.

use super::{ask, assert_unknown, auth, strict};
use crate::harness::{HOST, TestApp};
use axum::http::Method;
use latchkey_domain::{
    access::access_grant::{Scope, Scopes},
    access::permission::Operator,
    identity::user::Role,
};
use latchkey_engine::{NewService, RequestOrigin};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_registered_device_with_a_grant_gets_200_with_what_its_scopes_allow() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(
        &ada,
        "photos",
        [Scope::Username, Scope::Email].into_iter().collect(),
    )
    .await;
    let laptop = test.signed_in(&ada).await;

    let response = photos.verify(&laptop).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let mut body = response.json();
    let subject = body["subject"].take();
    assert!(
        subject
            .as_str()
            .is_some_and(|subject| !subject.is_empty() && !subject.contains("ada")),
        "{subject}"
    );
    assert_eq!(
        body,
        json!({
            "subject": null,
            "scopes": ["read:username", "read:email"],
            "username": "ada",
            "email": "ada@example.com",
            "device": {"assurance": "registered"},
            "auth": {"time": test.now().unix_timestamp(), "methods": ["otp"]},
        })
    );
}

#[tokio::test]
async fn without_scopes_the_body_has_only_the_subject_of_the_service() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let mut subjects = Vec::new();
    for name in ["photos", "wiki"] {
        let service = test.service(name, NewService::default()).await;
        test.grant(&ada, name, Scopes::NONE).await;
        let body = service.verify(&laptop).await.json();
        for key in ["username", "email", "role"] {
            assert!(body.get(key).is_none(), "{key}");
        }
        assert_eq!(
            service.verify(&laptop).await.json()["subject"],
            body["subject"],
            "the subject is stable"
        );
        subjects.push(body["subject"].clone());
    }
    assert_ne!(
        subjects[0], subjects[1],
        "two services must not be able to compare notes"
    );
}

#[tokio::test]
async fn refusals_have_the_documented_status_and_body() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let photos = test.service("photos", NewService::default()).await;
    let wiki = test.service("wiki", NewService::default()).await;
    let bank = test.service("bank", strict()).await;
    test.grant(&ada, "bank", Scopes::NONE).await;

    assert_unknown(&photos.verify_cookie("").await, "no device");
    assert_unknown(&photos.ask("/verify/photos", &[]).await, "nothing at all");
    assert_unknown(
        &ask(&photos, "/verify/photos", &auth(&photos, &laptop)[1..]).await,
        "no token",
    );
    assert_unknown(
        &ask(&photos, "/verify/photos", &auth(&photos, &laptop)[..1]).await,
        "no cookie",
    );

    let response = ask(&wiki, "/verify/photos", &auth(&wiki, &laptop)).await;
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (404, "Service Not Found!"),
        "the token of another service"
    );
    let response = ask(&wiki, "/verify/nowhere", &auth(&wiki, &laptop)).await;
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (404, "Service Not Found!"),
        "no such service"
    );
    let response = photos.verify(&laptop).await;
    assert_eq!(
        (response.status.as_u16(), response.body.as_str()),
        (401, "User does not have access to this service"),
        "no grant"
    );
    let response = bank.verify(&laptop).await;
    assert_eq!(response.status, 401, "a passkey is wanted");
    assert_eq!(
        response.json(),
        json!({"error": "step_up_required", "url": format!("http://{HOST}/login?step_up=1")})
    );
}

#[tokio::test]
async fn head_answers_like_get_and_other_methods_are_not_found() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
    let headers = auth(&photos, &laptop);
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();

    let head = photos.send(Method::HEAD, "/verify/photos", &headers).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    let head = photos.send(Method::HEAD, "/verify/photos", &[]).await;
    assert_eq!(head.status, 404);
    for method in [
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
        Method::from_bytes(b"BREW").unwrap(),
    ] {
        assert_unknown(
            &photos
                .send(method.clone(), "/verify/photos", &headers)
                .await,
            method.as_str(),
        );
    }
}

#[tokio::test]
async fn must_survive_17_revocations_count_from_the_next_request() {
    let test = TestApp::open().await;
    let (operator, nobody) = (Operator, RequestOrigin::default());
    let photos = test.service("photos", NewService::default()).await;
    for ending in [
        "revoke",
        "disable",
        "delete",
        "remove grant",
        "sign out",
        "expire",
    ] {
        let ada = test
            .user(
                &format!("{}@example.com", ending.replace(' ', "-")),
                Role::Member,
            )
            .await;
        test.grant(&ada, "photos", Scopes::NONE).await;
        let mut laptop = test.signed_in(&ada).await;
        assert_eq!(photos.verify(&laptop).await.status, 200, "{ending}: before");
        let cookie = laptop.device_cookie().unwrap().to_owned();
        let device = test.devices_of(ada.id).await[0].id;
        match ending {
            "revoke" => test
                .engine
                .revoke_device(&operator, device, &[], &nobody)
                .await
                .map(drop)
                .unwrap(),
            "disable" => test
                .engine
                .disable_user(&operator, ada.id, &nobody)
                .await
                .unwrap(),
            "delete" => test
                .engine
                .delete_user(&operator, ada.id, &nobody)
                .await
                .unwrap(),
            "remove grant" => test
                .engine
                .remove_grant(&operator, &ada.email, "photos", &nobody)
                .await
                .unwrap(),
            "sign out" => assert_eq!(
                laptop.post("/actions/session/sign-out", &[]).await.status,
                303
            ),
            _ => test.wait(Duration::days(91)),
        }
        let expected = if ending == "remove grant" { 401 } else { 404 };
        assert_eq!(
            photos.verify_cookie(&cookie).await.status,
            expected,
            "{ending}: after"
        );
    }
}

#[tokio::test]
async fn r35_the_first_access_of_an_administrator_succeeds() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let photos = test.service("photos", NewService::default()).await;
    let laptop = test.signed_in(&root).await;
    let first = photos.verify(&laptop).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json()["role"], "admin");
    assert_eq!(photos.verify(&laptop).await.json(), first.json());
}
