//! Our cookies: their names, contents, scope and lifetime.
//!
//! | cookie | content | sent to |
//! |---|---|---|
//! | `__Host-latchkey` | the device | our pages, which accept no other |
//! | `__Secure-latchkey` | the same, for services | all hosts of `cookie.domain`, if it is set |
//! | `__Host-latchkey-session` | the session's id | our pages |
//! | `__Host-latchkey-enrolment` | the handles of pending enrolments, sealed | our pages |
//! | `__Host-latchkey-approval` | with what an approval is collected, sealed | our pages |
//! | `__Host-latchkey-flash` | the message for the next page, sealed | our pages |
//! | `__Host-latchkey-led` | the service to which the browser was redirected last, or that it keeps cookies | our pages |
//! | `latchkey-theme` | light or dark | our pages |

mod flash;
mod set_cookies;
#[cfg(test)]
mod tests;

pub(super) use set_cookies::SetCookies;

use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, Key, SameSite};
use latchkey_app::{
    device_cookie::{DeviceCookies, Shared},
    request_context::Theme,
};
use latchkey_domain::request::host::Host;
use latchkey_parsers::cookies::{all, single, without};
use time::Duration;

/// The device cookie of our host alone; browsers enforce the prefix (RFC 6265bis §4.1.3.2).
const HOST_DEVICE: &str = "__Host-latchkey";
/// The device cookie for all hosts of a domain.
const DOMAIN_DEVICE: &str = "__Secure-latchkey";
const SESSION: &str = "__Host-latchkey-session";
const ENROLMENT: &str = "__Host-latchkey-enrolment";
const APPROVAL: &str = "__Host-latchkey-approval";
const FLASH: &str = "__Host-latchkey-flash";
const REDIRECTS: &str = "__Host-latchkey-led";
const THEME: &str = "latchkey-theme";
const ALL: [&str; 8] = [
    HOST_DEVICE,
    DOMAIN_DEVICE,
    SESSION,
    ENROLMENT,
    APPROVAL,
    FLASH,
    REDIRECTS,
    THEME,
];

/// Proxies accept four kilobytes for all headers of a response, of which cookies are only a part.
const MAX_BYTES: usize = 2000;

/// Enrolments pending in one browser at a time: in several tabs, or for several users.
const MAX_ENROLMENTS: usize = 4;
/// Occurs in no handle.
const ENROLMENT_SEPARATOR: char = '.';

/// How many device cookies of one request are read: as many as fit into the largest accepted header.
const MAX_DEVICES: usize = 512;

/// The cookies of one name in a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received<'a> {
    /// None.
    Nothing,
    /// One.
    One(&'a str),
    /// Several, of which at most one is the browser's own.
    Several(Vec<&'a str>),
}

/// Reads and creates our cookies.
pub(super) struct Cookies {
    key: Key,
    domain: Option<String>,
    own_name: String,
    narrower: Vec<String>,
}

/// The browser's cookies without ours, for a service: with the device cookie it could impersonate the user at
/// every other service.
pub(super) fn without_own_cookies(headers: &HeaderMap) -> Option<HeaderValue> {
    without(headers, &ALL)
}

/// `name` and its parent domains below `domain`.
fn names_below(name: &str, domain: &str) -> Vec<String> {
    std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1))
        .take_while(|name| *name != domain)
        .map(str::to_owned)
        .collect()
}

fn our_cookie(
    name: &'static str,
    value: impl Into<String>,
    same_site: SameSite,
) -> Cookie<'static> {
    Cookie::build((name, value.into()))
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .path("/")
        .build()
}

/// The device cookie's name, for a domain or for our host only.
pub(super) const fn device_name(has_domain: bool) -> &'static str {
    if has_domain {
        DOMAIN_DEVICE
    } else {
        HOST_DEVICE
    }
}

impl Cookies {
    /// For the public host `own_name` and, if services share the cookie, their common domain.
    pub(super) fn new(key: &[u8; 64], own_name: &str, domain: Option<&Host>) -> Self {
        Self {
            key: Key::from(key),
            domain: domain.map(ToString::to_string),
            own_name: own_name.to_owned(),
            narrower: domain.map_or_else(Vec::new, |domain| names_below(own_name, domain.as_str())),
        }
    }

    /// The device cookie for our own pages: the one that only our host can set. Any sibling host can set
    /// a `__Secure-` cookie for the domain, and so sign a browser in as its own device, or lock
    /// the user out with a second cookie.
    pub(super) fn device_of_pages<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        single(headers, HOST_DEVICE)
    }

    /// The device cookie for services: the one of the domain, if there is one, of which a sibling host
    /// may have set more; otherwise ours.
    pub(super) fn device_of_services<'a>(&self, headers: &'a HeaderMap) -> Received<'a> {
        let own = || single(headers, HOST_DEVICE).map_or(Received::Nothing, Received::One);
        if self.domain.is_none() {
            return own();
        }
        match single(headers, DOMAIN_DEVICE) {
            Some(value) => Received::One(value),
            None => match all(headers, DOMAIN_DEVICE, MAX_DEVICES) {
                values if values.is_empty() => own(),
                values => Received::Several(values),
            },
        }
    }

    /// Whether the cookie for services differs from ours or is missing.
    pub(super) fn is_out_of_step(&self, headers: &HeaderMap) -> bool {
        self.domain.is_some() && single(headers, DOMAIN_DEVICE) != single(headers, HOST_DEVICE)
    }

    /// Cookies for services other than ours: of another Latchkey, a sibling host, or an earlier one of ours.
    pub(super) fn unrecognised_device_cookies<'a>(
        &self,
        headers: &'a HeaderMap,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let own = single(headers, HOST_DEVICE);
        all(headers, DOMAIN_DEVICE, MAX_DEVICES)
            .into_iter()
            .filter(move |value| Some(*value) != own)
    }

    /// Which device cookies the browser sent back.
    pub(super) fn device_cookies_received(&self, headers: &HeaderMap) -> DeviceCookies {
        let shared = all(headers, DOMAIN_DEVICE, MAX_DEVICES);
        let own = single(headers, HOST_DEVICE);
        DeviceCookies {
            keeps_any: ALL
                .iter()
                .any(|name| *name != DOMAIN_DEVICE && !all(headers, name, 1).is_empty()),
            domain: self.domain.clone(),
            shared: match shared.as_slice() {
                [] => Shared::Missing,
                values if values.iter().any(|value| Some(*value) == own) => Shared::Own,
                _ => Shared::Foreign,
            },
            redirects: single(headers, REDIRECTS)
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            // In a chain of redirects, the least trusted hop counts (Fetch Metadata §2.3).
            is_from_us: headers
                .get("sec-fetch-site")
                .is_some_and(|site| site == "same-origin"),
            own_name: self.own_name.clone(),
        }
    }

    /// The session cookie.
    pub(super) fn session<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        single(headers, SESSION)
    }

    /// The handles of pending enrolments, latest first.
    pub(super) fn enrolments(&self, headers: &HeaderMap) -> Vec<String> {
        single(headers, ENROLMENT)
            .unwrap_or_default()
            .split(ENROLMENT_SEPARATOR)
            .filter(|handle| !handle.is_empty())
            .take(MAX_ENROLMENTS)
            .map(str::to_owned)
            .collect()
    }

    /// The ticket of the approval for which this browser asked.
    pub(super) fn approval<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        single(headers, APPROVAL)
    }

    /// The chosen theme.
    pub(super) fn theme(&self, headers: &HeaderMap) -> Theme {
        match single(headers, THEME) {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::Auto,
        }
    }

    /// Removes the cookies for services that narrower settings of `cookie.domain` left behind. Browsers send
    /// them together with the new one, indistinguishably.
    fn expired_narrower(&self) -> impl Iterator<Item = Cookie<'static>> {
        let domains = self.narrower.iter().map(|domain| Some(domain.clone()));
        let only_host = self.domain.as_ref().map(|_| None);
        domains.chain(only_host).map(|domain| {
            let mut cookie = our_cookie(DOMAIN_DEVICE, "", SameSite::Lax);
            if let Some(domain) = domain {
                cookie.set_domain(domain);
            }
            cookie.set_max_age(Duration::ZERO);
            cookie
        })
    }

    /// The device cookies with this value: ours and, with a domain, the one for services.
    fn device_cookies(&self, value: &str) -> impl Iterator<Item = (&'static str, Cookie<'static>)> {
        let of_domain = self.domain.as_ref().map(|domain| {
            let mut cookie = our_cookie(DOMAIN_DEVICE, value.to_owned(), SameSite::Lax);
            cookie.set_domain(domain.clone());
            (DOMAIN_DEVICE, cookie)
        });
        [(
            HOST_DEVICE,
            our_cookie(HOST_DEVICE, value.to_owned(), SameSite::Lax),
        )]
        .into_iter()
        .chain(of_domain)
    }
}
