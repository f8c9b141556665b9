//! Every page and every action, for everybody: the matrix, generated from the router's own tables.

use crate::harness::{Answer, Browser, TestApp};
use axum::{body::Body, http::Method};
use latchkey_app::routes::{ACTIONS, Access, PAGES};
use latchkey_domain::identity::user::Role;
use time::Duration;

/// An instance of a pattern.
fn path_of(pattern: &str) -> String {
    pattern
        .replace("{code}", "0123456789abcdefghjkmnp")
        .replace("{id}", "0190c2f0-7d5a-7000-8000-000000000000")
        .replace("{name}", "photos")
}

/// Who knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Persona {
    /// Nobody knows them.
    Anonymous,
    /// A registered device, whose session has ended.
    Device,
    /// Signed in.
    User,
    /// An administrator's device, whose session has ended.
    AdminDevice,
    /// An administrator, signed in with a code, without any passkey.
    AdminByCode,
    /// An administrator, signed in, with a passkey.
    Admin,
}

impl Persona {
    const ALL: [Self; 6] = [
        Self::Anonymous,
        Self::Device,
        Self::User,
        Self::AdminDevice,
        Self::AdminByCode,
        Self::Admin,
    ];

    const fn may(self, access: Access) -> bool {
        match access {
            Access::Public => true,
            Access::User => !matches!(self, Self::Anonymous),
            Access::Admin => matches!(self, Self::Admin),
        }
    }

    /// Where a refusal leads who could do something about it.
    fn cure(self, return_to: &str) -> String {
        match self {
            Self::AdminByCode => "/enrol/passkey".to_owned(),
            _ => format!("/login?return_to={return_to}"),
        }
    }

    /// The role is there, or may be there for all the server knows: signing in could help.
    const fn could_after_signing_in(self, access: Access) -> bool {
        !matches!((self, access), (Self::Device | Self::User, Access::Admin))
    }

    async fn browser(self, house: &TestApp) -> Browser<'_> {
        let role = match self {
            Self::AdminDevice | Self::AdminByCode | Self::Admin => Role::Admin,
            Self::Anonymous | Self::Device | Self::User => Role::User,
        };
        if self == Self::Anonymous {
            return house.anon();
        }
        let person = house.person(&format!("{self:?}@example.com"), role).await;
        let browser = match self {
            Self::Admin => house.with_passkey(&person).await,
            _ => house.signed_in(&person).await,
        };
        if matches!(self, Self::Device | Self::AdminDevice) {
            house.wait(Duration::hours(25));
        }
        browser
    }
}

#[tokio::test]
async fn must_survive_26_pages() {
    let house = TestApp::open().await;
    for persona in Persona::ALL {
        let browser = persona.browser(&house).await;
        for (pattern, access) in PAGES {
            let path = path_of(pattern);
            let answer = browser.clone().get(&path).await;
            let what = format!(
                "{persona:?} {path}: {} {:?}",
                answer.status,
                answer.header("location")
            );
            assert!(answer.status.as_u16() < 500, "{what}");
            if persona.may(*access) {
                // A page may still be a redirect or a 404 of its own, but no refusal by the guard.
                assert_ne!(answer.status, 403, "{what}");
            } else if persona.could_after_signing_in(*access) {
                let return_to =
                    url::form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
                assert_eq!(answer.status, 303, "{what}");
                assert_eq!(
                    decoded(answer.location()),
                    decoded(&persona.cure(&return_to)),
                    "{what}"
                );
            } else {
                assert_eq!(answer.status, 403, "{what}");
                assert!(answer.body.contains("Only administrators"), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn must_survive_26_r10_actions() {
    let house = TestApp::open().await;
    for persona in Persona::ALL {
        let browser = persona.browser(&house).await;
        // Signing out ends the device of every browser that shares it; it has tests of its own.
        for (path, access) in ACTIONS
            .iter()
            .filter(|(path, _)| *path != "/api/session/sign-out")
        {
            let form = browser.clone().post(path, &[]).await;
            let fetched = browser.clone().fetch(path, "{}").await;
            let what = format!(
                "{persona:?} {path}: form {} {:?}, fetch {}: {}",
                form.status,
                form.header("location"),
                fetched.status,
                fetched.body
            );
            assert!(
                form.status.as_u16() < 500 && fetched.status.as_u16() < 500,
                "{what}"
            );
            if persona.may(*access) {
                continue;
            }
            if persona.could_after_signing_in(*access) {
                // An island's action reads no form at all.
                if path.starts_with("/api/passkey/") && path.ends_with("-registration") {
                    assert_eq!(form.status, 400, "{what}");
                } else {
                    assert_eq!(form.status, 303, "{what}");
                    let next = decoded(form.location());
                    assert!(next.starts_with(&persona.cure("/")), "{what}");
                }
                assert_eq!(
                    (fetched.status.as_u16(), fetched.json()["kind"].as_str()),
                    (401, Some("sign_in")),
                    "{what}"
                );
            } else {
                assert_eq!(form.status, 403, "{what}");
                assert_eq!(
                    (fetched.status.as_u16(), fetched.json()["kind"].as_str()),
                    (403, Some("forbidden")),
                    "{what}"
                );
            }
        }
    }
}

fn decoded(location: &str) -> String {
    location.replace("%2F", "/").replace("%2D", "-")
}

#[tokio::test]
async fn must_survive_22_a_path_that_could_be_read_twice_is_no_path() {
    let house = TestApp::open().await;
    let user = house.person("ada@example.com", Role::User).await;
    let browser = house.signed_in(&user).await;
    for path in [
        "/admin/",
        "//admin",
        "/admin//users",
        "/./admin",
        "/x/../admin",
        "/%61dmin",
        "/admin%2fusers",
        "/%2e%2e/admin",
        "/admin;x",
        "/admin%00",
        "/ADMIN",
        "/admin%20",
        "/admin/users/%2e%2e",
        "/login/../admin",
        "/login%2f..%2fadmin",
        "/login;/admin",
        "/enrol/..%2fadmin",
        "/enrol/x%2f..%2f..%2fadmin",
        "/nowhere",
        "/api",
        "/api/",
        "/api//user/add",
        "/pkg",
        "/.env",
        "/.git/config",
        "/wp-login.php",
    ] {
        let answer = browser.clone().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(
            answer.body.contains("Page not found"),
            "{path}: {}",
            answer.body
        );
    }
    for path in [
        "/api/user/add/",
        "/api//user/add",
        "/api/user/%61dd",
        "/api/nowhere",
        "/api/user/add;x",
    ] {
        assert_eq!(browser.clone().post(path, &[]).await.status, 404, "{path}");
    }
    assert_eq!(
        browser.clone().get("/?x=/../admin#y").await.status,
        200,
        "a query decides nothing"
    );
}

#[tokio::test]
async fn pages_take_no_posts_and_say_so() {
    let house = TestApp::open().await;
    for (pattern, _) in PAGES {
        let answer = house.anon().post(&path_of(pattern), &[]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, Some("GET, HEAD")),
            "{pattern}"
        );
    }
}

#[tokio::test]
async fn programs_are_refused_in_json() {
    let house = TestApp::open().await;
    let mut script = house.anon();
    let ask = |method: Method, path: &str| -> axum::http::Request<Body> {
        let mut request = script
            .clone()
            .request(method, path)
            .body(Body::empty())
            .unwrap();
        request.headers_mut().remove("accept");
        request
    };
    let missing = ask(Method::GET, "/nowhere");
    let answer: Answer = script.send(missing).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["error"].as_str()),
        (404, Some("not_found"))
    );
}
