//! Where users are sent.

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
    let ada = test.user("ada@example.com", Role::User).await;
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

/// An address of a dashboard with its state in the query.
fn long_target() -> String {
    format!(
        "https://photos.example.com/d/1?from=a&q={}",
        "x".repeat(5000)
    )
}

async fn photos(test: &TestApp) -> Service<'_> {
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        ..NewService::default()
    };
    test.service("photos", new).await
}

/// The login URL that nginx is given for this target.
async fn login_location(service: &Service<'_>, target: &str) -> String {
    let authorization = format!("Bearer {}", service.token);
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-original-method", "GET"),
        ("x-original-url", target),
        ("accept", "text/html"),
        ("sec-fetch-mode", "navigate"),
    ];
    let response = service.send(Method::GET, "/forward-auth", &headers).await;
    let location = response.header("latchkey-location").unwrap();
    location
        .strip_prefix("http://localhost:3000")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn field_4_a_long_return_to_is_saved_on_the_server() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::User).await;
    let service = photos(&test).await;
    let target = long_target();
    let location = login_location(&service, &target).await;
    assert!(location.len() < 200, "{location}");
    assert_eq!(
        login_location(&service, &target).await,
        location,
        "the same again"
    );
    let mut browser = test.anon();
    let page = browser.get(&location).await;
    assert!(page.body.contains("photos.example.com") && !page.body.contains("xxxxxxxxxx"));
    let (_, return_to) = location.split_once("return_to=").unwrap();
    let return_to = return_to.replace("%3A", ":");
    test.wait(Duration::minutes(20));
    let fields = [
        ("email", "ada@example.com"),
        ("code", &ada.code(test.now())),
        ("return_to", &return_to),
    ];
    let response = browser.post("/actions/device/register", &fields).await;
    let signed_in = response.location().to_owned();
    // Proxies answer 502 to a `Location` of five kilobytes: the last step is a page, also for who has no access there.
    let mut page = browser.get(&signed_in).await;
    if page.status == 303 {
        page = browser.get(page.location()).await;
    }
    let link = format!("href=\"{}\"", target.replace('&', "&amp;"));
    assert!(page.body.contains(&link), "{} {}", page.status, page.body);
    assert!(page.header("latchkey-continue").is_some());
    for response in [&response, &page] {
        let head: usize = response
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4)
            .sum();
        assert!(head < 3000, "{head}");
    }
    test.wait(Duration::hours(1));
    let page = test.anon().get(&location).await;
    assert!(
        !page.body.contains("photos.example.com"),
        "its hour is over"
    );
}

#[tokio::test]
async fn audit_3_field_4_a_proxy_does_not_wait_for_a_long_return_to_to_be_saved() {
    let test = TestApp::open().await;
    let service = photos(&test).await;
    let other = test.lock_writes().await;
    let location = login_location(&service, &long_target()).await;
    assert_eq!(
        location, "/login?return_to=https%3A%2F%2Fphotos.example.com%2Fd%2F1",
        "the page without its query"
    );
    other.execute_unprepared("ROLLBACK").await.unwrap();
    // The statement that timed out finishes first; later targets are saved again.
    let mut location = location;
    for _ in 0..60 {
        location = login_location(&service, &long_target()).await;
        if location.contains("kept%3A") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(location.contains("kept%3A"), "{location}");
}

#[tokio::test]
async fn field_4_a_long_return_to_of_the_login_page_is_saved() {
    let test = TestApp::open().await;
    photos(&test).await;
    let escaped: String = url::form_urlencoded::byte_serialize(long_target().as_bytes()).collect();
    let mut browser = test.anon();
    for request in [
        format!("/login?return_to={escaped}"),
        format!("/login?return_to={}", long_target()),
        format!("/devices?q={}", "x".repeat(3000)),
    ] {
        let response = browser.get(&request).await;
        assert_eq!(response.status, 303);
        assert!(
            response.location().starts_with("/login?return_to=kept%3A"),
            "{}",
            response.location()
        );
        assert_eq!(browser.get(response.location()).await.status, 200);
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
        let response = browser.get(&format!("/login?return_to={target}")).await;
        assert_eq!(response.location(), format!("/login?return_to={left}"));
    }
    // An invalid target is not saved.
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
async fn audit_9_field_4_saved_return_to_targets_are_limited_by_network() {
    let test = TestApp::open().await;
    photos(&test).await;
    let mut browser = test.anon();
    let mut kept = 0;
    for number in 0..150 {
        let request = format!("/login?return_to={}{number}", long_target());
        let response = browser.get(&request).await;
        if response.location().contains("kept%3A") {
            kept += 1;
        } else {
            // They arrive at the page, without its query.
            assert_eq!(
                response.location(),
                "/login?return_to=https%3A%2F%2Fphotos.example.com%2Fd%2F1"
            );
        }
    }
    assert!((100..=101).contains(&kept), "{kept}");
}

#[tokio::test]
async fn field_4_a_signed_in_user_is_redirected_at_once() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::User).await;
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
    let ada = test.user("ada@example.com", Role::User).await;
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
