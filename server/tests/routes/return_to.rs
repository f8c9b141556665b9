//! Where users are sent.

mod long;

use crate::harness::{HOST, Service, TestApp};
use axum::{
    body::Body,
    http::{Method, header},
};
use latchkey_domain::identity::user::Role;
use latchkey_engine::NewService;
use sea_orm::ConnectionTrait;
use time::Duration;

#[tokio::test]
async fn r3_r16_must_survive_24_login_redirects_home_or_to_a_known_service() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    test.service(
        "photos",
        NewService {
            hosts: "photos.example.com".to_owned(),
            ..NewService::default()
        },
    )
    .await;
    for (return_to, expected) in [
        ("", "/"),
        ("/devices?x=1", "/devices?x=1"),
        (
            "https://photos.example.com/album",
            "https://photos.example.com/album",
        ),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://photos.example.com@evil.example", "/"),
        ("https://photos.example.com.evil.example", "/"),
        ("https://evil.example#photos.example.com", "/"),
        ("https:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("data:text/html,x", "/"),
        ("/\r\nSet-Cookie: x=y", "/"),
        ("https://user:pw@photos.example.com", "/"),
    ] {
        test.wait(Duration::seconds(30));
        let code = ada.code(test.now());
        let response = test
            .anon()
            .post(
                "/actions/device/register",
                &[
                    ("email", &ada.email),
                    ("code", &code),
                    ("return_to", return_to),
                ],
            )
            .await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (303, expected),
            "{return_to:?}"
        );
        assert!(response.set_cookie("x").is_none());
    }
}

#[tokio::test]
async fn r3_a_foreign_referrer_is_not_a_redirect_target() {
    let test = TestApp::open().await;
    for (referrer, expected) in [
        (
            format!("http://{HOST}/login?return_to=%2Fdevices"),
            "/login?return_to=%2Fdevices",
        ),
        ("https://evil.example/login".to_owned(), "/login"),
        (format!("http://{HOST}//evil.example"), "/login"),
        (format!("http://{HOST}/\\evil.example"), "/login"),
        (format!("http://{HOST}@evil.example/"), "/login"),
        ("javascript:alert(1)".to_owned(), "/login"),
        ("garbage".to_owned(), "/login"),
    ] {
        let mut browser = test.anon();
        let request = browser
            .of_our_page("/actions/device/register")
            .header(header::REFERER, &referrer)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!(
                "email=nobody-{}%40example.com&code=000000",
                referrer.len()
            )))
            .unwrap();
        let response = browser.send(request).await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (303, expected),
            "{referrer}"
        );
    }
}

#[tokio::test]
async fn login_redirects_back_to_the_requested_page() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let request = browser
        .request(Method::GET, "/devices?q=a&b=https://evil.example")
        .body(Body::empty())
        .unwrap();
    let response = browser.send(request).await;
    let location = response.location().to_owned();
    let query = location.strip_prefix("/login?").unwrap();
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    assert_eq!(
        pairs,
        [(
            "return_to".into(),
            "/devices?q=a&b=https://evil.example".into()
        )],
        "one parameter, whatever was asked"
    );
}

#[tokio::test]
async fn a_user_whom_an_application_wants_to_confirm_is_asked_although_they_are_signed_in() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.with_passkey(&ada).await;
    assert_eq!(browser.get("/login").await.location(), "/");
    let page = browser.get("/login?step_up=1").await;
    assert_eq!(page.status, 200);
    let reason = "This service requires you to use your passkey again.";
    assert!(page.body.contains(reason), "{}", page.body);
}

async fn photos(test: &TestApp) -> Service<'_> {
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        ..NewService::default()
    };
    test.service("photos", new).await
}

#[tokio::test]
async fn field_4_a_signed_in_user_is_redirected_at_once() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    for (request, next) in [
        ("/login", "/"),
        ("/login?return_to=%2Fdevices%3Fq%3D1", "/devices?q=1"),
        ("/login?return_to=%2Fnowhere", "/nowhere"),
        ("/login?return_to=%2F%2Fevil.example", "/"),
        // Administration is refused there, in words.
        ("/login?return_to=%2Fadmin", "/admin"),
    ] {
        let response = laptop.get(request).await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (303, next),
            "{request}"
        );
    }
    let request = laptop
        .request(Method::HEAD, "/login")
        .body(Body::empty())
        .unwrap();
    // The request of another tab when it comes to the front.
    assert_eq!(laptop.send(request).await.status, 303);
    test.wait(Duration::hours(25));
    for request in ["/login", "/login?return_to=%2Fdevices"] {
        assert_eq!(laptop.get(request).await.status, 200, "{request}");
    }
    assert_eq!(test.anon().get("/login").await.status, 200);
}

#[tokio::test]
async fn field_4_a_second_tab_continues_after_the_first_has_used_the_code() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.anon();
    let code = ada.code(test.now());
    let fields = [
        ("email", "ada@example.com"),
        ("code", &code),
        ("return_to", "/devices"),
    ];
    for tab in ["first", "second"] {
        let response = laptop.post("/actions/device/register", &fields).await;
        assert_eq!(response.location(), "/devices", "{tab}");
    }
    // In another browser it is a used code.
    let mut other = test.anon();
    let response = other.post("/actions/device/register", &fields).await;
    assert_eq!(response.location(), "/login");
    assert!(other.device_cookie().is_none());
}
