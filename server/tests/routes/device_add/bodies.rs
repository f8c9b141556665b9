//! Names that are too long, and bodies that are not forms.

use super::{add, add_form};
use crate::harness::{HOST, TestApp};
use axum::{
    body::Body,
    http::{Request, header},
};
use latchkey_domain::identity::user::Role;

#[tokio::test]
async fn r40_a_long_device_name_is_rejected_with_a_message_and_the_code_stays_valid() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let code = ada.code(test.now());
    for name in [
        "x".repeat(65),
        "x".repeat(7_000),
        "a\u{0}b".to_owned(),
        "a\nb".to_owned(),
        "\u{202e}".to_owned(),
    ] {
        let response = add_form(
            &mut test.anon(),
            &[
                ("email", "ada@example.com"),
                ("code", &code),
                ("device_name", &name),
            ],
        )
        .await;
        assert_eq!(response.status, 400, "{}", response.body);
        let body = response.json();
        assert_eq!(
            (body["error"].as_str(), body["field"].as_str()),
            (Some("bad_input"), Some("device_name"))
        );
    }
    let response = add_form(
        &mut test.anon(),
        &[
            ("email", "ada@example.com"),
            ("code", &code),
            ("device_name", &"🔑".repeat(64)),
        ],
    )
    .await;
    assert_eq!(response.status, 200, "{}", response.body);
}

#[tokio::test]
async fn r40_a_long_name_does_not_reveal_whether_a_user_exists() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let name = "x".repeat(65);
    let known = add_form(
        &mut test.anon(),
        &[
            ("email", "ada@example.com"),
            ("code", &ada.code(test.now())),
            ("device_name", &name),
        ],
    )
    .await;
    let unknown = add_form(
        &mut test.anon(),
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
async fn no_request_body_is_a_server_error() {
    let test = TestApp::open().await;
    for (content_type, body, expected) in [
        ("application/json", "{", 400),
        ("application/json", "", 400),
        ("application/json", "[1]", 400),
        (
            "application/json",
            r#"{"email":{"$gt":""},"code":{"$gt":""}}"#,
            401,
        ),
        ("application/json", &"[".repeat(8_000), 400),
        ("application/json", &"x".repeat(9_000), 413),
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
        let response = add(&mut test.anon(), content_type, body).await;
        assert_eq!(
            response.status, expected,
            "{content_type} {body:.40}: {}",
            response.body
        );
        assert!(response.set_cookie("__Host-latchkey").is_none());
    }
    let request = Request::post("/device/add")
        .header(header::HOST, HOST)
        .body(Body::from("email=x"))
        .unwrap();
    assert_eq!(
        test.anon().send(request).await.status,
        415,
        "no content type at all"
    );
}
