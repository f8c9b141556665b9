//! The device cookie, as the pages read it.

use crate::harness::TestApp;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use latchkey_engine::NewService;
use time::Duration;

const DEVICE: &str = "__Host-latchkey";

#[tokio::test]
async fn must_survive_16_an_altered_device_cookie_is_anonymous() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let genuine = laptop.device_cookie().unwrap().to_owned();
    assert_eq!(laptop.clone().get("/").await.status, 200);
    for place in 0..genuine.len() {
        let mut bytes = genuine.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = laptop
            .with(DEVICE, std::str::from_utf8(&bytes).unwrap())
            .get("/")
            .await;
        assert_eq!(
            (changed.status.as_u16(), changed.location()),
            (303, "/login?return_to=%2F"),
            "character {place}"
        );
    }
}

#[tokio::test]
async fn r38_a_known_device_with_a_wrong_secret_is_anonymous() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let bob = test.user("bob@example.com", Role::Member).await;
    let (laptop, other) = (test.signed_in(&ada).await, test.signed_in(&bob).await);
    let (ours, theirs) = (
        laptop.device_cookie().unwrap(),
        other.device_cookie().unwrap(),
    );
    // Version and device id of one, expiry, secret and tag of the other; and the other way round.
    for cut in [1, 22, 23, 24, 34, 77] {
        for spliced in [
            format!("{}{}", &ours[..cut], &theirs[cut..]),
            format!("{}{}", &theirs[..cut], &ours[cut..]),
        ] {
            if spliced != ours && spliced != theirs {
                assert_eq!(
                    laptop.with(DEVICE, &spliced).get("/").await.status,
                    303,
                    "cut at {cut}"
                );
            }
        }
    }
    let device = test.devices_of(ada.id).await[0].id.to_string();
    let mut anonymous = test.anon();
    for fields in [
        [("device_id", device.as_str()), ("secret", "x")],
        [("device", &device), ("code", "000000")],
    ] {
        let response = anonymous.post("/actions/device/register", &fields).await;
        assert_eq!(
            (response.status.as_u16(), response.location()),
            (303, "/login")
        );
        assert!(anonymous.device_cookie().is_none());
    }
}

#[tokio::test]
async fn must_survive_16_a_cookie_of_a_removed_key_is_anonymous() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let cookies = test.signed_in(&ada).await.cookies;
    let test = test.reopen().await;
    let mut laptop = test.anon();
    laptop.cookies = cookies.clone();
    assert_eq!(
        laptop.get("/").await.status,
        200,
        "the same key after a restart"
    );
    let test = test.rotate_key().await;
    let mut laptop = test.anon();
    laptop.cookies = cookies.clone();
    assert_eq!(laptop.get("/").await.status, 200, "while both are in force");
    test.user("grace@example.com", Role::Member).await;
    let test = test.forget_old_key().await;
    let mut laptop = test.anon();
    laptop.cookies = cookies;
    assert_eq!(laptop.get("/").await.status, 303);
}

#[tokio::test]
async fn must_survive_20_two_device_cookies_are_ignored() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    let value = laptop.device_cookie().unwrap();
    let twice = format!("{DEVICE}={value}; {DEVICE}={value}");
    let mut browser = test.anon();
    let request = axum::http::Request::get("/")
        .header("host", crate::harness::HOST)
        .header("accept", "text/html")
        .header("cookie", twice);
    assert_eq!(
        browser
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn using_a_device_extends_its_expiry() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut laptop = test.signed_in(&ada).await;
    assert!(
        laptop.get("/").await.set_cookie(DEVICE).is_none(),
        "a fresh cookie stays as it is"
    );
    for _ in 0..4 {
        test.wait(Duration::days(60));
        let response = laptop.get("/").await;
        assert_eq!(response.status, 200);
        assert!(
            response
                .set_cookie(DEVICE)
                .is_some_and(|line| line.contains("Max-Age=7776000"))
        );
    }
    test.wait(Duration::days(91));
    assert_eq!(
        laptop.get("/").await.status,
        303,
        "unused for longer than its life"
    );
}

#[tokio::test]
async fn with_a_cookie_domain_the_cookie_is_sent_to_all_its_hosts() {
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("cookie.domain", "example.com"),
        ("server.hosts", "localhost:3000"),
    ])
    .await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut browser = test.anon();
    let body = format!("email=ada%40example.com&code={}", ada.code(test.now()));
    let request = axum::http::Request::post("/device/add")
        .header("host", "login.example.com")
        .header("content-type", "application/x-www-form-urlencoded");
    let response = browser
        .send(request.body(axum::body::Body::from(body)).unwrap())
        .await;
    assert_eq!(response.status, 200, "{}", response.body);
    let line = response.set_cookie("__Secure-latchkey").unwrap();
    assert!(
        line.contains("; Domain=example.com")
            && line.contains("; Secure")
            && line.contains("; HttpOnly"),
        "{line}"
    );
    assert!(
        response.set_cookie(DEVICE).is_some(),
        "and our own pages have one of their own"
    );
}

#[tokio::test]
async fn audit_14_a_cookie_tossed_by_a_sibling_host_is_ignored() {
    let test = TestApp::with(&[
        ("public_url", "https://login.example.com"),
        ("cookie.domain", "example.com"),
    ])
    .await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let eve = test.user("eve@example.com", Role::Member).await;
    let (laptop, evil) = (test.signed_in(&ada).await, test.signed_in(&eve).await);
    let (own, tossed) = (
        laptop.device_cookie().unwrap().to_owned(),
        evil.device_cookie().unwrap().to_owned(),
    );
    // In place of the victim's own: the pages still know her, and put the right one back.
    let mut victim = laptop.with("__Secure-latchkey", &tossed);
    let page = victim.get("/security").await;
    assert_eq!(page.status, 200);
    let back = page.set_cookie("__Secure-latchkey").unwrap();
    assert!(back.contains(&own), "{back}");
    // A browser that was not signed in stays so.
    let mut fresh = test.anon();
    fresh.set("__Secure-latchkey", &tossed);
    assert_eq!(fresh.get("/").await.status, 303);
    // Beside the victim's own, with a narrower path: whatever is not a live device does not count.
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::ALL).await;
    let several = |others: &[&str]| {
        let all: Vec<_> = others.iter().copied().chain([own.as_str()]).collect();
        format!("__Secure-latchkey={}", all.join("; __Secure-latchkey="))
    };
    let junk = ["x"; 40];
    let stale = tossed.replace(&tossed[40..50], "AAAAAAAAAA");
    for (others, status) in [
        (&[stale.as_str(), "junk"][..], 200),
        (&junk[..], 200),
        (&[own.as_str()][..], 200),
        // Two valid devices: it is unknown whose browser it is.
        (&[tossed.as_str()][..], 404),
    ] {
        let response = photos.verify_line(&several(others)).await;
        assert_eq!(response.status, status, "{others:?}");
    }
}
