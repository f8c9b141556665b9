//! Wrong codes, wrong addresses, wrong sites.

use super::{add_form, form};
use crate::harness::TestApp;
use axum::{
    body::Body,
    http::{Method, header},
};
use latchkey_domain::{access::permission::Operator, identity::user::Role};

#[tokio::test]
async fn every_wrong_email_or_code_gets_the_same_response() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let eve = test.user("eve@example.com", Role::Member).await;
    test.engine
        .disable_user(
            &Operator,
            eve.id,
            &latchkey_engine::RequestOrigin::default(),
        )
        .await
        .unwrap();
    let (right, eves) = (ada.code(test.now()), eve.code(test.now()));
    let mut seen = Vec::new();
    for fields in [
        &[("email", "ada@example.com"), ("code", "000000")][..],
        &[("email", "nobody@example.com"), ("code", &right)],
        &[("email", "eve@example.com"), ("code", &eves)],
        &[("email", "not an address"), ("code", &right)],
        &[("email", "ada@example.com")],
        &[("code", &right)],
        &[],
        &[("email", ""), ("code", "")],
        &[
            ("email", "ada@example.com"),
            ("email", "ada@example.com"),
            ("code", &right),
        ],
        &[("email", "ada@example.com\u{0}"), ("code", &right)],
        &[("email", "nobody2@example.com"), ("code", "١٢٣٤٥٦")],
    ] {
        let response = add_form(&mut test.anon(), fields).await;
        assert_eq!(
            (response.status.as_u16(), response.body.as_str()),
            (401, r#"{"error":"invalid_credentials"}"#),
            "{fields:?}"
        );
        seen.push(response.fingerprint());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "status, headers and body are the same");
}

#[tokio::test]
async fn r29_a_used_code_with_spaces_is_rejected() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let code = ada.code(test.now());
    assert_eq!(
        add_form(
            &mut test.anon(),
            &[("email", "ada@example.com"), ("code", &code)]
        )
        .await
        .status,
        200
    );
    for again in [
        code.clone(),
        format!(" {code}"),
        format!("{code} "),
        format!("{} {}", &code[..3], &code[3..]),
        format!("{code}\n"),
        format!("+{code}"),
    ] {
        assert_eq!(
            add_form(
                &mut test.anon(),
                &[("email", "ada@example.com"), ("code", &again)]
            )
            .await
            .status
            .as_u16()
                / 100,
            4,
            "{again:?}"
        );
    }
}

#[tokio::test]
async fn r2_r29_an_email_alias_gives_no_further_guesses() {
    let test = TestApp::open().await;
    test.user("ada@example.com", Role::Member).await;
    let aliases = [
        "ada@example.com",
        "ADA@example.com",
        " ada@example.com",
        "Ada@Example.Com",
        "ada@EXAMPLE.com",
        "aDa@example.com ",
    ];
    let mut throttled = None;
    for (guess, alias) in aliases.iter().cycle().take(30).enumerate() {
        let response = add_form(&mut test.anon(), &[("email", alias), ("code", "000000")]).await;
        if response.status == 429 {
            assert_eq!(response.body, r#"{"error":"throttled"}"#);
            assert!(
                response
                    .header("retry-after")
                    .unwrap()
                    .parse::<u64>()
                    .unwrap()
                    >= 1
            );
            throttled = Some(guess);
            break;
        }
        assert_eq!(response.status, 401);
    }
    assert!(
        throttled.is_some_and(|guess| (4..=6).contains(&guess)),
        "throttled after {throttled:?}"
    );
}

#[tokio::test]
async fn must_survive_14_another_site_cannot_register_a_device() {
    let test = TestApp::open().await;
    let eve = test.user("eve@example.com", Role::Member).await;
    let code = eve.code(test.now());
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mut victim = test.anon();
        let request = victim
            .request(Method::POST, "/device/add")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(&[
                ("email", "eve@example.com"),
                ("code", &code),
            ])))
            .unwrap();
        let response = victim.send(request).await;
        assert_eq!(response.status, 403, "{name}: {value}");
        assert!(victim.device_cookie().is_none());
    }
    assert_eq!(test.anon().get("/device/add").await.status, 405);
}
