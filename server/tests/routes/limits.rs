//! Limits on request bodies and their content types.

use crate::harness::{TestApp, ceremony_body};
use axum::{body::Body, http::header};
use latchkey_app::routes::{ACTIONS, Access, Action};
use latchkey_domain::{access::permission::Operator, identity::user::Role, pagination::ListQuery};

#[tokio::test]
async fn a_long_body_is_rejected() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let request = browser
        .of_our_page("/actions/device/register")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("x".repeat(64 * 1024 + 1)))
        .unwrap();
    assert_eq!(browser.send(request).await.status, 413);
    let request = browser
        .of_our_page("/actions/device/register")
        .header(header::CONTENT_LENGTH, "99999999999")
        .body(Body::empty())
        .unwrap();
    assert_eq!(browser.send(request).await.status, 413);
}

#[tokio::test]
async fn r6_no_request_body_breaks_an_action_or_skips_a_step() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let laptop = test.with_passkey(&root).await;
    let deep = "[".repeat(10_000);
    let bodies: &[(&str, &[u8])] = &[
        ("application/x-www-form-urlencoded", b""),
        ("application/x-www-form-urlencoded", b"%ff%fe=%zz&&&=="),
        (
            "application/x-www-form-urlencoded",
            b"id=not-an-id&id=again&email[]=x",
        ),
        ("application/json", b""),
        ("application/json", b"null"),
        ("application/json", b"{\"credential\":{}}"),
        ("application/json", b"\xff\xfe"),
        ("application/json", deep.as_bytes()),
        ("text/plain", b"x"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("\u{7f}", b"x"),
    ];
    for Action { path, .. } in ACTIONS
        .iter()
        .filter(|action| action.path != "/actions/session/sign-out")
    {
        for (content_type, body) in bodies {
            for accept in ["text/html", "application/json"] {
                let mut browser = laptop.clone();
                let Ok(content_type) = header::HeaderValue::from_str(content_type) else {
                    continue;
                };
                let mut request = browser
                    .of_our_page(path)
                    .header(header::CONTENT_TYPE, content_type)
                    .body(Body::from(body.to_vec()))
                    .unwrap();
                request
                    .headers_mut()
                    .insert(header::ACCEPT, header::HeaderValue::from_static(accept));
                let response = browser.send(request).await;
                assert!(
                    response.status.as_u16() < 500,
                    "{path} {body:?} {accept}: {} {}",
                    response.status,
                    response.body
                );
                assert_eq!(response.denial(), None, "{path} is reached");
            }
        }
    }
    // Nothing was made of nothing.
    let operator = Operator;
    assert_eq!(
        test.engine
            .list_users(&operator, &ListQuery::default().bounded())
            .await
            .unwrap()
            .total,
        1
    );
    assert_eq!(
        test.engine
            .list_services(&operator, &ListQuery::default().bounded())
            .await
            .unwrap()
            .total,
        0
    );
    assert_eq!(test.devices_of(root.id).await.len(), 1);
}

#[tokio::test]
async fn must_survive_10_a_ceremony_that_was_never_begun_cannot_be_finished() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let laptop = test.signed_in(&ada).await;
    for Action { path, access, .. } in ACTIONS.iter().filter(|action| {
        action.path.contains("/finish-") || action.path == "/actions/enrol/confirm"
    }) {
        let browser = if *access == Access::Public {
            test.anon()
        } else {
            laptop.clone()
        };
        for handle in ["", "garbage", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let mut browser = browser.clone();
            let before = browser.device_cookie().map(str::to_owned);
            let response = if path.contains("/confirm") {
                let fields = [("code", "000000"), ("ceremony", handle)];
                let response = browser.post(path, &fields).await;
                assert_eq!(
                    (response.status.as_u16(), response.location()),
                    (303, "/login"),
                    "{path}"
                );
                let page = browser.get("/login").await;
                assert!(page.body.contains("start again"), "{}", page.body);
                response
            } else {
                let response = browser.fetch(path, &ceremony_body(handle)).await;
                let error = response.json()["error"].clone();
                assert_eq!(
                    (response.status.as_u16(), error.as_str()),
                    (401, Some("ceremony_expired")),
                    "{path}"
                );
                response
            };
            assert!(
                response.set_cookie("__Host-latchkey-session").is_none(),
                "{path}"
            );
            assert_eq!(browser.device_cookie(), before.as_deref(), "{path}");
        }
    }
}
