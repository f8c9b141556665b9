//! The message for the next page, in a sealed cookie.

use super::{Cookies, FLASH, MAX_BYTES};
use axum::http::{HeaderMap, header};
use cookie::{Cookie, CookieJar};
use latchkey_app::flash::{Flash, Outcome};
use latchkey_domain::id::UserId;
use latchkey_engine::SAVED_REQUEST_LIFETIME;
use latchkey_parsers::cookies::single;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// How long a flash message waits for the next page.
const FLASH_AGE: Duration = Duration::minutes(2);
/// The same for a failed form: its input is kept until the user has signed in.
pub(super) const FAILED_AGE: Duration = SAVED_REQUEST_LIFETIME;

#[derive(Serialize, Deserialize)]
struct SealedFlash {
    until: i64,
    /// Whose it is: on a shared computer, one user's input must not be shown to the next.
    of: Option<UserId>,
    flash: Flash,
}

pub(super) fn age_of(flash: &Flash) -> Duration {
    match flash.outcome {
        Outcome::Failed { .. } => FAILED_AGE,
        Outcome::Done(_) | Outcome::Reveal { .. } | Outcome::Codes { .. } => FLASH_AGE,
    }
}

impl Cookies {
    /// Whether the browser sent a flash message, valid or not.
    pub(in crate::web) fn has_flash(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::COOKIE).into_iter().any(|line| {
            line.as_bytes()
                .windows(FLASH.len())
                .any(|part| part == FLASH.as_bytes())
        })
    }

    /// The flash message for `user`, if we sealed it and it has not expired.
    pub(in crate::web) fn flash(
        &self,
        headers: &HeaderMap,
        user: Option<UserId>,
        now: OffsetDateTime,
    ) -> Option<Flash> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(FLASH, single(headers, FLASH)?.to_owned()));
        let opened = jar.private(&self.key).get(FLASH)?;
        let sealed: SealedFlash = serde_json::from_str(opened.value()).ok()?;
        let is_for_them = match (sealed.of, user) {
            (Some(of), Some(user)) => of == user,
            (Some(_), None) | (None, _) => true,
        };
        (is_for_them && now.unix_timestamp() < sealed.until).then_some(sealed.flash)
    }

    /// `None` if it is too long for a cookie.
    pub(super) fn seal(
        &self,
        flash: &Flash,
        of: Option<UserId>,
        now: OffsetDateTime,
    ) -> Option<String> {
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
}
