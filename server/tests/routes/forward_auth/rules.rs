//! Which paths are for whom.

use super::{ProxyRequest, ada, photos};
use crate::harness::TestApp;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};

const RULES: &str = "public GET /assets/*\nadmins /settings/*\nnobody /metrics";

#[tokio::test]
async fn rules_allow_deny_and_restrict_to_administrators() {
    let test = TestApp::open().await;
    let photos = photos(&test, RULES).await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    for (method, target, anonymous, member) in [
        ("GET", "/assets/app.js", 200, 200),
        ("POST", "/assets/app.js", 401, 200),
        ("GET", "/album", 401, 200),
        ("GET", "/settings/users", 401, 403),
        ("GET", "/metrics", 403, 403),
    ] {
        let ask = async |browser| {
            let response = ProxyRequest::script(method, target)
                .send(&photos, browser)
                .await;
            response.status.as_u16()
        };
        assert_eq!(ask(None).await, anonymous, "{method} {target}, a stranger");
        assert_eq!(
            ask(Some(&laptop)).await,
            member,
            "{method} {target}, a member"
        );
    }
}

#[tokio::test]
async fn an_administrator_passes_an_administrators_rule() {
    let test = TestApp::open().await;
    let photos = photos(&test, RULES).await;
    let laptop = ada(&test, Role::Admin, Scopes::NONE).await;
    for (target, status) in [("/settings/users", 200), ("/album", 200), ("/metrics", 403)] {
        let response = ProxyRequest::script("GET", target)
            .send(&photos, Some(&laptop))
            .await;
        assert_eq!(response.status, status, "{target}");
    }
}

#[tokio::test]
async fn a_public_path_gets_an_identity_only_for_signed_in_users() {
    let test = TestApp::open().await;
    let photos = photos(&test, RULES).await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    let anonymous = ProxyRequest::page("/assets/app.js")
        .send(&photos, None)
        .await;
    assert_eq!(anonymous.header("latchkey-subject"), None);
    let member = ProxyRequest::page("/assets/app.js")
        .send(&photos, Some(&laptop))
        .await;
    assert!(member.header("latchkey-subject").is_some());
}

#[tokio::test]
async fn r22_must_survive_22_no_spelling_of_a_path_bypasses_a_rule() {
    let test = TestApp::open().await;
    let photos = photos(&test, RULES).await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    for target in [
        "/Settings/users",
        "/settings",
        "/settings/",
        "/s%65ttings/users",
        "/settings/users?x=/assets/app.js",
        "/assets/../settings/users",
        "/assets/%2e%2e/settings/users",
        "/assets/..%2fsettings/users",
        "/assets/%252e%252e/settings/users",
        "//settings/users",
        "/settings;x/users",
        "/settings%00",
        "/METRICS",
        "/metrics/",
        "/settings/users#/assets/",
        "/%",
    ] {
        let response = ProxyRequest::script("GET", target)
            .send(&photos, Some(&laptop))
            .await;
        assert_eq!(response.status, 403, "{target}: {}", response.body);
    }
    for target in [
        "/x?/assets/app.js",
        "/?assets",
        "/assetsx",
        "/Assets/app.js",
    ] {
        let response = ProxyRequest::script("GET", target)
            .send(&photos, None)
            .await;
        assert_eq!(response.status, 401, "{target}");
    }
}

#[tokio::test]
async fn field_4_no_spelling_of_the_host_bypasses_a_rule() {
    let test = TestApp::open().await;
    let photos = photos(&test, RULES).await;
    let laptop = ada(&test, Role::Member, Scopes::NONE).await;
    for host in [
        "photos.example.com.",
        "PHOTOS.example.com",
        "Photos.Example.Com.",
        "photos.example.com:443",
        "photos.example.com.:443",
    ] {
        for (target, anonymous, member) in [
            ("/album", 401, 200),
            ("/settings/users", 401, 403),
            ("/metrics", 403, 403),
        ] {
            for (browser, status) in [(None, anonymous), (Some(&laptop), member)] {
                let request = ProxyRequest {
                    host,
                    ..ProxyRequest::script("GET", target)
                };
                assert_eq!(
                    request.send(&photos, browser).await.status,
                    status,
                    "{host} {target}"
                );
            }
        }
        // And who has to sign in comes back to the name that the cookie goes to.
        let page = ProxyRequest {
            host,
            ..ProxyRequest::page("/album")
        };
        let redirect = page.send(&photos, None).await;
        assert!(
            redirect
                .location()
                .ends_with("?return_to=https%3A%2F%2Fphotos.example.com%2Falbum"),
            "{host}"
        );
    }
    let two_dots = ProxyRequest {
        host: "photos.example.com..",
        ..ProxyRequest::page("/assets/app.js")
    };
    assert_eq!(two_dots.send(&photos, Some(&laptop)).await.status, 403);
}
