//! What an answer changes about the browser's cookies.

use super::{
    BETWEEN_ENROLMENTS, Cookies, ENROLMENT, FLASH, LED, MAX_BYTES, MAX_ENROLMENTS, SESSION, THEME,
    age_of, ours,
};
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use latchkey_app::{device_cookie::SignInRedirects, flash::Flash, request_context::Theme};
use latchkey_domain::id::UserId;
use latchkey_engine::IssuedCookie;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// As long as an invitation lives, and a little longer, so that its end is told by the server.
const ENROLMENT_AGE: Duration = Duration::minutes(24 * 60 + 5);
const THEME_AGE: Duration = Duration::days(365);
/// Redirects go round faster than people do.
const LED_AGE: Duration = Duration::seconds(20);

/// What one answer changes: the last word on each cookie wins.
#[derive(Debug, Default)]
pub(in crate::web) struct Changes {
    cookies: BTreeMap<&'static str, Cookie<'static>>,
    /// Of the same name as the device cookie for services, and of other domains.
    narrower: Vec<Cookie<'static>>,
}

impl Changes {
    fn put(&mut self, mut cookie: Cookie<'static>, name: &'static str, age: Option<Duration>) {
        // Never negative: `Max-Age=0` ends a cookie at once, and so does an end that has passed.
        if let Some(age) = age {
            cookie.set_max_age(age.max(Duration::ZERO));
        }
        self.cookies.insert(name, cookie);
    }

    /// This browser is that device.
    pub(in crate::web) fn set_device(
        &mut self,
        cookies: &Cookies,
        issued: &IssuedCookie,
        now: OffsetDateTime,
    ) {
        for (name, cookie) in cookies.device_cookies(issued.value.expose_secret()) {
            self.put(cookie, name, Some(issued.expires_at - now));
        }
    }

    /// Ends the cookies for services that narrower domains left behind.
    pub(in crate::web) fn end_narrower(&mut self, cookies: &Cookies) {
        self.narrower = cookies.narrower_ended().collect();
    }

    /// Remembers to which service this browser is led.
    pub(in crate::web) fn set_led(&mut self, led: SignInRedirects) {
        let text = led.to_string();
        self.put(ours(LED, text, SameSite::Lax), LED, Some(LED_AGE));
    }

    /// It is led nowhere; and when this comes back, it keeps cookies.
    pub(in crate::web) fn set_led_nowhere(&mut self) {
        if !self.cookies.contains_key(LED) {
            let text = SignInRedirects::default().to_string();
            self.put(ours(LED, text, SameSite::Lax), LED, None);
        }
    }

    /// This browser is no device any more.
    pub(in crate::web) fn end_device(&mut self, cookies: &Cookies) {
        for (name, cookie) in cookies.device_cookies("") {
            self.put(cookie, name, Some(Duration::ZERO));
        }
    }

    /// Names the session. Lax: whoever comes back from a service is still signed in.
    pub(in crate::web) fn set_session(&mut self, id: String) {
        self.put(ours(SESSION, id, SameSite::Lax), SESSION, None);
    }

    /// Ends the session.
    pub(in crate::web) fn end_session(&mut self) {
        self.put(
            ours(SESSION, "", SameSite::Lax),
            SESSION,
            Some(Duration::ZERO),
        );
    }

    /// Keeps the enrolments under way, the latest first, as many as fit. Lax: whoever opens the link in a mail
    /// again sees the authenticator app that they have scanned.
    pub(in crate::web) fn set_enrolments(&mut self, handles: &[String]) {
        let mut value = String::new();
        for handle in handles.iter().take(MAX_ENROLMENTS) {
            if value.len() + handle.len() >= MAX_BYTES {
                break;
            }
            if !value.is_empty() {
                value.push(BETWEEN_ENROLMENTS);
            }
            value += handle;
        }
        let age = if value.is_empty() {
            Duration::ZERO
        } else {
            ENROLMENT_AGE
        };
        self.put(ours(ENROLMENT, value, SameSite::Lax), ENROLMENT, Some(age));
    }

    /// Keeps something to say to `user` on the next page. Returns whether it fits; if not, nothing is kept.
    pub(in crate::web) fn set_flash(
        &mut self,
        cookies: &Cookies,
        flash: &Flash,
        user: Option<UserId>,
        now: OffsetDateTime,
    ) -> bool {
        let sealed = cookies.seal(flash, user, now);
        let fits = sealed.is_some();
        if let Some(sealed) = sealed {
            let age = age_of(flash);
            self.put(ours(FLASH, sealed, SameSite::Lax), FLASH, Some(age));
        }
        fits
    }

    /// It has been said, unless this answer has something new to say.
    pub(in crate::web) fn end_flash(&mut self) {
        if !self.cookies.contains_key(FLASH) {
            self.put(ours(FLASH, "", SameSite::Lax), FLASH, Some(Duration::ZERO));
        }
    }

    /// Keeps the choice of light or dark. Nothing secret, so no prefix; no script needs it either.
    pub(in crate::web) fn set_theme(&mut self, theme: Theme) {
        let (value, age) = match theme {
            Theme::Auto => ("", Duration::ZERO),
            Theme::Light => ("light", THEME_AGE),
            Theme::Dark => ("dark", THEME_AGE),
        };
        self.put(ours(THEME, value, SameSite::Lax), THEME, Some(age));
    }

    /// Writes them into an answer.
    pub(in crate::web) fn write(self, headers: &mut HeaderMap) {
        for cookie in self.narrower.into_iter().chain(self.cookies.into_values()) {
            if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
                headers.append(header::SET_COOKIE, line);
            }
        }
    }
}
