//! Whether the device cookie comes back, and if not, why not.
//!
//! Without it a user signs in, the next page redirects to the sign-in page, and that one redirects to the next page
//! again. The user cannot see the cause. It is determined from the cookies of the request:
//!
//! 1. Just signed in, and no cookie: the browser stores none. If the browser has not sent a cookie yet, signing in
//!    redirects to `checking_page`, which checks for it.
//! 2. Signed in here, and sent back by a service that would admit this device: the cookie does not reach the service.
//!    The first time it is set again and the browser is redirected; after that the cause is shown.

mod problem;
mod sign_in_redirects;

pub use problem::CookieProblem;
pub use sign_in_redirects::SignInRedirects;

use crate::url::{percent_encode, query_value};
use latchkey_domain::request::return_to::ReturnTo;

/// For how long after a sign-in its cookie is checked, in seconds: an address may be bookmarked or shared.
const CHECK_SECONDS: i64 = 60;

/// The query parameter with the time of the sign-in.
const SIGNED_IN: &str = "signed_in";

/// The cookies of a request, and what they should have been.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceCookies {
    /// Whether it has any cookie that only our own host sets.
    pub keeps_any: bool,
    /// The domain of the device cookie; `None` if it is sent to our host only.
    pub domain: Option<String>,
    /// The cookie of that domain.
    pub shared: Shared,
    /// Where the browser was redirected to recently.
    pub redirects: SignInRedirects,
    /// Whether one of our pages led here, not a service: a window that continues because of another one.
    pub is_from_us: bool,
    /// The name of our own host, without a port.
    pub own_name: String,
}

/// The device cookie that services receive, as the browser sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shared {
    /// None.
    #[default]
    Missing,
    /// That of this device.
    Own,
    /// One that this Latchkey did not create.
    Foreign,
}

impl DeviceCookies {
    /// Why a service sends back a user who is signed in here and has access, if the browser was redirected there
    /// recently. If the browser sends all cookies, the user may just have opened several windows: one more redirect is
    /// allowed.
    #[must_use]
    pub fn problem_at(&self, target: &ReturnTo) -> Option<CookieProblem> {
        let host = target.host()?;
        let problem = self.cause_at(host);
        let is_cache_fresh = !matches!(problem, CookieProblem::NotForwarded { .. });
        let allowed = if is_cache_fresh { 1 } else { 2 };
        (self.redirects.times_to(target) >= allowed).then_some(problem)
    }

    fn cause_at(&self, host: &str) -> CookieProblem {
        let name = host.split(':').next().unwrap_or_default();
        let is_below = |domain: &str| {
            name.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let (host, domain) = (host.to_owned(), self.domain.clone());
        match domain {
            None if name == self.own_name => CookieProblem::NotForwarded { host },
            Some(domain) if is_below(&domain) => match self.shared {
                Shared::Missing => CookieProblem::Refused { host, domain },
                Shared::Foreign => CookieProblem::Replaced { host, domain },
                Shared::Own => CookieProblem::NotForwarded { host },
            },
            domain => CookieProblem::NotCovered { host, domain },
        }
    }

    /// The page after a sign-in: `page`, by way of `checking_page` if the browser has not sent a cookie yet.
    #[must_use]
    pub fn after_sign_in(&self, page: &str, now: i64) -> String {
        match self.keeps_any {
            true => page.to_owned(),
            false => checking_page(page, now),
        }
    }
}

/// The sign-in page, which checks whether a cookie that was just set comes back.
pub(crate) fn checking_page(page: &str, now: i64) -> String {
    format!(
        "/login?{SIGNED_IN}={now}&return_to={}",
        percent_encode(page)
    )
}

/// Whether the user has just signed in and was redirected to this address to check the cookie.
#[must_use]
pub fn is_checked(path_and_query: &str, now: i64) -> bool {
    query_value(path_and_query, SIGNED_IN)
        .and_then(|at| at.parse::<i64>().ok())
        .is_some_and(|at| (0..CHECK_SECONDS).contains(&now.saturating_sub(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::request::return_to::AllowedTargets;

    fn target(text: &str) -> ReturnTo {
        let hosts = ["*.field.example:8443", "localhost:8080"];
        let allowed = AllowedTargets {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            allow_http: true,
        };
        ReturnTo::parse(text, &allowed).unwrap()
    }

    fn redirects(target: &ReturnTo, times: u8) -> SignInRedirects {
        (0..times).fold(SignInRedirects::default(), |redirects, _| {
            redirects.once_more_to(target)
        })
    }

    #[test]
    fn field_3_the_cause_is_determined_from_the_cookies() {
        let photos = target("https://photos.field.example:8443/album");
        let host = || "photos.field.example:8443".to_owned();
        let some = |domain: &str| Some(domain.to_owned());
        for (domain, shared, expected) in [
            (
                None,
                Shared::Missing,
                CookieProblem::NotCovered {
                    host: host(),
                    domain: None,
                },
            ),
            (
                some("apps.field.example"),
                Shared::Own,
                CookieProblem::NotCovered {
                    host: host(),
                    domain: some("apps.field.example"),
                },
            ),
            (
                some("eld.example"),
                Shared::Own,
                CookieProblem::NotCovered {
                    host: host(),
                    domain: some("eld.example"),
                },
            ),
            (
                some("field.example"),
                Shared::Missing,
                CookieProblem::Refused {
                    host: host(),
                    domain: "field.example".to_owned(),
                },
            ),
            (
                some("field.example"),
                Shared::Foreign,
                CookieProblem::Replaced {
                    host: host(),
                    domain: "field.example".to_owned(),
                },
            ),
        ] {
            let brought = |redirects| DeviceCookies {
                keeps_any: true,
                domain: domain.clone(),
                shared,
                redirects,
                own_name: "login.field.example".to_owned(),
                is_from_us: false,
            };
            // The first time it is redirected, and after another page, too.
            assert_eq!(
                brought(SignInRedirects::default()).problem_at(&photos),
                None
            );
            let wiki = target("https://wiki.field.example:8443/");
            assert_eq!(brought(redirects(&wiki, 3)).problem_at(&photos), None);
            assert_eq!(
                brought(redirects(&photos, 1)).problem_at(&photos),
                Some(expected)
            );
        }
    }

    #[test]
    fn field_3_a_browser_that_sends_all_cookies_is_redirected_once_more() {
        for (text, domain) in [
            (
                "https://photos.field.example:8443/album",
                Some("field.example"),
            ),
            // On our own name a cookie goes to every port.
            ("http://localhost:8080/", None),
        ] {
            let target = target(text);
            let brought = |times| DeviceCookies {
                keeps_any: true,
                domain: domain.map(str::to_owned),
                shared: Shared::Own,
                redirects: redirects(&target, times),
                own_name: "localhost".to_owned(),
                is_from_us: false,
            };
            assert_eq!(brought(1).problem_at(&target), None, "{text}");
            let host = target.host().unwrap().to_owned();
            assert_eq!(
                brought(2).problem_at(&target),
                Some(CookieProblem::NotForwarded { host })
            );
        }
    }
}
