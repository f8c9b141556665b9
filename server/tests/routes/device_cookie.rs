//! A device cookie that does not come back: where it goes, which one counts, and what people are told.

mod jar;

use crate::harness::{Person, Service, TestApp};
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
async fn ada_and_service<'h>(house: &'h TestApp, host: &str) -> (Person, Service<'h>) {
    let ada = house.person("ada@example.com", Role::User).await;
    let new = NewService {
        hosts: host.to_owned(),
        ..NewService::default()
    };
    let service = house.service("photos", new).await;
    house.grant(&ada, "photos", Scopes::ALL).await;
    (ada, service)
}

const PHOTOS: &str = "photos.field.example";
const BACK: &str = "/login?return_to=https%3A%2F%2Fphotos.field.example%2Falbum";
const NOT_THERE: &str = "The service cannot see that you are signed in";

#[tokio::test]
async fn field_3_two_installations_below_one_domain_do_not_disturb_each_other() {
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
        for (house, service, host) in [
            (&field, &photos, PHOTOS),
            (&apps, &wiki, "wiki.apps.field.example"),
        ] {
            assert_eq!(jar.get(house, "/").await.status, 200, "{host}");
            assert_eq!(jar.open(service, host).await.status, 200, "{host}");
            let back = format!("/login?return_to=https%3A%2F%2F{host}%2F");
            jar.get(house, &back).await;
        }
        let mut domains = jar.domains();
        domains.sort_unstable();
        assert_eq!(domains, ["apps.field.example", "field.example"]);
    }
}

#[tokio::test]
async fn field_3_after_the_domain_was_widened_the_first_way_back_makes_it_right() {
    let narrow = [
        ("public_url", "https://login.apps.field.example"),
        ("cookie.domain", "apps.field.example"),
    ];
    let wide = [narrow[0], ("cookie.domain", "field.example")];
    let house = TestApp::with(&narrow).await;
    let mut jar = Jar::default();
    let ada = {
        let (ada, _) = ada_and_service(&house, PHOTOS).await;
        jar.sign_in(&house, &ada, "").await;
        ada
    };
    assert_eq!(jar.domains(), ["apps.field.example"]);
    let house = house.reopen_with(&wide).await;
    let service = house
        .service(
            "again",
            NewService {
                hosts: "wiki.field.example".to_owned(),
                ..NewService::default()
            },
        )
        .await;
    house.grant(&ada, "again", Scopes::ALL).await;
    // The narrower cookie does not go there: a stranger, who is led to the sign-in page.
    assert_eq!(jar.open(&service, "wiki.field.example").await.status, 302);
    let back = "/login?return_to=https%3A%2F%2Fwiki.field.example%2Falbum";
    let page = jar.get(&house, back).await;
    assert_eq!(page.location(), "https://wiki.field.example/album");
    assert_eq!(jar.domains(), ["field.example"], "the old one is gone");
    assert_eq!(jar.open(&service, "wiki.field.example").await.status, 200);
}

#[tokio::test]
async fn field_3_cookies_of_one_device_from_several_domains_are_that_device() {
    let house = TestApp::with(&[
        ("public_url", "https://login.apps.field.example"),
        ("cookie.domain", "field.example"),
    ])
    .await;
    let (ada, photos) = ada_and_service(&house, PHOTOS).await;
    let value = |jar: &Jar| {
        let line = jar.line(PHOTOS);
        line.strip_prefix("__Secure-latchkey=").unwrap().to_owned()
    };
    let mut jar = Jar::default();
    jar.sign_in(&house, &ada, "").await;
    let first = value(&jar);
    house.wait(Duration::days(2));
    assert_eq!(jar.get(&house, "/").await.status, 200);
    let renewed = value(&jar);
    jar.sign_in(&house, &ada, "").await;
    let newest = value(&jar);
    house.wait(Duration::days(2));
    assert_eq!(jar.get(&house, "/").await.status, 200);
    let longest = value(&jar);
    let mut evil = Jar::default();
    let eve = house.person("eve@example.com", Role::User).await;
    evil.sign_in(&house, &eve, "").await;
    let tossed = value(&evil);
    for (values, status) in [
        // Of one secret, with an earlier and a later end.
        (&[&newest, &longest][..], 200),
        (&[&longest, &newest], 200),
        // Of secrets that a sign-in has ended.
        (&[&first, &longest, &renewed], 200),
        (&[&first, &renewed], 404),
        // Of two devices that live: nobody can tell whose browser it is.
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
    jar.get(&house, "/").await;
    assert_eq!(jar.domains(), ["field.example"]);
    assert_eq!(value(&jar), longest);
}

#[tokio::test]
async fn field_3_a_browser_that_keeps_no_cookies_is_told_so_after_signing_in() {
    let house = TestApp::open().await;
    let ada = house.person("ada@example.com", Role::User).await;
    let mut jar = Jar {
        refuses_all: true,
        ..Jar::default()
    };
    let page = "/devices?x=1";
    let led = jar.sign_in(&house, &ada, page).await;
    let checking = format!(
        "/login?signed_in={}&return_to=%2Fdevices%3Fx%3D1",
        house.now().unix_timestamp()
    );
    assert_eq!(
        (led.status.as_u16(), led.location()),
        (303, checking.as_str())
    );
    let told = jar.get(&house, &checking).await;
    assert!(
        told.status == 200
            && told.body.contains("Your browser did not store the cookie")
            && told.body.contains("http://localhost:3000/")
            && told
                .body
                .contains("href=\"/login?return_to=%2Fdevices%3Fx%3D1\""),
        "{}",
        told.body
    );
    // One that keeps them was only not seen to: it goes on.
    let mut jar = Jar::default();
    jar.keep(house.host(), &led);
    let on = jar.get(&house, &checking).await;
    assert_eq!((on.status.as_u16(), on.location()), (303, page));
    // Who was on the sign-in page before, as people are, is not asked twice.
    assert_eq!(
        Jar::default().sign_in(&house, &ada, page).await.location(),
        page
    );
    // An address that is kept or sent on says nothing of anybody else, and leads nowhere else.
    for (path, wait) in [
        (checking.as_str(), 61),
        ("/login?signed_in=9999999999", 0),
        ("/login?signed_in=x", 0),
    ] {
        house.wait(Duration::seconds(wait));
        let page = Jar::default().get(&house, path).await;
        assert!(
            page.status == 200 && !page.body.contains("did not store the cookie"),
            "{path}"
        );
    }
    let elsewhere = format!(
        "/login?signed_in={}&return_to=https%3A%2F%2Fevil.example",
        house.now().unix_timestamp()
    );
    assert_eq!(jar.get(&house, &elsewhere).await.location(), "/");
}

#[tokio::test]
async fn field_3_whoever_goes_round_in_circles_is_told_why_after_two_rounds() {
    for (settings, spoil, expected, remedy) in [
        (
            &[("public_url", "https://login.field.example")][..],
            "",
            "your browser does not send the sign-in cookie to photos.field.example",
            "cookie.domain is not set",
        ),
        (
            &[
                ("public_url", "https://login.apps.field.example"),
                ("cookie.domain", "apps.field.example"),
            ],
            "",
            "your browser does not send the sign-in cookie to photos.field.example",
            "cookie.domain is apps.field.example, but photos.field.example is not under it",
        ),
        (
            &[
                ("public_url", "https://login.field.example"),
                ("cookie.domain", "field.example"),
            ],
            "refuses domains",
            "Your browser does not store cookies for field.example",
            "not a public suffix",
        ),
        (
            &[
                ("public_url", "https://login.field.example"),
                ("cookie.domain", "field.example"),
            ],
            "replaced",
            "Another site under field.example has overwritten it",
            "give each installation its own cookie.domain",
        ),
        (
            &[
                ("public_url", "https://login.field.example"),
                ("cookie.domain", "field.example"),
            ],
            "",
            "lost on the way to photos.field.example",
            "latchkey proxy doctor",
        ),
    ] {
        let house = TestApp::with(settings).await;
        let (ada, _) = ada_and_service(&house, PHOTOS).await;
        let mut jar = Jar {
            refuses_domains: spoil == "refuses domains",
            ..Jar::default()
        };
        let target = "https://photos.field.example/album";
        assert_eq!(jar.sign_in(&house, &ada, target).await.location(), target);
        // A window that goes on by itself, because of this sign-in, is not sent back by anybody.
        for _ in 0..3 {
            let request = Request::get(BACK)
                .header("host", house.host())
                .header("accept", "text/html")
                .header("sec-fetch-site", "same-origin");
            let page = jar.send(&house, request.body(Body::empty()).unwrap()).await;
            assert_eq!((page.status.as_u16(), page.location()), (303, target));
        }
        let mut pages = Vec::new();
        for _ in 0..2 {
            if spoil == "replaced" {
                for kept in jar.cookies.iter_mut().filter(|kept| kept.is_wide) {
                    kept.value = "of-somebody-else".to_owned();
                }
            }
            let page = jar.get(&house, BACK).await;
            if page.body.contains(NOT_THERE) {
                pages.push(page.body);
                break;
            }
            assert_eq!((page.status.as_u16(), page.location()), (303, target));
            pages.push(String::new());
        }
        let told = pages.last().unwrap();
        assert!(
            told.contains(expected) && told.contains(remedy),
            "{expected}: {pages:?}"
        );
        // Later, or again, it begins anew.
        assert_eq!(jar.get(&house, BACK).await.location(), target);
    }
}

#[tokio::test]
async fn field_3_a_service_that_wants_more_than_a_cookie_is_no_circle() {
    let house = TestApp::with(&[
        ("public_url", "https://login.field.example"),
        ("cookie.domain", "field.example"),
    ])
    .await;
    let ada = house.person("ada@example.com", Role::User).await;
    let wants_passkey = Policy {
        requirement: Requirement::Passkey {
            max_age_seconds: 600,
        },
        ..Policy::default()
    };
    for (name, policy) in [("photos", wants_passkey), ("wiki", Policy::default())] {
        let new = NewService {
            hosts: format!("{name}.field.example"),
            policy,
            ..NewService::default()
        };
        house.service(name, new).await;
    }
    house.grant(&ada, "photos", Scopes::ALL).await;
    let mut jar = Jar::default();
    jar.sign_in(&house, &ada, "").await;
    // One wants a passkey, and the other lets her in under no circumstances: the cookie is not to blame.
    for host in ["photos", "wiki"] {
        for _ in 0..4 {
            let page = jar.get(&house, &BACK.replace("photos", host)).await;
            assert!(
                page.status == 200 && !page.body.contains(NOT_THERE),
                "{host}"
            );
        }
    }
}

#[tokio::test]
async fn field_3_a_form_of_another_scheme_or_name_of_ours_is_told_where_latchkey_is() {
    let house = TestApp::with(&[
        ("public_url", "https://login.field.example"),
        ("server.hosts", "login.internal"),
    ])
    .await;
    let post = async |origin: &str, host: &str| {
        let mut request = house.anon().form("/api/device/register", &[]);
        let headers = request.headers_mut();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        house.anon().send(request).await
    };
    for (origin, host) in [
        ("http://login.field.example", "login.field.example"),
        ("https://login.internal", "login.internal"),
        ("http://login.internal", "login.internal"),
    ] {
        let answer = post(origin, host).await;
        assert_eq!(answer.status, 403, "{origin}");
        assert!(
            answer
                .body
                .contains("Open https://login.field.example/ and try again there"),
            "{}",
            answer.body
        );
    }
    for origin in [
        "https://evil.example",
        "https://photos.field.example",
        "null",
    ] {
        let answer = post(origin, "login.field.example").await;
        assert!(
            answer.status == 403 && answer.body.contains("The request came from another site"),
            "{origin}"
        );
    }
}
