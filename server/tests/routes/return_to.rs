//! Where people are sent.

use crate::harness::{HOST, House};
use axum::{
    body::Body,
    http::{Method, header},
};
use latchkey_domain::user::Role;
use latchkey_engine::NewService;
use time::Duration;

#[tokio::test]
async fn r3_r16_must_survive_24_signing_in_leads_home_or_to_a_known_service() {
    let house = House::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    house
        .service(
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
        house.wait(Duration::seconds(30));
        let code = ada.code(house.now());
        let answer = house
            .anon()
            .post(
                "/api/device/register",
                &[
                    ("email", &ada.email),
                    ("code", &code),
                    ("return_to", return_to),
                ],
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, expected),
            "{return_to:?}"
        );
        assert!(answer.set_cookie("x").is_none());
    }
}

#[tokio::test]
async fn r3_a_referrer_from_elsewhere_leads_nowhere() {
    let house = House::open().await;
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
        let mut browser = house.anon();
        let request = browser
            .of_our_page("/api/device/register")
            .header(header::REFERER, &referrer)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!(
                "email=nobody-{}%40example.com&code=000000",
                referrer.len()
            )))
            .unwrap();
        let answer = browser.send(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, expected),
            "{referrer}"
        );
    }
}

#[tokio::test]
async fn the_guard_leads_back_to_the_page_that_was_asked_for() {
    let house = House::open().await;
    let mut browser = house.anon();
    let request = browser
        .request(Method::GET, "/devices?q=a&b=https://evil.example")
        .body(Body::empty())
        .unwrap();
    let answer = browser.send(request).await;
    let location = answer.location().to_owned();
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
