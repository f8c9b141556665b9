//! Whether the device cookie comes back, and if not, why not.
//!
//! Somebody signs in, and the next page takes them for a stranger and leads back to the sign-in page, which leads on
//! again. The cause is seldom theirs and never visible to them. It is told from what their browser brought:
//!
//! 1. Just signed in, and no cookie: the browser keeps none. A sign-in whose browser has not shown that it keeps
//!    cookies leads over `checking_page`, which sees whether it did.
//! 2. Signed in here, and sent back by a service that would let this device in: the cookie does not reach the
//!    service. The first time it is set again and the browser is led on; after that it is told why.

mod led;
mod trouble;

pub use led::SignInRedirects;
pub use trouble::CookieProblem;

use crate::{request_context::Facts, response};
use latchkey_domain::request::return_to::ReturnTo;

/// For how long after a sign-in its cookie is looked for, in seconds: an address may be kept or sent on.
const MOMENT: i64 = 60;

/// The value of the query that says when somebody signed in.
const SIGNED_IN: &str = "signed_in";

/// What the browser brought, and what it should have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceCookies {
    /// Whether it brought any cookie that only our own host sets.
    pub keeps_any: bool,
    /// The domain to whose hosts the device cookie goes; none: only to our own.
    pub domain: Option<String>,
    /// What it brought of the cookie for that domain.
    pub shared: Shared,
    /// Where it was led to a moment ago.
    pub led: SignInRedirects,
    /// Whether a page of ours led here, and no service: a window that goes on because of another one.
    pub is_from_us: bool,
    /// The name of our own host, without a port.
    pub own_name: String,
}

/// What a browser brought of the cookie that goes to services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shared {
    /// None.
    #[default]
    Missing,
    /// The one of this device.
    Own,
    /// Others, which this Latchkey has not made.
    Foreign,
}

impl DeviceCookies {
    /// Why a service sends somebody back who is signed in here and may enter it, if they were led there a moment
    /// ago already. Where their browser brings all that it should, they may only have opened several windows:
    /// one more time is waited for.
    #[must_use]
    pub fn trouble_at(&self, target: &ReturnTo) -> Option<CookieProblem> {
        let host = target.host()?;
        let trouble = self.cause_at(host);
        let is_cache_fresh = !matches!(trouble, CookieProblem::NotHandedOn { .. });
        let patience = if is_cache_fresh { 1 } else { 2 };
        (self.led.times_to(target) >= patience).then_some(trouble)
    }

    fn cause_at(&self, host: &str) -> CookieProblem {
        let name = host.split(':').next().unwrap_or_default();
        let is_subpage = |domain: &str| {
            name.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let (host, domain) = (host.to_owned(), self.domain.clone());
        match domain {
            None if name == self.own_name => CookieProblem::NotHandedOn { host },
            Some(domain) if is_subpage(&domain) => match self.shared {
                Shared::Missing => CookieProblem::Refused { host, domain },
                Shared::Foreign => CookieProblem::Replaced { host, domain },
                Shared::Own => CookieProblem::NotHandedOn { host },
            },
            domain => CookieProblem::NotCovered { host, domain },
        }
    }
}

/// Where a sign-in leads: to `page`, by way of `checking_page` if the browser has not shown yet that it keeps cookies.
#[must_use]
pub fn after_sign_in(facts: &Facts, page: &str, now: i64) -> String {
    match facts.cookies.keeps_any {
        true => page.to_owned(),
        false => checking_page(page, now),
    }
}

/// The sign-in page, as a place where to see whether a cookie that was just set comes back.
pub(crate) fn checking_page(page: &str, now: i64) -> String {
    format!(
        "/login?{SIGNED_IN}={now}&return_to={}",
        response::escape(page)
    )
}

/// Whether somebody has signed in a moment ago and was led here to see whether the cookie came back.
#[must_use]
pub fn is_checked(facts: &Facts, now: i64) -> bool {
    facts
        .query(SIGNED_IN)
        .and_then(|at| at.parse::<i64>().ok())
        .is_some_and(|at| (0..MOMENT).contains(&now.saturating_sub(at)))
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

    fn led(target: &ReturnTo, times: u8) -> SignInRedirects {
        (0..times).fold(SignInRedirects::default(), |led, _| {
            led.once_more_to(target)
        })
    }

    #[test]
    fn field_3_the_cause_is_told_from_what_the_browser_brought() {
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
            let brought = |led| DeviceCookies {
                keeps_any: true,
                domain: domain.clone(),
                shared,
                led,
                own_name: "login.field.example".to_owned(),
                is_from_us: false,
            };
            // The first time it is led on, and after another page too.
            assert_eq!(
                brought(SignInRedirects::default()).trouble_at(&photos),
                None
            );
            let wiki = target("https://wiki.field.example:8443/");
            assert_eq!(brought(led(&wiki, 3)).trouble_at(&photos), None);
            assert_eq!(brought(led(&photos, 1)).trouble_at(&photos), Some(expected));
        }
    }

    #[test]
    fn field_3_several_windows_of_a_browser_that_keeps_all_are_no_trouble_at_once() {
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
                led: led(&target, times),
                own_name: "localhost".to_owned(),
                is_from_us: false,
            };
            assert_eq!(brought(1).trouble_at(&target), None, "{text}");
            let host = target.host().unwrap().to_owned();
            assert_eq!(
                brought(2).trouble_at(&target),
                Some(CookieProblem::NotHandedOn { host })
            );
        }
    }
}
