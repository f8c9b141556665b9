//! Sign-ins that were begun and not finished, and forwarded headers that say nothing: nobody is let in.

use crate::harness::{Browser, TestApp};
use axum::http::Method;
use latchkey_domain::{access::service::Policy, identity::user::Role};
use latchkey_engine::NewService;

const DEVICE: &str = "__Host-latchkey";
const SESSION: &str = "__Host-latchkey-session";
const ENROLMENT: &str = "__Host-latchkey-enrolment";

#[tokio::test]
async fn r34_half_finished_sign_ins_are_anonymous() {
    let test = TestApp::open().await;
    let photos = test.service("photos", NewService::default()).await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let signed_in = test.signed_in(&ada).await;
    let link = test.invite("grace@example.com", "Grace").await;
    let link = latchkey_app::enrolment_url::enrolment_url("", &link);

    let mut enrolling = test.anon();
    assert_eq!(enrolling.get(link.expose_secret()).await.status, 200);
    let handle = enrolling.cookies[ENROLMENT].clone();
    let mut asked = test.anon();
    let challenge = asked.fetch("/actions/passkey/begin-login", "{}").await;
    let challenge = challenge.json()["handle"].as_str().unwrap().to_owned();
    let mut refused = test.anon();
    refused.register(&ada.email, "000000").await;

    let mut halves = vec![("an enrolment", enrolling), ("a wrong code", refused)];
    let session = signed_in.session_cookie().unwrap();
    halves.push((
        "a session without its device",
        test.anon().with(SESSION, session),
    ));
    for (what, value) in [("an enrolment", &handle), ("a challenge", &challenge)] {
        let as_device = test.anon().with(DEVICE, value);
        halves.push((what, as_device.with(SESSION, value)));
    }
    halves.push((
        "empty cookies",
        test.anon().with(DEVICE, "").with(SESSION, ""),
    ));
    for (what, browser) in halves {
        let verified = photos.verify(&browser).await;
        assert_eq!(verified.status, 404, "{what}");
        let mut browser: Browser<'_> = browser;
        assert_eq!(browser.get("/enrol/passkey").await.status, 303, "{what}");
        let page = browser.get("/devices").await;
        assert!(page.location().starts_with("/login"), "{what}");
        let begun = browser.fetch("/actions/passkey/begin-registration", "{}");
        assert_eq!(begun.await.status, 401, "{what}");
    }
}

#[tokio::test]
async fn r34_empty_forwarded_headers_are_no_request() {
    let test = TestApp::open().await;
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        policy: Policy::default(),
        // Everything that is a request is let through.
        rules: "public /*".to_owned(),
    };
    let photos = test.service("photos", new).await;
    let token = format!("Bearer {}", photos.token);
    let complete = [
        ("authorization", token.as_str()),
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "photos.example.com"),
        ("x-forwarded-uri", "/"),
    ];
    let sent = photos.send(Method::GET, "/forward-auth", &complete).await;
    assert_eq!(sent.status, 200);
    for part in 1..complete.len() {
        for value in ["", " ", ","] {
            let mut headers = complete;
            headers[part].1 = value;
            let response = photos.send(Method::GET, "/forward-auth", &headers).await;
            assert_eq!(response.status, 403, "{} {value:?}", complete[part].0);
        }
    }
    let nothing = photos.send(Method::GET, "/forward-auth", &complete[..1]);
    assert_eq!(nothing.await.status, 403);
}
