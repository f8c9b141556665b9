//! Paths and hosts that could be read in two ways.

use super::{ask, assert_unknown, auth};
use crate::harness::TestApp;
use latchkey_domain::{access::access_grant::Scopes, identity::user::Role};
use latchkey_engine::NewService;

#[tokio::test]
async fn r1_must_survive_22_malformed_paths_are_rejected_without_a_server_error() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let photos = test.service("photos", NewService::default()).await;
    test.grant(&ada, "photos", Scopes::NONE).await;
    let laptop = test.signed_in(&ada).await;
    let headers = auth(&photos, &laptop);
    for path in [
        "/verify",
        "/verify/",
        "/verify//photos",
        "//verify/photos",
        "/verify/photos/",
        "/verify/photos//",
        "/verify/./photos",
        "/verify/../verify/photos",
        "/verify/x/../photos",
        "/verify/%70hotos",
        "/verify/photos%2f",
        "/verify%2fphotos",
        "/verify/%2e%2e/photos",
        "/verify/photos%00",
        "/verify/photos%",
        "/verify/%ff%fe",
        "/verify/photos;x=1",
        "/verify/Photos",
        "/VERIFY/photos",
        "/verify/photos.",
        "/verify/photos%20",
        "/verify/ph%6ftos",
        "/verify/photos/healthz",
        "/verify/healthz",
        "/healthz/../verify/photos",
        "*",
    ] {
        let response = ask(&photos, path, &headers).await;
        assert_eq!(response.status, 404, "{path}: {}", response.body);
        assert!(
            matches!(response.body.as_str(), "" | "Service Not Found!"),
            "{path}: {}",
            response.body
        );
        assert_unknown(&photos.ask(path, &[]).await, path);
    }
    let response = ask(&photos, "/verify/photos?service=wiki", &headers).await;
    assert_eq!(response.status, 200, "a query decides nothing");
}

#[tokio::test]
async fn r2_the_internal_listener_ignores_the_host() {
    let test = TestApp::open().await;
    let photos = test.service("photos", NewService::default()).await;
    for host in ["localhost:3000", "evil.example", "", "photos"] {
        assert_eq!(
            photos
                .ask("/healthz", &[("x-forwarded-host", host)])
                .await
                .status,
            200,
            "{host}"
        );
    }
}
