//! Where people are sent.

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
async fn r3_r16_must_survive_24_signing_in_leads_home_or_to_a_known_service() {
    let house = TestApp::open().await;
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
    let house = TestApp::open().await;
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
    let house = TestApp::open().await;
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

/// An address of a dashboard with its state in the query.
fn long_target() -> String {
    format!(
        "https://photos.example.com/d/1?from=a&q={}",
        "x".repeat(5000)
    )
}

async fn photos(house: &TestApp) -> Service<'_> {
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        ..NewService::default()
    };
    house.service("photos", new).await
}

/// Where nginx is told to lead somebody who opens this.
async fn led(service: &Service<'_>, target: &str) -> String {
    let authorization = format!("Bearer {}", service.token);
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-original-method", "GET"),
        ("x-original-url", target),
        ("accept", "text/html"),
        ("sec-fetch-mode", "navigate"),
    ];
    let answer = service.send(Method::GET, "/forward-auth", &headers).await;
    let location = answer.header("latchkey-location").unwrap();
    location
        .strip_prefix("http://localhost:3000")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn field_4_a_long_target_waits_on_the_server() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let service = photos(&house).await;
    let target = long_target();
    let way = led(&service, &target).await;
    assert!(way.len() < 200, "{way}");
    assert_eq!(led(&service, &target).await, way, "the same again");
    let mut browser = house.anon();
    let page = browser.get(&way).await;
    assert!(page.body.contains("photos.example.com") && !page.body.contains("xxxxxxxxxx"));
    let (_, return_to) = way.split_once("return_to=").unwrap();
    let return_to = return_to.replace("%3A", ":");
    house.wait(Duration::minutes(20));
    let fields = [
        ("email", "ada@example.com"),
        ("code", &ada.code(house.now())),
        ("return_to", &return_to),
    ];
    let answer = browser.post("/api/device/register", &fields).await;
    let signed_in = answer.location().to_owned();
    // Proxies answer 502 to a `Location` of five kilobytes: the last step is a page, also for who has no access there.
    let mut page = browser.get(&signed_in).await;
    if page.status == 303 {
        page = browser.get(page.location()).await;
    }
    let link = format!("href=\"{}\"", target.replace('&', "&amp;"));
    assert!(page.body.contains(&link), "{} {}", page.status, page.body);
    assert!(page.header("latchkey-continue").is_some());
    for answer in [&answer, &page] {
        let head: usize = answer
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        assert!(head < 3000, "{head}");
    }
    house.wait(Duration::hours(1));
    let page = house.anon().get(&way).await;
    assert!(
        !page.body.contains("photos.example.com"),
        "its hour is over"
    );
}

#[tokio::test]
async fn audit_3_field_4_a_proxy_does_not_wait_for_a_long_target_to_be_kept() {
    let house = TestApp::open().await;
    let service = photos(&house).await;
    let other = house.lock_writes().await;
    let way = led(&service, &long_target()).await;
    assert_eq!(
        way, "/login?return_to=https%3A%2F%2Fphotos.example.com%2Fd%2F1",
        "the page without its query"
    );
    other.execute_unprepared("ROLLBACK").await.unwrap();
    // The statement that was given up finishes first; whoever asks then has their target kept again.
    let mut way = way;
    for _ in 0..60 {
        way = led(&service, &long_target()).await;
        if way.contains("kept%3A") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(way.contains("kept%3A"), "{way}");
}

#[tokio::test]
async fn field_4_a_long_target_in_the_address_of_the_sign_in_page_is_kept_too() {
    let house = TestApp::open().await;
    photos(&house).await;
    let escaped: String = url::form_urlencoded::byte_serialize(long_target().as_bytes()).collect();
    let mut browser = house.anon();
    for asked in [
        format!("/login?return_to={escaped}"),
        format!("/login?return_to={}", long_target()),
        format!("/devices?q={}", "x".repeat(3000)),
    ] {
        let answer = browser.get(&asked).await;
        assert_eq!(answer.status, 303);
        assert!(
            answer.location().starts_with("/login?return_to=kept%3A"),
            "{}",
            answer.location()
        );
        assert_eq!(browser.get(answer.location()).await.status, 200);
    }
    // Too long for that: the page without its query, and a host that is not ours is none.
    for (target, left) in [
        (
            format!("https://photos.example.com/d/1?{}", "x".repeat(9000)),
            "https%3A%2F%2Fphotos.example.com%2Fd%2F1",
        ),
        (
            format!("https://evil.example/{}", "x".repeat(9000)),
            "https%3A%2F%2Fevil.example",
        ),
    ] {
        let answer = browser.get(&format!("/login?return_to={target}")).await;
        assert_eq!(answer.location(), format!("/login?return_to={left}"));
    }
    // What leads nowhere is not kept.
    let evil = format!("/login?return_to=https://evil.example/{}", "x".repeat(3000));
    let next = browser.get(&evil).await.location().to_owned();
    assert_eq!(next, "/login?return_to=https%3A%2F%2Fevil.example");
    assert!(!browser.get(&next).await.body.contains("evil.example"));
    assert!(
        !browser
            .get("/login?return_to=kept%3Aabc")
            .await
            .body
            .contains("kept")
    );
}

#[tokio::test]
async fn audit_9_field_4_one_network_has_so_many_long_targets_kept_and_no_more() {
    let house = TestApp::open().await;
    photos(&house).await;
    let mut browser = house.anon();
    let mut kept = 0;
    for number in 0..150 {
        let asked = format!("/login?return_to={}{number}", long_target());
        let answer = browser.get(&asked).await;
        if answer.location().contains("kept%3A") {
            kept += 1;
        } else {
            // They arrive at the page, without its query.
            assert_eq!(
                answer.location(),
                "/login?return_to=https%3A%2F%2Fphotos.example.com%2Fd%2F1"
            );
        }
    }
    assert!((100..=101).contains(&kept), "{kept}");
}

#[tokio::test]
async fn field_4_whoever_is_signed_in_is_led_on() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.signed_in(&ada).await;
    for (asked, next) in [
        ("/login", "/"),
        ("/login?return_to=%2Fdevices%3Fq%3D1", "/devices?q=1"),
        ("/login?return_to=%2Fnowhere", "/nowhere"),
        ("/login?return_to=%2F%2Fevil.example", "/"),
        // Administration is refused there, in words.
        ("/login?return_to=%2Fadmin", "/admin"),
    ] {
        let answer = laptop.get(asked).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, next),
            "{asked}"
        );
    }
    let request = laptop
        .request(Method::HEAD, "/login")
        .body(Body::empty())
        .unwrap();
    // What another tab asks when it comes to the front.
    assert_eq!(laptop.send(request).await.status, 303);
    house.wait(Duration::hours(25));
    for asked in ["/login", "/login?return_to=%2Fdevices"] {
        assert_eq!(laptop.get(asked).await.status, 200, "{asked}");
    }
    assert_eq!(house.anon().get("/login").await.status, 200);
}

#[tokio::test]
async fn field_4_a_second_tab_goes_on_with_the_code_that_the_first_has_used() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut laptop = house.anon();
    let code = ada.code(house.now());
    let fields = [
        ("email", "ada@example.com"),
        ("code", &code),
        ("return_to", "/devices"),
    ];
    for tab in ["first", "second"] {
        let answer = laptop.post("/api/device/register", &fields).await;
        assert_eq!(answer.location(), "/devices", "{tab}");
    }
    // In another browser it is a used code.
    let mut other = house.anon();
    let answer = other.post("/api/device/register", &fields).await;
    assert_eq!(answer.location(), "/login");
    assert!(other.device_cookie().is_none());
}
