//! `POST /device/add`

use crate::harness::{Answer, Browser, HOST, House};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use latchkey_domain::{access::Administrator, user::Role};
use serde_json::json;
use time::Duration;

/// As curl sends it: no `Origin`, no `Sec-Fetch-Site`, no wish for HTML.
async fn add(browser: &mut Browser<'_>, content_type: &str, body: &str) -> Answer {
    let mut request = browser
        .request(Method::POST, "/device/add")
        .header(header::CONTENT_TYPE, content_type)
        .body(Body::from(body.to_owned()))
        .unwrap();
    request.headers_mut().remove(header::ACCEPT);
    browser.send(request).await
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

async fn add_form(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Answer {
    add(browser, "application/x-www-form-urlencoded", &form(fields)).await
}

#[tokio::test]
async fn the_right_code_registers_a_device_and_sets_its_cookie() {
    let house = House::open().await;
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
    let devices = house
        .engine
        .devices_of(&Administrator::Operator, ada.id)
        .await
        .unwrap();
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
async fn json_is_taken_too() {
    let house = House::open().await;
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
async fn whatever_is_wrong_with_email_and_code_the_answer_is_the_same() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let eve = house.person("eve@example.com", Role::User).await;
    house
        .engine
        .disable_user(
            &Administrator::Operator,
            eve.id,
            &latchkey_engine::Client::default(),
        )
        .await
        .unwrap();
    let (right, eves) = (ada.code(house.now()), eve.code(house.now()));
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
        let answer = add_form(&mut house.anon(), fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body.as_str()),
            (401, r#"{"error":"invalid_credentials"}"#),
            "{fields:?}"
        );
        seen.push(answer.fingerprint());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "status, headers and body are the same");
}

#[tokio::test]
async fn r29_totp_with_spaces_is_not_a_second_chance() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let code = ada.code(house.now());
    assert_eq!(
        add_form(
            &mut house.anon(),
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
                &mut house.anon(),
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
async fn r2_r29_an_alias_of_the_address_gives_no_further_guesses() {
    let house = House::open().await;
    house.person("ada@example.com", Role::User).await;
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
        let answer = add_form(&mut house.anon(), &[("email", alias), ("code", "000000")]).await;
        if answer.status == 429 {
            assert_eq!(answer.body, r#"{"error":"throttled"}"#);
            assert!(
                answer
                    .header("retry-after")
                    .unwrap()
                    .parse::<u64>()
                    .unwrap()
                    >= 1
            );
            throttled = Some(guess);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    assert!(
        throttled.is_some_and(|guess| (4..=6).contains(&guess)),
        "throttled after {throttled:?}"
    );
}

#[tokio::test]
async fn r39_stale_and_garbage_cookies_lock_nobody_out() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let laptop = house.signed_in(&ada).await;
    let device = house
        .engine
        .devices_of(&Administrator::Operator, ada.id)
        .await
        .unwrap()[0]
        .id;
    house
        .engine
        .revoke_device(
            &Administrator::Operator,
            device,
            &latchkey_engine::Client::default(),
        )
        .await
        .unwrap();
    for stale in [
        laptop.clone(),
        laptop.with("__Host-latchkey", "garbage"),
        laptop.with("__Host-latchkey", ""),
        laptop.with("__Host-latchkey-session", "garbage"),
        laptop.with("__Host-latchkey-ceremony", "garbage"),
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
async fn r40_a_long_device_name_is_refused_with_words_and_the_code_stays_good() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let code = ada.code(house.now());
    for name in [
        "x".repeat(65),
        "x".repeat(10_000),
        "a\u{0}b".to_owned(),
        "a\nb".to_owned(),
        "\u{202e}".to_owned(),
    ] {
        let answer = add_form(
            &mut house.anon(),
            &[
                ("email", "ada@example.com"),
                ("code", &code),
                ("device_name", &name),
            ],
        )
        .await;
        assert_eq!(answer.status, 400, "{}", answer.body);
        let body = answer.json();
        assert_eq!(
            (body["error"].as_str(), body["field"].as_str()),
            (Some("bad_input"), Some("device_name"))
        );
    }
    let answer = add_form(
        &mut house.anon(),
        &[
            ("email", "ada@example.com"),
            ("code", &code),
            ("device_name", &"🔑".repeat(64)),
        ],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test]
async fn r40_a_long_name_tells_nothing_about_the_account() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let name = "x".repeat(65);
    let known = add_form(
        &mut house.anon(),
        &[
            ("email", "ada@example.com"),
            ("code", &ada.code(house.now())),
            ("device_name", &name),
        ],
    )
    .await;
    let unknown = add_form(
        &mut house.anon(),
        &[
            ("email", "nobody@example.com"),
            ("code", "000000"),
            ("device_name", &name),
        ],
    )
    .await;
    assert_eq!(known.fingerprint(), unknown.fingerprint());
}

#[tokio::test]
async fn no_body_is_an_error_of_ours() {
    let house = House::open().await;
    for (content_type, body, expected) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "[1]", 400),
        (
            "application/json",
            r#"{"email":{"$gt":""},"code":{"$gt":""}}"#,
            401,
        ),
        ("application/json", &"[".repeat(60_000), 400),
        ("application/json", &"x".repeat(70_000), 413),
        ("text/plain", "email=ada", 415),
        ("multipart/form-data; boundary=x", "--x--", 415),
        ("", "", 415),
        ("application/x-www-form-urlencoded", "%ff%fe=%zz&&&===", 401),
        (
            "application/x-www-form-urlencoded; charset=utf-16",
            "email=x",
            401,
        ),
    ] {
        let answer = add(&mut house.anon(), content_type, body).await;
        assert_eq!(
            answer.status, expected,
            "{content_type} {body:.40}: {}",
            answer.body
        );
        assert!(answer.set_cookie("__Host-latchkey").is_none());
    }
    let request = Request::post("/device/add")
        .header(header::HOST, HOST)
        .body(Body::from("email=x"))
        .unwrap();
    assert_eq!(
        house.anon().send(request).await.status,
        415,
        "no content type at all"
    );
}

#[tokio::test]
async fn must_survive_14_another_site_cannot_register_its_own_device_here() {
    let house = House::open().await;
    let eve = house.person("eve@example.com", Role::User).await;
    let code = eve.code(house.now());
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let mut victim = house.anon();
        let request = victim
            .request(Method::POST, "/device/add")
            .header(name, value)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form(&[
                ("email", "eve@example.com"),
                ("code", &code),
            ])))
            .unwrap();
        let answer = victim.send(request).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert!(victim.device_cookie().is_none());
    }
    assert_eq!(house.anon().get("/device/add").await.status, 405);
}

#[tokio::test]
async fn must_survive_1_one_code_in_fifty_hands_opens_once() {
    let house = House::open().await;
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
            .all(|status| matches!(status, 200 | 401 | 429)),
        "{answers:?}"
    );
    assert_eq!(
        house
            .engine
            .devices_of(&Administrator::Operator, ada.id)
            .await
            .unwrap()
            .len(),
        1
    );
}
