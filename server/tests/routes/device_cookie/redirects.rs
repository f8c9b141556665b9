//! Users whom a service sends back although they are signed in.

use super::*;

#[tokio::test]
async fn field_3_a_browser_that_refuses_cookies_is_told_after_signing_in() {
    let test = TestApp::open().await;
    let ada = test.user("ada@example.com", Role::Member).await;
    let mut jar = Jar {
        refuses_all: true,
        ..Jar::default()
    };
    let page = "/devices?x=1";
    let redirect = jar.sign_in(&test, &ada, page).await;
    let checking = format!(
        "/login?signed_in={}&return_to=%2Fdevices%3Fx%3D1",
        test.now().unix_timestamp()
    );
    assert_eq!(
        (redirect.status.as_u16(), redirect.location()),
        (303, checking.as_str())
    );
    let shown = jar.get(&test, &checking).await;
    assert!(
        shown.status == 200
            && shown.body.contains("Your browser did not store the cookie")
            && shown.body.contains("http://localhost:3000/")
            && shown
                .body
                .contains("href=\"/login?return_to=%2Fdevices%3Fx%3D1\""),
        "{}",
        shown.body
    );
    // One that keeps them was only not seen to: it goes on.
    let mut jar = Jar::default();
    jar.keep(test.host(), &redirect);
    let on = jar.get(&test, &checking).await;
    assert_eq!((on.status.as_u16(), on.location()), (303, page));
    // After a visit to the login page, as users do it, there is no second check.
    assert_eq!(
        Jar::default().sign_in(&test, &ada, page).await.location(),
        page
    );
    // A bookmarked or shared URL reveals nothing about other users, and does not redirect elsewhere.
    for (path, wait) in [
        (checking.as_str(), 61),
        ("/login?signed_in=9999999999", 0),
        ("/login?signed_in=x", 0),
    ] {
        test.wait(Duration::seconds(wait));
        let page = Jar::default().get(&test, path).await;
        assert!(
            page.status == 200 && !page.body.contains("did not store the cookie"),
            "{path}"
        );
    }
    let elsewhere = format!(
        "/login?signed_in={}&return_to=https%3A%2F%2Fevil.example",
        test.now().unix_timestamp()
    );
    assert_eq!(jar.get(&test, &elsewhere).await.location(), "/");
}

#[tokio::test]
async fn field_3_a_redirect_loop_is_explained_after_two_rounds() {
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
        let test = TestApp::with(settings).await;
        let (ada, _) = ada_and_service(&test, PHOTOS).await;
        let mut jar = Jar {
            refuses_domains: spoil == "refuses domains",
            ..Jar::default()
        };
        let target = "https://photos.field.example/album";
        assert_eq!(jar.sign_in(&test, &ada, target).await.location(), target);
        // A window that goes on by itself, because of this sign-in, is not sent back by anybody.
        for _ in 0..3 {
            let request = Request::get(BACK)
                .header("host", test.host())
                .header("accept", "text/html")
                .header("sec-fetch-site", "same-origin");
            let page = jar.send(&test, request.body(Body::empty()).unwrap()).await;
            assert_eq!((page.status.as_u16(), page.location()), (303, target));
        }
        let mut pages = Vec::new();
        for _ in 0..2 {
            if spoil == "replaced" {
                for kept in jar.cookies.iter_mut().filter(|kept| kept.is_wide) {
                    kept.value = "of-somebody-else".to_owned();
                }
            }
            let page = jar.get(&test, BACK).await;
            if page.body.contains(NOT_THERE) {
                pages.push(page.body);
                break;
            }
            assert_eq!((page.status.as_u16(), page.location()), (303, target));
            pages.push(String::new());
        }
        let shown = pages.last().unwrap();
        assert!(
            shown.contains(expected) && shown.contains(remedy),
            "{expected}: {pages:?}"
        );
        // Later, or again, it begins anew.
        assert_eq!(jar.get(&test, BACK).await.location(), target);
    }
}

#[tokio::test]
async fn field_3_a_step_up_is_not_a_redirect_loop() {
    let test = TestApp::with(&[
        ("public_url", "https://login.field.example"),
        ("cookie.domain", "field.example"),
    ])
    .await;
    let ada = test.user("ada@example.com", Role::Member).await;
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
        test.service(name, new).await;
    }
    test.grant(&ada, "photos", Scopes::ALL).await;
    let mut jar = Jar::default();
    jar.sign_in(&test, &ada, "").await;
    // One wants a passkey, and the other lets her in under no circumstances: the cookie is not to blame.
    for host in ["photos", "wiki"] {
        for _ in 0..4 {
            let page = jar.get(&test, &BACK.replace("photos", host)).await;
            assert!(
                page.status == 200 && !page.body.contains(NOT_THERE),
                "{host}"
            );
        }
    }
}
