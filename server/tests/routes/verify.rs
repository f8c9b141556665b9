//! `GET /verify/{service}`

use crate::harness::{Answer, Browser, HOST, House, Service};
use axum::http::Method;
use latchkey_domain::{
    access::Administrator,
    grant::{Scope, Scopes},
    service::{Policy, Requirement},
    user::Role,
};
use latchkey_engine::{Client, NewService};
use serde_json::json;
use time::Duration;

fn assert_unknown(answer: &Answer, what: &str) {
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_str()),
        (404, ""),
        "{what}"
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    assert_eq!(answer.header("set-cookie"), None, "{what}");
}

fn auth<'a>(service: &Service<'_>, browser: &Browser<'_>) -> [(&'a str, String); 2] {
    [
        ("authorization", format!("Bearer {}", service.token)),
        (
            "cookie",
            format!("__Host-latchkey={}", browser.device_cookie().unwrap()),
        ),
    ]
}

async fn ask(service: &Service<'_>, path: &str, headers: &[(&str, String)]) -> Answer {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    service.ask(path, &headers).await
}

#[tokio::test]
async fn a_registered_device_with_a_grant_comes_in_and_the_service_learns_what_its_scopes_allow() {
    let house = House::open().await;
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
async fn without_scopes_a_service_learns_a_subject_of_its_own_and_nothing_else() {
    let house = House::open().await;
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
async fn the_table_of_refusals() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    let photos = house.service("photos", NewService::default()).await;
    let wiki = house.service("wiki", NewService::default()).await;
    let strict = Policy {
        requirement: Requirement::Passkey {
            max_age_seconds: 600,
        },
        ..Policy::default()
    };
    let bank = house
        .service(
            "bank",
            NewService {
                hosts: String::new(),
                policy: strict,
            },
        )
        .await;
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
async fn head_answers_as_get_without_the_body_and_other_methods_learn_nothing() {
    let house = House::open().await;
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
async fn must_survive_17_what_ended_is_refused_with_the_next_request() {
    let house = House::open().await;
    let (operator, nobody) = (Administrator::Operator, Client::default());
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
        let device = house.engine.devices_of(&operator, ada.id).await.unwrap()[0].id;
        match ending {
            "revoke" => house
                .engine
                .revoke_device(&operator, device, &nobody)
                .await
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
async fn r35_the_first_access_of_an_administrator_is_no_error() {
    let house = House::open().await;
    let root = house.person("root@example.com", Role::Admin).await;
    let photos = house.service("photos", NewService::default()).await;
    let laptop = house.signed_in(&root).await;
    let first = photos.verify(&laptop).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json()["role"], "admin");
    assert_eq!(photos.verify(&laptop).await.json(), first.json());
}

#[tokio::test]
async fn r36_a_non_hex_secret_answers_like_an_unknown_device() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = house.signed_in(&ada).await;
    let known = laptop.device_cookie().unwrap();
    let unknown = photos
        .verify_cookie(&"A".repeat(known.len()))
        .await
        .fingerprint();
    for wrong in [
        "",
        "x",
        "zz..zz",
        "%00",
        "\"",
        "{}",
        "null",
        &known[1..],
        &format!("{known}x"),
        &known.replace(|c: char| c.is_ascii_lowercase(), "!"),
        &"9".repeat(100_000),
    ] {
        assert_eq!(
            photos.verify_cookie(wrong).await.fingerprint(),
            unknown,
            "{wrong:.80}"
        );
    }
}

#[tokio::test]
async fn r37_basic_authentication_does_not_tell_whether_a_service_exists() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    let laptop = house.signed_in(&ada).await;
    let cookie = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let mut seen = Vec::new();
    for service in ["photos", "nowhere"] {
        for token in ["Basic cGhvdG9zOng=", "Bearer", "Bearer x", "Digest x", ""] {
            let answer = photos
                .ask(
                    &format!("/verify/{service}"),
                    &[("authorization", token), ("cookie", &cookie)],
                )
                .await;
            assert_unknown(&answer, token);
            seen.push(answer.fingerprint());
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all the same");
}

#[tokio::test]
async fn r27_a_cookie_cannot_be_computed_from_an_id() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = house.signed_in(&ada).await;
    let device = house
        .engine
        .devices_of(&Administrator::Operator, ada.id)
        .await
        .unwrap()[0]
        .id;
    for guess in [
        device.to_string(),
        device.uuid().simple().to_string(),
        format!("1.{device}.0.0"),
        format!("{device}:{device}"),
        laptop.device_cookie().unwrap()[..40].to_owned(),
    ] {
        assert_unknown(&photos.verify_cookie(&guess).await, &guess);
    }
}

#[tokio::test]
async fn must_survive_16_a_cookie_with_any_character_changed_opens_nothing() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = house.signed_in(&ada).await;
    let genuine = laptop.device_cookie().unwrap().to_owned();
    assert_eq!(photos.verify_cookie(&genuine).await.status, 200);
    for place in 0..genuine.len() {
        let mut bytes = genuine.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert_unknown(
            &photos.verify_cookie(&changed).await,
            &format!("character {place}"),
        );
    }
}

#[tokio::test]
async fn r20_must_survive_20_aliases_and_duplicates_of_headers_are_no_identity() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = house.signed_in(&ada).await;
    let [(_, token), (_, cookie)] = auth(&photos, &laptop);

    for alias in [
        "authorization_",
        "x-authorization",
        "proxy-authorization",
        "x_authorization",
        "authorization.",
        "x-forwarded-authorization",
        "x-service-token",
    ] {
        assert_unknown(
            &photos
                .ask("/verify/photos", &[(alias, &token), ("cookie", &cookie)])
                .await,
            alias,
        );
    }
    for alias in [
        "cookie_",
        "cookie2",
        "x-cookie",
        "cookie.",
        "set-cookie",
        "x-latchkey-device",
        "remote-user",
        "x-forwarded-user",
        "x-auth-request-email",
    ] {
        assert_unknown(
            &photos
                .ask(
                    "/verify/photos",
                    &[("authorization", &token), (alias, &cookie)],
                )
                .await,
            alias,
        );
    }
    for (name, value) in [
        ("authorization", "Basic cGhvdG9zOng="),
        ("authorization", &token),
        ("cookie", &cookie),
    ] {
        let doubled = photos
            .ask(
                "/verify/photos",
                &[
                    ("authorization", &token),
                    ("cookie", &cookie),
                    (name, value),
                ],
            )
            .await;
        assert_unknown(&doubled, &format!("{name} twice"));
    }
    for (name, value) in [
        ("connection", "cookie, authorization"),
        ("connection", "close"),
        ("x-forwarded-user", "root@example.com"),
        ("x-forwarded-uri", "/verify/wiki"),
        ("user-agent", "kube-probe/1.30"),
    ] {
        let answer = photos
            .ask(
                "/verify/photos",
                &[
                    ("authorization", &token),
                    ("cookie", &cookie),
                    (name, value),
                ],
            )
            .await;
        assert_eq!(answer.status, 200, "{name} changes nothing");
        let answer = photos
            .ask("/verify/photos", &[("cookie", &cookie), (name, value)])
            .await;
        assert_unknown(&answer, name);
    }
}

#[tokio::test]
async fn r1_must_survive_22_odd_paths_are_refused_and_never_an_error() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let photos = house.service("photos", NewService::default()).await;
    house.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = house.signed_in(&ada).await;
    let headers = auth(&photos, &laptop);
    for path in [
        "/verify",
        "/verify/",
        "/verify//photos",
        "//verify/photos",
        "/verify/photos/",
        "/verify/photos//",
        "/verify/./photos",
        "/verify/../verify/photos",
        "/verify/x/../photos",
        "/verify/%70hotos",
        "/verify/photos%2f",
        "/verify%2fphotos",
        "/verify/%2e%2e/photos",
        "/verify/photos%00",
        "/verify/photos%",
        "/verify/%ff%fe",
        "/verify/photos;x=1",
        "/verify/Photos",
        "/VERIFY/photos",
        "/verify/photos.",
        "/verify/photos%20",
        "/verify/ph%6ftos",
        "/verify/photos/healthz",
        "/verify/healthz",
        "/healthz/../verify/photos",
        "*",
    ] {
        let answer = ask(&photos, path, &headers).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
        assert!(
            matches!(answer.body.as_str(), "" | "Service Not Found!"),
            "{path}: {}",
            answer.body
        );
        assert_unknown(&photos.ask(path, &[]).await, path);
    }
    let answer = ask(&photos, "/verify/photos?service=wiki", &headers).await;
    assert_eq!(answer.status, 200, "a query decides nothing");
}

#[tokio::test]
async fn r2_the_internal_listener_does_not_look_at_the_host() {
    let house = House::open().await;
    let photos = house.service("photos", NewService::default()).await;
    for host in ["localhost:3000", "evil.example", "", "photos"] {
        assert_eq!(
            photos
                .ask("/healthz", &[("x-forwarded-host", host)])
                .await
                .status,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn health_says_alive_and_readiness_waits_for_the_log() {
    let house = House::open().await;
    let photos = house.service("photos", NewService::default()).await;
    let alive = photos.ask("/healthz", &[]).await;
    assert_eq!((alive.status.as_u16(), alive.body.as_str()), (200, "ok\n"));
    assert_eq!(
        photos.ask("/readyz", &[]).await.status,
        503,
        "nobody follows the log yet"
    );
    house.engine.follow_audit_log();
    let ready = async {
        while photos.ask("/readyz", &[]).await.status != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), ready)
        .await
        .unwrap();
}
