//! Targets that are too long for a header: saved on the server, within bounds.

use super::*;

/// An address of a dashboard with its state in the query.
fn long_target() -> String {
    format!(
        "https://photos.example.com/d/1?from=a&q={}",
        "x".repeat(5000)
    )
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
    let ada = test.user("ada@example.com", Role::Member).await;
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
