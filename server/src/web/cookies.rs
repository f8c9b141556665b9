//! Every cookie there is: its name, what it says, how far it reaches, how long it lives.
//!
//! | cookie | says | reach |
//! |---|---|---|
//! | `__Host-latchkey` | which device this is | all our pages; with `cookie.domain` all its hosts, as `__Secure-latchkey` |
//! | `__Host-latchkey-session` | which session | our pages |
//! | `__Host-latchkey-ceremony` | which ceremony is under way | our pages, never from another site |
//! | `__Host-latchkey-flash` | what the next page has to say, sealed | our pages |
//! | `latchkey-theme` | light or dark | our pages |

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, CookieJar, Key, SameSite};
use latchkey_app::{flash::Flash, visit::Theme};
use latchkey_domain::service::Host;
use latchkey_engine::{CeremonyHandle, IssuedCookie};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// The device cookie of our host alone; browsers enforce the prefix (RFC 6265bis §4.1.3.2).
const HOST_DEVICE: &str = "__Host-latchkey";
/// The device cookie of a whole domain.
const DOMAIN_DEVICE: &str = "__Secure-latchkey";
const SESSION: &str = "__Host-latchkey-session";
const CEREMONY: &str = "__Host-latchkey-ceremony";
const FLASH: &str = "__Host-latchkey-flash";
const THEME: &str = "latchkey-theme";

/// Longer than a ceremony lives on the server, so that its end is told by the server.
const CEREMONY_AGE: Duration = Duration::minutes(10);
/// From the redirect to the page that says it.
const FLASH_AGE: Duration = Duration::minutes(2);
const THEME_AGE: Duration = Duration::days(365);
/// Browsers drop a cookie above 4096 bytes with its name and attributes (RFC 6265 §6.1).
const MAX_FLASH_BYTES: usize = 3800;

/// Reads and makes our cookies.
pub(super) struct Cookies {
    key: Key,
    domain: Option<String>,
}

/// What one answer changes: the last word on each cookie wins.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<&'static str, Cookie<'static>>);

#[derive(Serialize, Deserialize)]
struct SealedFlash {
    until: i64,
    flash: Flash,
}

/// The value of the cookie of this name, if it came exactly once. Two of one name mean that
/// somebody else could set one (a sibling host, a path trick); we cannot tell which, so neither counts.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // Bytes, not text: some other application's odd cookie must not hide ours.
    let mut values = headers
        .get_all(header::COOKIE)
        .into_iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| {
            let pair = pair.trim_ascii();
            let end = pair.iter().position(|byte| *byte == b'=')?;
            (pair.get(..end)? == name.as_bytes()).then(|| pair.get(end + 1..))?
        });
    match (values.next(), values.next()) {
        (Some(value), None) => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

fn ours(name: &'static str, value: impl Into<String>, same_site: SameSite) -> Cookie<'static> {
    Cookie::build((name, value.into()))
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .path("/")
        .build()
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
        if self.domain.is_some() {
            DOMAIN_DEVICE
        } else {
            HOST_DEVICE
        }
    }

    fn device_cookie(&self, value: &str) -> Cookie<'static> {
        let mut cookie = ours(self.device_name(), value, SameSite::Lax);
        if let Some(domain) = &self.domain {
            cookie.set_domain(domain.clone());
        }
        cookie
    }
}

impl Changes {
    fn put(&mut self, mut cookie: Cookie<'static>, name: &'static str, age: Option<Duration>) {
        // Never negative: `Max-Age=0` ends a cookie at once, and so does an end that has passed.
        if let Some(age) = age {
            cookie.set_max_age(age.max(Duration::ZERO));
        }
        self.0.insert(name, cookie);
    }

    /// This browser is that device.
    pub(super) fn set_device(
        &mut self,
        cookies: &Cookies,
        issued: &IssuedCookie,
        now: OffsetDateTime,
    ) {
        let cookie = cookies.device_cookie(issued.value.reveal_once());
        self.put(cookie, cookies.device_name(), Some(issued.expires_at - now));
    }

    /// This browser is no device any more.
    pub(super) fn end_device(&mut self, cookies: &Cookies) {
        self.put(
            cookies.device_cookie(""),
            cookies.device_name(),
            Some(Duration::ZERO),
        );
        if cookies.domain.is_some() {
            self.put(
                ours(HOST_DEVICE, "", SameSite::Lax),
                HOST_DEVICE,
                Some(Duration::ZERO),
            );
        }
    }

    /// Names the session. Lax: whoever comes back from a service is still signed in.
    pub(super) fn set_session(&mut self, id: String) {
        self.put(ours(SESSION, id, SameSite::Lax), SESSION, None);
    }

    /// Ends the session.
    pub(super) fn end_session(&mut self) {
        self.put(
            ours(SESSION, "", SameSite::Lax),
            SESSION,
            Some(Duration::ZERO),
        );
    }

    /// Names the ceremony. Strict: no ceremony begins or ends on another site's say.
    pub(super) fn set_ceremony(&mut self, handle: &CeremonyHandle) {
        self.put(
            ours(CEREMONY, handle.0.reveal_once(), SameSite::Strict),
            CEREMONY,
            Some(CEREMONY_AGE),
        );
    }

    /// Forgets the ceremony.
    pub(super) fn end_ceremony(&mut self) {
        self.put(
            ours(CEREMONY, "", SameSite::Strict),
            CEREMONY,
            Some(Duration::ZERO),
        );
    }

    /// Keeps something to say for the next page. What was typed is left out if it does not fit.
    pub(super) fn set_flash(&mut self, cookies: &Cookies, flash: &Flash, now: OffsetDateTime) {
        let shorter = || {
            cookies.seal(
                &Flash {
                    typed: BTreeMap::new(),
                    ..flash.clone()
                },
                now,
            )
        };
        if let Some(sealed) = cookies.seal(flash, now).or_else(shorter) {
            self.put(ours(FLASH, sealed, SameSite::Lax), FLASH, Some(FLASH_AGE));
        }
    }

    /// It has been said, unless this answer has something new to say.
    pub(super) fn end_flash(&mut self) {
        if !self.0.contains_key(FLASH) {
            self.put(ours(FLASH, "", SameSite::Lax), FLASH, Some(Duration::ZERO));
        }
    }

    /// Keeps the choice of light or dark. Nothing secret, so no prefix; no script needs it either.
    pub(super) fn set_theme(&mut self, theme: Theme) {
        let (value, age) = match theme {
            Theme::Auto => ("", Duration::ZERO),
            Theme::Light => ("light", THEME_AGE),
            Theme::Dark => ("dark", THEME_AGE),
        };
        self.put(ours(THEME, value, SameSite::Lax), THEME, Some(age));
    }

    /// Writes them into an answer.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        for cookie in self.0.into_values() {
            if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
                headers.append(header::SET_COOKIE, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_app::flash::Outcome;
    use latchkey_domain::secret::SecretText;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-21 12:00 UTC);

    fn sent(lines: &[&[u8]]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (header::COOKIE, HeaderValue::from_bytes(line).unwrap()))
            .collect()
    }

    fn flash(message: &str, typed: &str) -> Flash {
        let outcome = Outcome::Failed {
            field: None,
            message: message.to_owned(),
        };
        Flash {
            form: "/api/device/rename".to_owned(),
            outcome,
            typed: [("name".to_owned(), typed.to_owned())].into(),
        }
    }

    fn written(changes: Changes) -> Vec<String> {
        let mut headers = HeaderMap::new();
        changes.write(&mut headers);
        headers
            .get_all(header::SET_COOKIE)
            .into_iter()
            .map(|line| line.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn must_survive_20_a_cookie_counts_only_if_it_came_exactly_once() {
        let cookies = Cookies::new(&[7; 64], None);
        let device = |lines: &[&[u8]]| cookies.device(&sent(lines)).map(str::to_owned);
        assert_eq!(
            device(&[b"a=b; __Host-latchkey=x=y; c=d"]).as_deref(),
            Some("x=y")
        );
        assert_eq!(
            device(&[b"odd=\xff\xfe", b"__Host-latchkey=x"]).as_deref(),
            Some("x")
        );
        assert_eq!(device(&[b"__Host-latchkey=x; __Host-latchkey=x"]), None);
        assert_eq!(device(&[b"__Host-latchkey=x", b"__Host-latchkey=y"]), None);
        for other in [
            &b"__Host-Latchkey=x"[..],
            b"__Host_latchkey=x",
            b"__Host.latchkey=x",
            b"__Secure-latchkey=x",
            b"latchkey=x",
            b"__Host-latchkey",
            b"__Host-latchkey =x",
            b"__Host-latchkey=\xff",
        ] {
            assert_eq!(device(&[other]), None, "{other:?}");
        }
    }

    #[test]
    fn a_configured_domain_accepts_the_cookie_of_the_time_before() {
        let cookies = Cookies::new(&[7; 64], Some(&Host::parse("example.com").unwrap()));
        assert_eq!(
            cookies.device(&sent(&[b"__Host-latchkey=old"])),
            Some("old")
        );
        assert_eq!(
            cookies.device(&sent(&[b"__Host-latchkey=old; __Secure-latchkey=new"])),
            Some("new")
        );
    }

    #[test]
    fn the_device_cookie_has_the_promised_attributes() {
        let issued = IssuedCookie {
            value: SecretText::new("v"),
            expires_at: NOW + Duration::days(90),
        };
        let mut changes = Changes::default();
        changes.set_device(&Cookies::new(&[7; 64], None), &issued, NOW);
        assert_eq!(
            written(changes),
            ["__Host-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=7776000"]
        );
        let mut changes = Changes::default();
        changes.set_device(
            &Cookies::new(&[7; 64], Some(&Host::parse("example.com").unwrap())),
            &issued,
            NOW,
        );
        assert_eq!(
            written(changes),
            [
                "__Secure-latchkey=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com; Max-Age=7776000"
            ]
        );
    }

    #[test]
    fn a_flash_travels_sealed_and_not_for_long() {
        let cookies = Cookies::new(&[7; 64], None);
        let sealed = cookies.seal(&flash("Enter a name.", "x"), NOW).unwrap();
        let line = format!("{FLASH}={sealed}");
        assert!(!line.contains("Enter"));
        assert_eq!(
            cookies.flash(&sent(&[line.as_bytes()]), NOW),
            Some(flash("Enter a name.", "x"))
        );
        assert_eq!(
            cookies.flash(&sent(&[line.as_bytes()]), NOW + FLASH_AGE),
            None
        );
        assert_eq!(
            Cookies::new(&[8; 64], None).flash(&sent(&[line.as_bytes()]), NOW),
            None
        );
    }

    #[test]
    fn must_survive_16_a_flash_with_any_bit_flipped_says_nothing() {
        let cookies = Cookies::new(&[7; 64], None);
        let sealed = cookies.seal(&flash("Enter a name.", "x"), NOW).unwrap();
        for place in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let line = [FLASH.as_bytes(), b"=", &bytes].concat();
            assert_eq!(cookies.flash(&sent(&[&line]), NOW), None, "byte {place}");
        }
    }

    #[test]
    fn what_was_typed_is_left_out_when_it_does_not_fit_into_a_cookie() {
        let cookies = Cookies::new(&[7; 64], None);
        let mut changes = Changes::default();
        changes.set_flash(&cookies, &flash("Enter a name.", &"x".repeat(5000)), NOW);
        let lines = written(changes);
        assert!(lines[0].len() < 4096);
        let pair = lines[0].split(';').next().unwrap();
        assert_eq!(
            cookies
                .flash(&sent(&[pair.as_bytes()]), NOW)
                .map(|flash| flash.typed),
            Some(BTreeMap::new())
        );
    }
}
