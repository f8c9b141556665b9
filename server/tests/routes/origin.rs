//! Where a change comes from.

use crate::harness::{Browser, HOST, TestApp};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use latchkey::web::{public, route_policy::Csrf};
use latchkey_domain::identity::user::Role;

fn forged(browser: &Browser<'_>, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = browser
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// Every route that changes something, with where its requests may come from.
fn changing() -> impl Iterator<Item = (String, Csrf)> {
    let routes = public::routes().into_iter();
    routes
        .filter(|route| route.method == Method::POST)
        .map(|route| {
            // The old address of an action that exists.
            let path = route.path.replace("{noun}/{verb}", "user/add");
            let path = path.replace("{id}", "0190").replace("{name}", "photos");
            let path = path.replace("{purpose}", "assertion");
            (path, route.policy.checks().unwrap().csrf)
        })
}

#[tokio::test]
async fn r9_must_survive_14_no_route_that_changes_anything_accepts_a_cross_site_request() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut laptop = test.signed_in(&root).await;
    let own = format!("http://{HOST}");
    let silent: &[&[(&str, &str)]] = &[&[], &[("referer", "http://localhost:3000/devices")]];
    let forgeries: &[&[(&str, &str)]] = &[
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", "https://localhost:3000")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://evil.example"),
        ],
        &[("origin", &own), ("origin", "https://evil.example")],
    ];
    for (path, csrf) in changing() {
        // Programs may say nothing where they are expected.
        let silent = match csrf {
            // There are no cookies, so nothing is forged (`oauth/token.rs`).
            Csrf::NoCookies => continue,
            Csrf::SameOriginOrNoBrowser => &[],
            Csrf::SameOrigin | Csrf::ReadOnly | Csrf::OwnRead => silent,
        };
        for headers in forgeries.iter().chain(silent) {
            let request = forged(&laptop, &path, headers);
            let response = laptop.send(request).await;
            assert_eq!(response.status, 403, "{path} {headers:?}");
            assert!(
                response.headers.get(header::SET_COOKIE).is_none(),
                "{path} {headers:?}"
            );
        }
    }
    // Still signed in, and nothing enrolled.
    assert_eq!(laptop.get("/").await.status, 200);
    assert_eq!(test.devices_of(root.id).await.len(), 1);
}

#[tokio::test]
async fn must_survive_14_no_route_that_changes_anything_accepts_get() {
    let test = TestApp::open().await;
    let root = test.user("root@example.com", Role::Admin).await;
    let mut laptop = test.signed_in(&root).await;
    let routes = public::routes();
    for (path, _) in changing() {
        let of_path = || routes.iter().filter(|route| *route.path == *path);
        // What is read there is another route.
        if of_path().any(|route| route.method == Method::GET) {
            continue;
        }
        assert!(of_path().all(|route| route.method == Method::POST));
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let request = laptop
                .request(method.clone(), &path)
                .header("sec-fetch-site", "cross-site")
                .body(Body::empty())
                .unwrap();
            let response = laptop.send(request).await;
            assert_eq!(response.status, 405, "{method} {path}");
            let allowed = response.header("allow").unwrap_or_default();
            let changes = |allowed: &str| matches!(allowed, "POST" | "PUT" | "PATCH" | "DELETE");
            assert!(allowed.split(", ").all(changes), "{path}: {allowed}");
        }
    }
    assert_eq!(laptop.get("/").await.status, 200);
}
