//! Every cookie there is: its name, what it says, how far it reaches, how long it lives.
//!
//! | cookie | says | reach |
//! |---|---|---|
//! | `__Host-latchkey` | which device this is | all our pages; with `cookie.domain` all its hosts, as `__Secure-latchkey` |
//! | `__Host-latchkey-session` | which session | our pages |
//! | `__Host-latchkey-ceremony` | which ceremony is under way | our pages, never from another site |
//! | `__Host-latchkey-flash` | what the next page has to say, sealed | our pages |
//! | `latchkey-theme` | light or dark | our pages |

mod brought;
mod changes;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(super) use changes::Changes;

use axum::http::{HeaderMap, HeaderValue, header};
use brought::{only, without};
use cookie::{Cookie, CookieJar, Key, SameSite};
use latchkey_app::{flash::Flash, visit::Theme};
use latchkey_domain::host::Host;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The device cookie of our host alone; browsers enforce the prefix (RFC 6265bis §4.1.3.2).
const HOST_DEVICE: &str = "__Host-latchkey";
/// The device cookie of a whole domain.
const DOMAIN_DEVICE: &str = "__Secure-latchkey";
const SESSION: &str = "__Host-latchkey-session";
const CEREMONY: &str = "__Host-latchkey-ceremony";
const FLASH: &str = "__Host-latchkey-flash";
const THEME: &str = "latchkey-theme";
const ALL: [&str; 6] = [HOST_DEVICE, DOMAIN_DEVICE, SESSION, CEREMONY, FLASH, THEME];

/// From the redirect to the page that says it.
const FLASH_AGE: Duration = Duration::minutes(2);
/// Browsers drop a cookie above 4096 bytes with its name and attributes (RFC 6265 §6.1).
const MAX_FLASH_BYTES: usize = 3800;

/// Reads and makes our cookies.
pub(super) struct Cookies {
    key: Key,
    domain: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SealedFlash {
    until: i64,
    flash: Flash,
}

/// The browser's cookies without ours: what a service may see of them. With the device cookie it
/// could act as the person at every other service.
pub(super) fn of_others(headers: &HeaderMap) -> Option<HeaderValue> {
    without(headers, &ALL)
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
    pub(super) fn new(key: &[u8; 64], domain: Option<&Host>) -> Self {
        Self {
            key: Key::from(key),
            domain: domain.map(ToString::to_string),
        }
    }

    /// The device cookie. Where a domain is configured, one of the time before counts too, so that
    /// setting the domain signs nobody out. Not the other way round: any sibling host can set a
    /// `__Secure-` cookie, and so put its own device into somebody's browser.
    pub(super) fn device<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        match self.domain {
            None => only(headers, HOST_DEVICE),
            Some(_) => only(headers, DOMAIN_DEVICE).or_else(|| only(headers, HOST_DEVICE)),
        }
    }

    /// The session cookie.
    pub(super) fn session<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        only(headers, SESSION)
    }

    /// The ceremony under way.
    pub(super) fn ceremony<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        only(headers, CEREMONY)
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

    /// What the last answer wanted said, if we sealed it and it is not old.
    pub(super) fn flash(&self, headers: &HeaderMap, now: OffsetDateTime) -> Option<Flash> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(FLASH, only(headers, FLASH)?.to_owned()));
        let opened = jar.private(&self.key).get(FLASH)?;
        let sealed: SealedFlash = serde_json::from_str(opened.value()).ok()?;
        (now.unix_timestamp() < sealed.until).then_some(sealed.flash)
    }

    fn seal(&self, flash: &Flash, now: OffsetDateTime) -> Option<String> {
        let until = (now + FLASH_AGE).unix_timestamp();
        let text = serde_json::to_string(&SealedFlash {
            until,
            flash: flash.clone(),
        })
        .ok()?;
        let mut jar = CookieJar::new();
        jar.private_mut(&self.key).add(Cookie::new(FLASH, text));
        Some(jar.get(FLASH)?.value().to_owned()).filter(|sealed| sealed.len() <= MAX_FLASH_BYTES)
    }

    fn device_name(&self) -> &'static str {
        device_name(self.domain.is_some())
    }

    fn device_cookie(&self, value: &str) -> Cookie<'static> {
        let mut cookie = ours(self.device_name(), value, SameSite::Lax);
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.clone());
        }
        cookie
    }
}
