//! Every page and every action, for everybody: the matrix, generated from the router's own tables.

mod persona;

use crate::harness::{TestApp, TestResponse, ceremony_body};
use axum::{body::Body, http::Method};
use latchkey::web::{
    public,
    route::Route,
    route_policy::{BodyLimit, Csrf, RoutePolicy},
};
use latchkey_app::{
    error::AppError,
    routes::{ACTIONS, PAGES},
};
use latchkey_domain::{access::permission::Denial, identity::user::Role};
use persona::Persona;

/// The routes of one router.
fn routes_of(router: &str) -> impl Iterator<Item = Route> {
    public::routes()
        .into_iter()
        .filter(move |route| route.router == router)
}

/// An instance of a pattern.
fn path_of(pattern: &str) -> String {
    pattern
        .replace("{code}", "0123456789abcdefghjkmnp")
        .replace("{id}", "0190c2f0-7d5a-7000-8000-000000000000")
        .replace("{name}", "photos")
}

/// Where a denial is resolved, if the user can resolve it.
fn cure(denial: Denial, return_to: &str) -> Option<String> {
    match denial {
        Denial::SignIn | Denial::StepUp => Some(format!("/login?return_to={return_to}")),
        Denial::NeedsPasskey => Some("/enrol/passkey".to_owned()),
        Denial::Recovery => Some("/devices".to_owned()),
        Denial::NotApproved | Denial::Forbidden => None,
    }
}

#[test]
fn must_survive_26_every_page_and_every_action_of_the_tables_has_a_route_with_its_policy() {
    let pages: Vec<_> = routes_of("pages")
        .map(|route| {
            let access = route.policy.checks().unwrap().access;
            (route.path.into_owned(), access)
        })
        .collect();
    assert_eq!(pages.len(), PAGES.len());
    for (path, access) in PAGES {
        assert!(pages.contains(&((*path).to_owned(), *access)), "{path}");
    }
    let actions: Vec<_> = routes_of("actions").collect();
    assert_eq!(actions.len(), ACTIONS.len());
    for action in ACTIONS {
        let route = actions.iter().find(|route| route.path == action.path);
        let checks = route.unwrap().policy.checks().unwrap();
        assert_eq!(
            (checks.access, checks.rate, checks.csrf, checks.body),
            (
                action.access,
                action.rate,
                Csrf::SameOrigin,
                BodyLimit::Form
            ),
            "{}",
            action.path
        );
    }
}

/// A new route that changes something without a browser's word for it, or is for anybody, is named here.
#[test]
fn must_survive_26_exceptions_to_csrf_body_and_rate_rules_are_listed() {
    for route in public::routes() {
        let RoutePolicy::Checked(checks) = route.policy else {
            assert_eq!((route.router, &route.method), ("assets", &Method::GET));
            let listed = serde_json::to_value(&route).unwrap();
            assert_eq!(
                (&listed["access"], &listed["rate"]),
                (&"public".into(), &"unlimited".into())
            );
            continue;
        };
        let reads = route.method == Method::GET;
        let csrf = match (&*route.path, reads) {
            ("/device/add", _) => Csrf::SameOriginOrNoBrowser,
            // Browsers send it without saying from where.
            ("/csp-report", _) => Csrf::NoCookies,
            ("/api" | "/api/v1/openapi.json", _) => Csrf::ReadOnly,
            (path, _) if path.starts_with("/oauth/") || path.starts_with("/api/v1/") => {
                Csrf::NoCookies
            }
            // Another site must not start what costs.
            ("/activity/export" | "/admin/audit/export" | "/admin/audit/events", true) => {
                Csrf::OwnRead
            }
            (_, true) => Csrf::ReadOnly,
            (_, false) => Csrf::SameOrigin,
        };
        let body = if reads || route.method == Method::DELETE {
            BodyLimit::Unread
        } else {
            BodyLimit::Form
        };
        assert_eq!((checks.csrf, checks.body), (csrf, body), "{}", route.path);
        assert_ne!(route.router, "assets", "{}", route.path);
    }
}

#[tokio::test]
async fn must_survive_26_every_page_requires_its_role() {
    let test = TestApp::open().await;
    for persona in Persona::ALL {
        let browser = persona.browser(&test).await;
        for Route { path, policy, .. } in routes_of("pages") {
            let (path, access) = (path_of(&path), policy.checks().unwrap().access);
            let response = browser.clone().get(&path).await;
            let what = format!(
                "{persona:?} {path}: {} {:?}",
                response.status,
                response.header("location")
            );
            assert!(response.status.as_u16() < 500, "{what}");
            match persona.denial(access) {
                // A page may still be a redirect or a 404 of its own.
                None => assert_eq!(response.denial(), None, "{what}"),
                Some(denial) => match cure(denial, &path) {
                    Some(page) => {
                        assert_eq!(response.status, 303, "{what}");
                        assert_eq!(decoded(response.location()), page, "{what}");
                    }
                    None => {
                        assert_eq!(response.status, 403, "{what}");
                        assert!(
                            response.body.contains("Your role does not permit"),
                            "{what}"
                        );
                    }
                },
            }
        }
    }
}

#[tokio::test]
async fn must_survive_26_r10_every_action_requires_its_role() {
    let test = TestApp::open().await;
    for persona in Persona::ALL {
        let browser = persona.browser(&test).await;
        // Signing out ends the device of every browser that shares it, any device without a limit may cancel a recovery, and only one in
        // recovery confirms it; they have tests of their own.
        let others = [
            "/actions/session/sign-out",
            "/actions/recovery/cancel",
            "/actions/recovery/send-mail",
            "/actions/recovery/confirm",
        ];
        for Route { path, policy, .. } in
            routes_of("actions").filter(|route| !others.contains(&&*route.path))
        {
            let access = policy.checks().unwrap().access;
            // An island's action reads no form at all.
            let is_island = path.ends_with("-registration")
                || ["/actions/approval/begin", "/actions/approval/finish"].contains(&&*path);
            let form = browser.clone().post(&path, &[]).await;
            let fetched = browser.clone().fetch(&path, &ceremony_body("")).await;
            let what = format!(
                "{persona:?} {path}: form {} {:?}, fetch {} {:?}: {}",
                form.status,
                form.header("location"),
                fetched.status,
                fetched.header("location"),
                fetched.body
            );
            assert!(
                form.status.as_u16() < 500 && fetched.status.as_u16() < 500,
                "{what}"
            );
            let Some(denial) = persona.denial_of_action(&path, access) else {
                // What it does not find or accept is no denial.
                assert_eq!((form.denial(), fetched.denial()), (None, None), "{what}");
                continue;
            };
            let cure = cure(denial, "/");
            match &cure {
                Some(_) if is_island => assert_eq!(form.status, 400, "{what}"),
                Some(page) => {
                    assert_eq!(form.status, 303, "{what}");
                    assert!(decoded(form.location()).starts_with(page), "{what}");
                }
                None => assert_eq!(form.status, 403, "{what}"),
            }
            // A form's action responds to everybody as to a form; the route itself to programs with problem details.
            if persona.denial(access).is_none() && !is_island {
                let page = decoded(fetched.location());
                assert!(cure.is_some_and(|cure| page.starts_with(&cure)), "{what}");
                continue;
            }
            let error = AppError::from(denial).code;
            assert_eq!(fetched.status, error.status(), "{what}");
            assert_eq!(fetched.denial().as_deref(), Some(error.as_str()), "{what}");
        }
    }
}

fn decoded(location: &str) -> String {
    location.replace("%2F", "/").replace("%2D", "-")
}

#[tokio::test]
async fn must_survive_22_an_ambiguous_path_is_not_found() {
    let test = TestApp::open().await;
    let user = test.user("ada@example.com", Role::Member).await;
    let browser = test.signed_in(&user).await;
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
        "/api/",
        "/api/v1",
        "/api/v2",
        "/actions",
        "/actions/",
        "/actions//user/add",
        "/pkg",
        "/.env",
        "/.git/config",
        "/wp-login.php",
    ] {
        let response = browser.clone().get(path).await;
        assert_eq!(response.status, 404, "{path}");
        assert!(
            response.body.contains("Page not found"),
            "{path}: {}",
            response.body
        );
    }
    for path in [
        "/actions/user/add/",
        "/actions//user/add",
        "/actions/user/%61dd",
        "/actions/nowhere",
        "/api/nowhere",
        "/api/user/nowhere",
        "/actions/user/add;x",
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
async fn pages_refuse_posts_with_405() {
    let test = TestApp::open().await;
    for (pattern, _) in PAGES {
        let response = test.anon().post(&path_of(pattern), &[]).await;
        assert_eq!(
            (response.status.as_u16(), response.header("allow")),
            (405, Some("GET, HEAD")),
            "{pattern}"
        );
    }
}

#[tokio::test]
async fn scripts_get_problem_details() {
    let test = TestApp::open().await;
    let mut script = test.anon();
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
    let response: TestResponse = script.send(missing).await;
    assert_eq!(
        (response.status.as_u16(), response.json()["error"].as_str()),
        (404, Some("not_found"))
    );
    assert_eq!(
        response.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(response.json()["status"], 404);
}
