//! The `Set-Cookie` lines of a response, and `Clear-Site-Data` at the end of a session.

use super::{
    APPROVAL, Cookies, ENROLMENT, ENROLMENT_SEPARATOR, FLASH, MAX_BYTES, MAX_ENROLMENTS, REDIRECTS,
    SESSION, THEME, flash::age_of, our_cookie,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use cookie::{Cookie, SameSite};
use latchkey_app::{device_cookie::SignInRedirects, flash::Flash, request_context::Theme};
use latchkey_domain::{id::UserId, identity::approval, secret::SecretText};
use latchkey_engine::IssuedCookie;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// A little longer than an invitation is valid, so that the server can say that it has expired.
const ENROLMENT_AGE: Duration = Duration::minutes(24 * 60 + 5);
const THEME_AGE: Duration = Duration::days(365);
/// A redirect loop is faster than a user who opens a service again.
const REDIRECTS_AGE: Duration = Duration::seconds(20);

/// <https://w3c.github.io/webappsec-clear-site-data/>. Not `"cookies"`: that is the cookies of all hosts of the registrable
/// domain, so those of services too, and the device cookie, which identifies this browser at its next sign-in.
const CLEAR_SITE_DATA: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static(r#""cache", "storage""#),
);

/// The cookies that a response sets; setting one again replaces it.
#[derive(Debug, Default)]
pub(in crate::web) struct SetCookies {
    cookies: BTreeMap<&'static str, Cookie<'static>>,
    /// Cookies with the name of the device cookie for services and with narrower domains, to be removed.
    narrower: Vec<Cookie<'static>>,
    clears_site_data: bool,
}

impl SetCookies {
    fn put(&mut self, mut cookie: Cookie<'static>, name: &'static str, age: Option<Duration>) {
        // `Max-Age=0` removes a cookie at once, and so must an expiry in the past.
        if let Some(age) = age {
            cookie.set_max_age(age.max(Duration::ZERO));
        }
        self.cookies.insert(name, cookie);
    }

    /// Makes this browser the device of `issued`.
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

    /// Removes the cookies for services that narrower domains left behind.
    pub(in crate::web) fn end_narrower(&mut self, cookies: &Cookies) {
        self.narrower = cookies.expired_narrower().collect();
    }

    /// Remembers to which service this browser is redirected.
    pub(in crate::web) fn set_redirects(&mut self, redirects: SignInRedirects) {
        let text = redirects.to_string();
        self.put(
            our_cookie(REDIRECTS, text, SameSite::Lax),
            REDIRECTS,
            Some(REDIRECTS_AGE),
        );
    }

    /// Remembers no redirect; if the browser sends this back, it keeps cookies.
    pub(in crate::web) fn set_no_redirect(&mut self) {
        if !self.cookies.contains_key(REDIRECTS) {
            let text = SignInRedirects::default().to_string();
            self.put(our_cookie(REDIRECTS, text, SameSite::Lax), REDIRECTS, None);
        }
    }

    /// Makes this browser no device.
    pub(in crate::web) fn end_device(&mut self, cookies: &Cookies) {
        for (name, cookie) in cookies.device_cookies("") {
            self.put(cookie, name, Some(Duration::ZERO));
        }
    }

    /// Has the browser delete what it stored of our pages, unless a session begins with this response.
    pub(in crate::web) fn clear_site_data(&mut self) {
        self.clears_site_data = true;
    }

    /// Sets the session's id. `Lax`: a user who returns from a service is still signed in.
    pub(in crate::web) fn set_session(&mut self, id: String) {
        self.clears_site_data = false;
        self.put(our_cookie(SESSION, id, SameSite::Lax), SESSION, None);
    }

    /// Removes the session's id.
    pub(in crate::web) fn end_session(&mut self) {
        self.put(
            our_cookie(SESSION, "", SameSite::Lax),
            SESSION,
            Some(Duration::ZERO),
        );
    }

    /// Keeps the handles of pending enrolments, latest first, as many as fit. `Lax`: a user who opens the
    /// mailed link again sees the QR code that they have scanned.
    pub(in crate::web) fn set_enrolments(&mut self, handles: &[String]) {
        let mut value = String::new();
        for handle in handles.iter().take(MAX_ENROLMENTS) {
            if value.len() + handle.len() >= MAX_BYTES {
                break;
            }
            if !value.is_empty() {
                value.push(ENROLMENT_SEPARATOR);
            }
            value += handle;
        }
        let age = if value.is_empty() {
            Duration::ZERO
        } else {
            ENROLMENT_AGE
        };
        self.put(
            our_cookie(ENROLMENT, value, SameSite::Lax),
            ENROLMENT,
            Some(age),
        );
    }

    /// Keeps the ticket of an approval. `Lax`: a user who comes back to the page from elsewhere sees the same number.
    pub(in crate::web) fn set_approval(&mut self, ticket: &SecretText) {
        self.put(
            our_cookie(APPROVAL, ticket.expose_secret(), SameSite::Lax),
            APPROVAL,
            Some(approval::LIFETIME),
        );
    }

    /// Removes it.
    pub(in crate::web) fn end_approval(&mut self) {
        self.put(
            our_cookie(APPROVAL, "", SameSite::Lax),
            APPROVAL,
            Some(Duration::ZERO),
        );
    }

    /// Keeps a message to `user` for the next page. Returns whether it fits; otherwise nothing is kept.
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
            self.put(our_cookie(FLASH, sealed, SameSite::Lax), FLASH, Some(age));
        }
        fits
    }

    /// Removes the message that was shown, unless this response has a new one.
    pub(in crate::web) fn end_flash(&mut self) {
        if !self.cookies.contains_key(FLASH) {
            self.put(
                our_cookie(FLASH, "", SameSite::Lax),
                FLASH,
                Some(Duration::ZERO),
            );
        }
    }

    /// Keeps the chosen theme. It is not secret, so it has no prefix.
    pub(in crate::web) fn set_theme(&mut self, theme: Theme) {
        let (value, age) = match theme {
            Theme::Auto => ("", Duration::ZERO),
            Theme::Light => ("light", THEME_AGE),
            Theme::Dark => ("dark", THEME_AGE),
        };
        self.put(our_cookie(THEME, value, SameSite::Lax), THEME, Some(age));
    }

    /// Writes them into a response's headers.
    pub(in crate::web) fn write(self, headers: &mut HeaderMap) {
        if self.clears_site_data {
            let (name, value) = CLEAR_SITE_DATA;
            headers.insert(name, value);
        }
        for cookie in self.narrower.into_iter().chain(self.cookies.into_values()) {
            if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
                headers.append(header::SET_COOKIE, line);
            }
        }
    }
}
