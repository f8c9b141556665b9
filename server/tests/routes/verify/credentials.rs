//! Cookies and tokens that are not what they should be.

use super::{assert_unknown, auth};
use crate::harness::TestApp;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use latchkey_engine::NewService;

#[tokio::test]
async fn r36_a_non_hexadecimal_secret_gets_the_response_of_an_unknown_device() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
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
async fn r37_basic_authentication_does_not_reveal_whether_a_service_exists() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    let laptop = test.signed_in(&ada).await;
    let cookie = format!("__Host-latchkey={}", laptop.device_cookie().unwrap());
    let mut seen = Vec::new();
    for service in ["photos", "nowhere"] {
        for token in ["Basic cGhvdG9zOng=", "Bearer", "Bearer x", "Digest x", ""] {
            let response = photos
                .ask(
                    &format!("/verify/{service}"),
                    &[("authorization", token), ("cookie", &cookie)],
                )
                .await;
            assert_unknown(&response, token);
            seen.push(response.fingerprint());
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "all the same");
}

#[tokio::test]
async fn r27_a_cookie_cannot_be_computed_from_an_id() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
    let device = test.devices_of(ada.id).await[0].id;
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
async fn must_survive_16_a_cookie_with_any_changed_character_is_refused() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
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
async fn r20_must_survive_20_header_aliases_and_duplicates_are_refused() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
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
    let ask_also = async |name, value| {
        let headers = [
            ("authorization", token.as_str()),
            ("cookie", &cookie),
            (name, value),
        ];
        photos.ask("/verify/photos", &headers).await
    };
    for (name, value) in [
        ("authorization", "Basic cGhvdG9zOng="),
        ("authorization", &token),
        ("cookie", &cookie),
    ] {
        let doubled = ask_also(name, value).await;
        assert_unknown(&doubled, &format!("{name} twice"));
    }
    for (name, value) in [
        ("connection", "cookie, authorization"),
        ("connection", "close"),
        ("x-forwarded-user", "root@example.com"),
        ("x-forwarded-uri", "/verify/wiki"),
        ("user-agent", "kube-probe/1.30"),
    ] {
        let response = ask_also(name, value).await;
        assert_eq!(response.status, 200, "{name} changes nothing");
        let response = photos
            .ask("/verify/photos", &[("cookie", &cookie), (name, value)])
            .await;
        assert_unknown(&response, name);
    }
}
