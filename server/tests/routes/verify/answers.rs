//! The table: each situation and its answer.

use super::{ask, assert_unknown, auth, strict};
use crate::harness::{HOST, TestApp};
use axum::http::Method;
use latchkey_domain::{
    access::access_grant::{Scope, Scopes},
    access::permission::Administrator,
    identity::user::Role,
};
use latchkey_engine::{NewService, RequestOrigin};
use serde_json::json;
use time::Duration;

#[tokio::test]
async fn a_registered_device_with_a_grant_gets_200_with_what_its_scopes_allow() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house
        .grant(
            &ada,
            "photos",
            [Scope::Username, Scope::Email].into_iter().collect(),
        )
        .await;
    let laptop = house.signed_in(&ada).await;

    let answer = photos.verify(&laptop).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let mut body = answer.json();
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
            "auth": {"time": house.now().unix_timestamp(), "methods": ["otp"]},
        })
    );
}

#[tokio::test]
async fn without_scopes_the_body_has_only_the_subject_of_the_service() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    let mut subjects = Vec::new();
    for name in ["photos", "wiki"] {
        let service = house.service(name, NewService::default()).await;
        house.grant(&ada, name, Scopes::NONE).await;
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
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    let photos = house.service("photos", NewService::default()).await;
    let wiki = house.service("wiki", NewService::default()).await;
    let bank = house.service("bank", strict()).await;
    house.grant(&ada, "bank", Scopes::NONE).await;

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

    let answer = ask(&wiki, "/verify/photos", &auth(&wiki, &laptop)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (404, "Service Not Found!"),
        "the token of another service"
    );
    let answer = ask(&wiki, "/verify/nowhere", &auth(&wiki, &laptop)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (404, "Service Not Found!"),
        "no such service"
    );
    let answer = photos.verify(&laptop).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (401, "User does not have access to this service"),
        "no grant"
    );
    let answer = bank.verify(&laptop).await;
    assert_eq!(answer.status, 401, "a passkey is wanted");
    assert_eq!(
        answer.json(),
        json!({"error": "step_up_required", "url": format!("http://{HOST}/login?step_up=1")})
    );
}

#[tokio::test]
async fn head_answers_like_get_and_other_methods_are_not_found() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = house.signed_in(&ada).await;
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
    let house = TestApp::open().await;
    let (operator, nobody) = (Administrator::Operator, RequestOrigin::default());
    let photos = house.service("photos", NewService::default()).await;
    for ending in [
        "revoke",
        "disable",
        "delete",
        "remove grant",
        "sign out",
        "expire",
    ] {
        let ada = house
            .person(
                &format!("{}@example.com", ending.replace(' ', "-")),
                Role::User,
            )
            .await;
        house.grant(&ada, "photos", Scopes::NONE).await;
        let mut laptop = house.signed_in(&ada).await;
        assert_eq!(photos.verify(&laptop).await.status, 200, "{ending}: before");
        let cookie = laptop.device_cookie().unwrap().to_owned();
        let device = house.devices_of(ada.id).await[0].id;
        match ending {
            "revoke" => house
                .engine
                .revoke_device(&operator, device, &[], &nobody)
                .await
                .map(drop)
                .unwrap(),
            "disable" => house
                .engine
                .disable_user(&operator, ada.id, &nobody)
                .await
                .unwrap(),
            "delete" => house
                .engine
                .delete_user(&operator, ada.id, &nobody)
                .await
                .unwrap(),
            "remove grant" => house
                .engine
                .remove_grant(&operator, &ada.email, "photos", &nobody)
                .await
                .unwrap(),
            "sign out" => assert_eq!(laptop.post("/api/session/sign-out", &[]).await.status, 303),
            _ => house.wait(Duration::days(91)),
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
    let house = TestApp::open().await;
    let root = house.person("root@example.com", Role::Admin).await;
    let photos = house.service("photos", NewService::default()).await;
    let laptop = house.signed_in(&root).await;
    let first = photos.verify(&laptop).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json()["role"], "admin");
    assert_eq!(photos.verify(&laptop).await.json(), first.json());
}
