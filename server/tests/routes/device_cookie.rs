//! A device cookie that does not come back: where it is sent, which one counts, and what users are told.

mod jar;
mod redirects;

use crate::harness::{Service, TestApp, TestUser};
use axum::{
    body::Body,
    http::{Request, header},
};
use jar::{Jar, Kept};
use latchkey_domain::{
    access::access_grant::Scopes,
    access::service::{Policy, Requirement},
    identity::user::Role,
};
use latchkey_engine::NewService;
use time::Duration;

/// Ada, and a service on a host that she may enter.
async fn ada_and_service<'a>(test: &'a TestApp, host: &str) -> (TestUser, Service<'a>) {
    let ada = test.user("ada@example.com", Role::Member).await;
    let new = NewService {
        hosts: host.to_owned(),
        ..NewService::default()
    };
    let service = test.service("photos", new).await;
    test.grant(&ada, "photos", Scopes::ALL).await;
    (ada, service)
}

const PHOTOS: &str = "photos.field.example";
const BACK: &str = "/login?return_to=https%3A%2F%2Fphotos.field.example%2Falbum";
const NOT_THERE: &str = "The service cannot see that you are signed in";

#[tokio::test]
async fn field_3_two_installations_under_one_domain_do_not_interfere() {
    let field = TestApp::with(&[
        ("public_url", "https://login.field.example"),
        ("cookie.domain", "field.example"),
    ])
    .await;
    let apps = TestApp::elsewhere(&[
        ("public_url", "https://apps.field.example"),
        ("cookie.domain", "apps.field.example"),
    ])
    .await;
    let (ada_of_field, photos) = ada_and_service(&field, PHOTOS).await;
    let (ada_of_apps, wiki) = ada_and_service(&apps, "wiki.apps.field.example").await;
    let mut jar = Jar::default();
    assert_eq!(jar.sign_in(&field, &ada_of_field, "").await.location(), "/");
    assert_eq!(jar.sign_in(&apps, &ada_of_apps, "").await.location(), "/");
    for _ in 0..3 {
        for (test, service, host) in [
            (&field, &photos, PHOTOS),
            (&apps, &wiki, "wiki.apps.field.example"),
        ] {
            assert_eq!(jar.get(test, "/").await.status, 200, "{host}");
            assert_eq!(jar.open(service, host).await.status, 200, "{host}");
            let back = format!("/login?return_to=https%3A%2F%2F{host}%2F");
            jar.get(test, &back).await;
        }
        let mut domains = jar.domains();
        domains.sort_unstable();
        assert_eq!(domains, ["apps.field.example", "field.example"]);
    }
}

#[tokio::test]
async fn field_3_after_widening_the_cookie_domain_the_first_redirect_renews_the_cookie() {
    let narrow = [
        ("public_url", "https://login.apps.field.example"),
        ("cookie.domain", "apps.field.example"),
    ];
    let wide = [narrow[0], ("cookie.domain", "field.example")];
    let test = TestApp::with(&narrow).await;
    let mut jar = Jar::default();
    let ada = {
        let (ada, _) = ada_and_service(&test, PHOTOS).await;
        jar.sign_in(&test, &ada, "").await;
        ada
    };
    assert_eq!(jar.domains(), ["apps.field.example"]);
    let test = test.reopen_with(&wide).await;
    let service = test
        .service(
            "again",
            NewService {
                hosts: "wiki.field.example".to_owned(),
                ..NewService::default()
            },
        )
        .await;
    test.grant(&ada, "again", Scopes::ALL).await;
    // The narrower cookie is not sent there, so the request is anonymous and redirected to login.
    assert_eq!(jar.open(&service, "wiki.field.example").await.status, 302);
    let back = "/login?return_to=https%3A%2F%2Fwiki.field.example%2Falbum";
    let page = jar.get(&test, back).await;
    assert_eq!(page.location(), "https://wiki.field.example/album");
    assert_eq!(jar.domains(), ["field.example"], "the old one is gone");
    assert_eq!(jar.open(&service, "wiki.field.example").await.status, 200);
}

#[tokio::test]
async fn field_3_several_cookies_of_one_device_are_that_device() {
    let test = TestApp::with(&[
        ("public_url", "https://login.apps.field.example"),
        ("cookie.domain", "field.example"),
    ])
    .await;
    let (ada, photos) = ada_and_service(&test, PHOTOS).await;
    let value = |jar: &Jar| {
        let line = jar.line(PHOTOS);
        line.strip_prefix("__Secure-latchkey=").unwrap().to_owned()
    };
    let mut jar = Jar::default();
    jar.sign_in(&test, &ada, "").await;
    let first = value(&jar);
    test.wait(Duration::days(2));
    assert_eq!(jar.get(&test, "/").await.status, 200);
    let renewed = value(&jar);
    jar.sign_in(&test, &ada, "").await;
    let newest = value(&jar);
    test.wait(Duration::days(2));
    assert_eq!(jar.get(&test, "/").await.status, 200);
    let longest = value(&jar);
    let mut evil = Jar::default();
    let eve = test.user("eve@example.com", Role::Member).await;
    evil.sign_in(&test, &eve, "").await;
    let tossed = value(&evil);
    for (values, status) in [
        // Of one secret, with an earlier and a later end.
        (&[&newest, &longest][..], 200),
        (&[&longest, &newest], 200),
        // Of secrets that a sign-in has ended.
        (&[&first, &longest, &renewed], 200),
        (&[&first, &renewed], 404),
        // Two valid devices: it is unknown whose browser it is.
        (&[&longest, &tossed], 404),
        (&[&newest, &longest, &tossed], 404),
    ] {
        let line: Vec<_> = values
            .iter()
            .map(|value| format!("__Secure-latchkey={value}"))
            .collect();
        assert_eq!(photos.verify_line(&line.join("; ")).await.status, status);
    }
    // A page that sees an old one beside the right one ends those of narrower domains.
    let stale = Kept {
        name: "__Secure-latchkey".to_owned(),
        value: renewed.clone(),
        domain: "apps.field.example".to_owned(),
        is_wide: true,
    };
    jar.cookies.push(stale);
    jar.get(&test, "/").await;
    assert_eq!(jar.domains(), ["field.example"]);
    assert_eq!(value(&jar), longest);
}

#[tokio::test]
async fn field_3_a_form_from_another_scheme_or_host_is_told_the_public_url() {
    let test = TestApp::with(&[
        ("public_url", "https://login.field.example"),
        ("server.hosts", "login.internal"),
    ])
    .await;
    let post = async |origin: &str, host: &str| {
        let mut request = test.anon().form("/actions/device/register", &[]);
        let headers = request.headers_mut();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        test.anon().send(request).await
    };
    for (origin, host) in [
        ("http://login.field.example", "login.field.example"),
        ("https://login.internal", "login.internal"),
        ("http://login.internal", "login.internal"),
    ] {
        let response = post(origin, host).await;
        assert_eq!(response.status, 403, "{origin}");
        assert!(
            response
                .body
                .contains("Open https://login.field.example/ and try again there"),
            "{}",
            response.body
        );
    }
    for origin in [
        "https://evil.example",
        "https://photos.field.example",
        "null",
    ] {
        let response = post(origin, "login.field.example").await;
        assert!(
            response.status == 403 && response.body.contains("The request came from another site"),
            "{origin}"
        );
    }
}
