//! Every cookie there is: its name, what it says, how far it reaches, how long it lives.
//!
//! | cookie | says | reach |
//! |---|---|---|
//! | `__Host-latchkey` | which device this is | our pages, which believe no other |
//! | `__Secure-latchkey` | the same, for services | with `cookie.domain` all its hosts |
//! | `__Host-latchkey-session` | which session | our pages |
//! | `__Host-latchkey-enrolment` | which enrolments are under way, sealed | our pages |
//! | `__Host-latchkey-flash` | what the next page has to say, sealed | our pages |
//! | `__Host-latchkey-led` | to which service it was led a moment ago, or that this browser keeps cookies | our pages |
//! | `latchkey-theme` | light or dark | our pages |

mod brought;
mod changes;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(super) use changes::Changes;

use super::layers::origin::SEC_FETCH_SITE;
use axum::http::{HeaderMap, HeaderValue, header};
use brought::{all, only, without};
use cookie::{Cookie, CookieJar, Key, SameSite};
use latchkey_app::{
    device_cookie::{DeviceCookies, Shared},
    flash::{Flash, Outcome},
    request_context::Theme,
};
use latchkey_domain::{id::UserId, request::host::Host};
use latchkey_engine::SAVED_REQUEST_LIFETIME;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The device cookie of our host alone; browsers enforce the prefix (RFC 6265bis §4.1.3.2).
const HOST_DEVICE: &str = "__Host-latchkey";
/// The device cookie of a whole domain.
const DOMAIN_DEVICE: &str = "__Secure-latchkey";
const SESSION: &str = "__Host-latchkey-session";
const ENROLMENT: &str = "__Host-latchkey-enrolment";
const FLASH: &str = "__Host-latchkey-flash";
const LED: &str = "__Host-latchkey-led";
const THEME: &str = "latchkey-theme";
const ALL: [&str; 7] = [
    HOST_DEVICE,
    DOMAIN_DEVICE,
    SESSION,
    ENROLMENT,
    FLASH,
    LED,
    THEME,
];

/// From the redirect to the page that says it.
const FLASH_AGE: Duration = Duration::minutes(2);
/// The same where it failed: what was typed waits until its sender has signed in.
const FAILED_AGE: Duration = SAVED_REQUEST_LIFETIME;
/// Proxies take four kilobytes for the whole head of an answer, in which other lines stand too.
const MAX_BYTES: usize = 2000;

/// Links that somebody sets up in one browser at a time: in two tabs, or for two people.
const MAX_ENROLMENTS: usize = 4;
/// Stands in no handle.
const BETWEEN_ENROLMENTS: char = '.';

/// Device cookies that are looked at where several came: as many as fit into the longest head.
const MAX_DEVICES: usize = 512;

/// What a browser brought of one cookie.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Brought<'a> {
    /// None of it.
    Nothing,
    /// One.
    One(&'a str),
    /// Several; at most one of them can be its own.
    Several(Vec<&'a str>),
}

/// Reads and makes our cookies.
pub(super) struct Cookies {
    key: Key,
    domain: Option<String>,
    own_name: String,
    narrower: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct SealedFlash {
    until: i64,
    /// Whose it is: on a shared computer, what one person typed is not for the next.
    of: Option<UserId>,
    flash: Flash,
}

/// The browser's cookies without ours: what a service may see of them. With the device cookie it
/// could act as the person at every other service.
pub(super) fn of_others(headers: &HeaderMap) -> Option<HeaderValue> {
    without(headers, &ALL)
}

fn age_of(flash: &Flash) -> Duration {
    match flash.outcome {
        Outcome::Failed { .. } => FAILED_AGE,
        Outcome::Done(_) | Outcome::Reveal { .. } => FLASH_AGE,
    }
}

/// The name and those above it, up to a domain and without it.
fn between(name: &str, domain: &str) -> Vec<String> {
    std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1))
        .take_while(|name| *name != domain)
        .map(str::to_owned)
        .collect()
}

fn ours(name: &'static str, value: impl Into<String>, same_site: SameSite) -> Cookie<'static> {
    Cookie::build((name, value.into()))
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .path("/")
        .build()
}

/// The device cookie's name, with a domain or for our host alone.
pub(super) const fn device_name(has_domain: bool) -> &'static str {
    if has_domain {
        DOMAIN_DEVICE
    } else {
        HOST_DEVICE
    }
}

impl Cookies {
    /// For a public host of this name, and a domain above it if there is one.
    pub(super) fn new(key: &[u8; 64], own_name: &str, domain: Option<&Host>) -> Self {
        Self {
            key: Key::from(key),
            domain: domain.map(ToString::to_string),
            own_name: own_name.to_owned(),
            narrower: domain.map_or_else(Vec::new, |domain| between(own_name, domain.as_str())),
        }
    }

    /// The device cookie, for our own pages: the one that only our host can set. Any sibling host can set
    /// a `__Secure-` cookie for the domain, and so put its own device into somebody's browser, or lock
    /// the owner out with a second cookie.
    pub(super) fn device_of_pages<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        only(headers, HOST_DEVICE)
    }

    /// The device cookie, for services: with a domain the one that reaches them, of which a sibling host
    /// may have set others; without, ours alone.
    pub(super) fn device_of_services<'a>(&self, headers: &'a HeaderMap) -> Brought<'a> {
        let own = || only(headers, HOST_DEVICE).map_or(Brought::Nothing, Brought::One);
        if self.domain.is_none() {
            return own();
        }
        match only(headers, DOMAIN_DEVICE) {
            Some(value) => Brought::One(value),
            None => match all(headers, DOMAIN_DEVICE, MAX_DEVICES) {
                values if values.is_empty() => own(),
                values => Brought::Several(values),
            },
        }
    }

    /// Whether the cookie that reaches services says something else than ours, or is missing.
    pub(super) fn has_strayed(&self, headers: &HeaderMap) -> bool {
        self.domain.is_some() && only(headers, DOMAIN_DEVICE) != only(headers, HOST_DEVICE)
    }

    /// Those for services beside ours: of another Latchkey, of a sibling host, or of ours from another time.
    pub(super) fn others<'a>(
        &self,
        headers: &'a HeaderMap,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let own = only(headers, HOST_DEVICE);
        all(headers, DOMAIN_DEVICE, MAX_DEVICES)
            .into_iter()
            .filter(move |value| Some(*value) != own)
    }

    /// What came back of the device cookie.
    pub(super) fn brought(&self, headers: &HeaderMap) -> DeviceCookies {
        let shared = all(headers, DOMAIN_DEVICE, MAX_DEVICES);
        let own = only(headers, HOST_DEVICE);
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
            led: only(headers, LED)
                .and_then(|led| led.parse().ok())
                .unwrap_or_default(),
            // Of a chain of redirects, the least trusted hop counts (Fetch Metadata §2.3).
            is_from_us: headers
                .get(SEC_FETCH_SITE)
                .is_some_and(|site| site == "same-origin"),
            own_name: self.own_name.clone(),
        }
    }

    /// The session cookie.
    pub(super) fn session<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        only(headers, SESSION)
    }

    /// The handles of the enrolments under way, the latest first.
    pub(super) fn enrolments(&self, headers: &HeaderMap) -> Vec<String> {
        only(headers, ENROLMENT)
            .unwrap_or_default()
            .split(BETWEEN_ENROLMENTS)
            .filter(|handle| !handle.is_empty())
            .take(MAX_ENROLMENTS)
            .map(str::to_owned)
            .collect()
    }

    /// The choice of light or dark.
    pub(super) fn theme(&self, headers: &HeaderMap) -> Theme {
        match only(headers, THEME) {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::Auto,
        }
    }

    /// Whether the browser brought something to say, whatever it is worth.
    pub(super) fn has_flash(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::COOKIE).into_iter().any(|line| {
            line.as_bytes()
                .windows(FLASH.len())
                .any(|part| part == FLASH.as_bytes())
        })
    }

    /// What the last answer wanted said to `user`, if we sealed it and it is not old.
    pub(super) fn flash(
        &self,
        headers: &HeaderMap,
        user: Option<UserId>,
        now: OffsetDateTime,
    ) -> Option<Flash> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(FLASH, only(headers, FLASH)?.to_owned()));
        let opened = jar.private(&self.key).get(FLASH)?;
        let sealed: SealedFlash = serde_json::from_str(opened.value()).ok()?;
        let is_for_them = match (sealed.of, user) {
            (Some(of), Some(user)) => of == user,
            (Some(_), None) | (None, _) => true,
        };
        (is_for_them && now.unix_timestamp() < sealed.until).then_some(sealed.flash)
    }

    /// `None` where it is too long for a cookie.
    fn seal(&self, flash: &Flash, of: Option<UserId>, now: OffsetDateTime) -> Option<String> {
        let until = (now + age_of(flash)).unix_timestamp();
        let text = serde_json::to_string(&SealedFlash {
            until,
            of,
            flash: flash.clone(),
        })
        .ok()?;
        let mut jar = CookieJar::new();
        jar.private_mut(&self.key).add(Cookie::new(FLASH, text));
        Some(jar.get(FLASH)?.value().to_owned()).filter(|sealed| sealed.len() <= MAX_BYTES)
    }

    /// The cookies for services that earlier and narrower settings of the domain left behind, ended. They stand
    /// beside the new one in every request, and nothing says which is which.
    fn narrower_ended(&self) -> impl Iterator<Item = Cookie<'static>> {
        let domains = self.narrower.iter().map(|domain| Some(domain.clone()));
        let only_host = self.domain.as_ref().map(|_| None);
        domains.chain(only_host).map(|domain| {
            let mut cookie = ours(DOMAIN_DEVICE, "", SameSite::Lax);
            if let Some(domain) = domain {
                cookie.set_domain(domain);
            }
            cookie.set_max_age(Duration::ZERO);
            cookie
        })
    }

    /// The device cookies of one value: ours, and with a domain the one that reaches services.
    fn device_cookies(&self, value: &str) -> impl Iterator<Item = (&'static str, Cookie<'static>)> {
        let of_domain = self.domain.as_ref().map(|domain| {
            let mut cookie = ours(DOMAIN_DEVICE, value.to_owned(), SameSite::Lax);
            cookie.set_domain(domain.clone());
            (DOMAIN_DEVICE, cookie)
        });
        [(
            HOST_DEVICE,
            ours(HOST_DEVICE, value.to_owned(), SameSite::Lax),
        )]
        .into_iter()
        .chain(of_domain)
    }
}
