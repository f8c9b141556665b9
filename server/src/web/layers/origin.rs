//! Whoever changes something must come from our own pages.
//!
//! Browsers say where a request comes from: `Sec-Fetch-Site` (Fetch Metadata) and `Origin`
//! (RFC 6454 §7). Cookies alone prove nothing, the browser adds them to any site's request
//! (cross-site request forgery, also on signing in: Keycloak CVE-2026-7507).

use crate::web::{
    Web,
    error::{refuse, render},
    route_policy::{Csrf, RouteState},
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use latchkey_app::error::{AppError, Code};
use latchkey_domain::request::host::Host;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets requests pass that come from where the policy of their route allows.
pub(in crate::web) async fn check(
    State(state): State<RouteState>,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let is_safe = is_safe && state.checks.csrf != Csrf::OwnRead;
    let origin = own_origin(&state.web, request.headers());
    if is_safe || is_allowed(request.headers(), &origin, state.checks.csrf) {
        next.run(request).await
    } else {
        refuse_origin(&state.web, request.headers())
    }
}

/// The origin that our pages have under the name that was asked: a related one if it is listed, otherwise the public one.
/// The layer `host` has checked the name.
fn own_origin(web: &Web, headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let asked = host.map(|host| format!("https://{}", host.to_ascii_lowercase()));
    let related = web.related_origins().iter();
    match related
        .into_iter()
        .find(|origin| asked.as_ref() == Some(*origin))
    {
        Some(related) => related.clone(),
        None => web.public_url().origin(),
    }
}

/// A page of ours that was opened over http, or under a name that is ours and not the public one, is no other site.
/// It is refused all the same: neither cookies nor passkeys work there.
fn refuse_origin(web: &Web, headers: &HeaderMap) -> Response {
    let is_one_of_ours = |origin: &HeaderValue| {
        let name = |host: &Host| host.as_str().split(':').next().map(str::to_owned);
        let (_, host) = origin.to_str().ok()?.split_once("://")?;
        let asked = Host::parse(host).ok()?;
        // On another port there is another program.
        let has_port = asked.as_str().contains(':');
        let is_it = |own: &Host| match has_port {
            true => *own == asked,
            false => name(own) == name(&asked),
        };
        Some(web.hosts().iter().any(is_it))
    };
    match headers.get(header::ORIGIN).and_then(is_one_of_ours) {
        Some(true) => render(
            &AppError::other_address(web.public_url().url().as_str()),
            headers,
        ),
        Some(false) | None => refuse(Code::CrossSite, headers),
    }
}

/// Every header that is there must agree, and one must be there unless programs are expected.
fn is_allowed(headers: &HeaderMap, origin: &str, csrf: Csrf) -> bool {
    let site: Vec<_> = headers.get_all(SEC_FETCH_SITE).into_iter().collect();
    let from: Vec<_> = headers.get_all(header::ORIGIN).into_iter().collect();
    let is_own = |site: &HeaderValue| site == "same-origin";
    match csrf {
        // Every method that could change something is refused by the route.
        Csrf::ReadOnly | Csrf::NoCookies => return true,
        Csrf::OwnRead => return site.iter().all(|site| is_own(site) || *site == "none"),
        Csrf::SameOrigin if site.is_empty() && from.is_empty() => return false,
        Csrf::SameOrigin | Csrf::SameOriginOrNoBrowser => {}
    }
    // `same-site` is not enough: a sibling host may be anybody's.
    site.iter().all(|site| is_own(site)) && from.iter().all(|from| *from == origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const OURS: &str = "https://login.example.com";

    fn passes(site: Option<&'static str>, origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        site.map(|site| headers.append(SEC_FETCH_SITE, HeaderValue::from_static(site)));
        origin.map(|origin| headers.append(header::ORIGIN, HeaderValue::from_static(origin)));
        is_allowed(&headers, OURS, Csrf::SameOrigin)
    }

    #[test]
    fn must_survive_14_only_our_own_pages_may_make_changes() {
        assert!(passes(Some("same-origin"), Some(OURS)));
        assert!(passes(Some("same-origin"), None));
        assert!(passes(None, Some(OURS)));
        for site in [
            "cross-site",
            "same-site",
            "none",
            "",
            "Same-Origin",
            "same-origin, same-origin",
        ] {
            assert!(!passes(Some(site), None), "{site}");
            assert!(!passes(Some(site), Some(OURS)), "{site}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://login.example.com",
            "https://login.example.com:8443",
            "https://login.example.com.evil.example",
            "https://login.example.com/",
        ] {
            assert!(!passes(None, Some(origin)), "{origin}");
            assert!(!passes(Some("same-origin"), Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_request_without_origin_headers_is_allowed_only_where_programs_are_expected() {
        assert!(!is_allowed(&HeaderMap::new(), OURS, Csrf::SameOrigin));
        assert!(is_allowed(
            &HeaderMap::new(),
            OURS,
            Csrf::SameOriginOrNoBrowser
        ));
        let cross: HeaderMap = [(
            header::ORIGIN,
            HeaderValue::from_static("https://evil.example"),
        )]
        .into_iter()
        .collect();
        assert!(!is_allowed(&cross, OURS, Csrf::SameOriginOrNoBrowser));
    }

    #[test]
    fn audit_56_another_site_starts_no_copy() {
        let passes = |sites: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for site in sites {
                headers.append(SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            is_allowed(&headers, OURS, Csrf::OwnRead)
        };
        assert!(passes(&["same-origin"]));
        assert!(passes(&["none"]), "a bookmark");
        assert!(passes(&[]), "no browser of today");
        for site in ["cross-site", "same-site", "", "None"] {
            assert!(!passes(&[site]), "{site}");
            assert!(!passes(&["same-origin", site]), "{site}");
        }
    }

    #[test]
    fn repeated_origin_headers_must_all_be_ours() {
        let two = |a, b| {
            [
                (header::ORIGIN, HeaderValue::from_static(a)),
                (header::ORIGIN, HeaderValue::from_static(b)),
            ]
            .into_iter()
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            })
        };
        assert!(!is_allowed(
            &two(OURS, "https://evil.example"),
            OURS,
            Csrf::SameOrigin
        ));
        assert!(!is_allowed(
            &two("https://evil.example", OURS),
            OURS,
            Csrf::SameOrigin
        ));
    }
}
