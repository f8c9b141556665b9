//! From cookies to a user on a device, and from a proof to a signed-in device.

use crate::{
    Engine, IssuedCookie, RequestOrigin, Result, error::chain, identity,
    identity::role::permissions_of, keys::device_cookie::DeviceCookie, keys::keyring,
};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionDigest, SignIn},
    id::{DeviceId, UserId},
    identity::device::{self, DeviceState, Registration},
    secret::SecretText,
};
use time::Duration;

/// Genuine device cookies in one request that are looked up.
const MAX_GENUINE: usize = 8;

/// A cookie is renewed when this much of its life is gone.
const RENEW_AFTER: Duration = Duration::DAY;

/// What a live session says: the device it was made on, and its times.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts {
    /// The device that signed in.
    pub device_id: DeviceId,
    /// Since when, and when last active.
    pub sign_in: SignIn,
    /// By what the session is found.
    pub digest: SessionDigest,
}

/// What a device cookie says.
#[derive(Debug, Default)]
pub struct DeviceAuthentication {
    /// The user on this device, if it is live.
    pub current_user: Option<CurrentUser>,
    /// The device that this browser is, or was until its owner signed out.
    pub browser: Option<KnownBrowser>,
    /// A cookie with a later expiry, when the old one has spent a day of its life.
    pub renewed: Option<IssuedCookie>,
    /// The cookie as it was brought, while it is that of a live device.
    pub same: Option<IssuedCookie>,
}

/// Tells device cookies of ours apart, for quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CookieDigest(u128);

impl CookieDigest {
    /// One of this value.
    #[must_use]
    pub const fn new(digest: u128) -> Self {
        Self(digest)
    }
}

/// A browser that holds the last secret of a device that was not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownBrowser {
    /// The device.
    pub device: DeviceId,
    /// Whose it is.
    pub user: UserId,
}

impl From<&CurrentUser> for KnownBrowser {
    fn from(current_user: &CurrentUser) -> Self {
        Self {
            device: current_user.device_id,
            user: current_user.user_id,
        }
    }
}

/// A fresh sign-in: the caller starts a new session (never reuses an id) and sets the cookie.
#[derive(Debug)]
pub struct SignedIn {
    /// The user on the device, with `sign_in` set.
    pub current_user: CurrentUser,
    /// The device cookie to set.
    pub cookie: IssuedCookie,
    /// Whether this made a new device.
    pub is_new_device: bool,
}

impl Engine {
    /// Recognises a device by its cookie, and adds the session if it belongs to the same device.
    /// A missing, forged, expired or revoked cookie says nothing; it is never an error.
    ///
    /// # Errors
    /// [`crate::Error::Internal`] only.
    pub async fn authenticate(
        &self,
        cookie: Option<&str>,
        session: Option<SessionFacts>,
    ) -> Result<DeviceAuthentication> {
        let now = self.now();
        let text = cookie.unwrap_or_default();
        let Ok(cookie) = DeviceCookie::parse(text, &self.inner.keys, now) else {
            return Ok(DeviceAuthentication::default());
        };
        let device = identity::store::device::find(&self.read(), cookie.device).await?;
        let is_right = cookie.is_secret_of(
            &self.inner.keys,
            device.as_ref().map(|device| device.secret_tag.as_slice()),
        );
        let Some(device) = device.filter(|_| is_right) else {
            return Ok(DeviceAuthentication::default());
        };
        // A diagnostic device is for services: here it would be renewed, and its copy live on.
        if device.registration == Registration::DiagnosticDevice {
            return Ok(DeviceAuthentication::default());
        }
        // A session that was made on another device says nothing about this one.
        let session = session.filter(|session| session.device_id == device.id);
        let is_live = match device.state {
            // What owes an authentication is no more than a known browser until its user signs in: whoever copied the cookie sees
            // nothing. Its sessions ended when it was challenged.
            DeviceState::Active if device.is_challenged() && session.is_none() => false,
            DeviceState::Active => device.expires_at > now,
            DeviceState::SignedOut { .. } => false,
            DeviceState::Revoked { .. } => return Ok(DeviceAuthentication::default()),
        };
        // Before a signed-out device is recognised: the browser of a disabled user is anonymous.
        let Some(user) = identity::store::user::find(&self.read(), device.user_id)
            .await?
            .filter(|user| !user.is_disabled())
        else {
            return Ok(DeviceAuthentication::default());
        };
        let browser = KnownBrowser {
            device: device.id,
            user: device.user_id,
        };
        if !is_live {
            return Ok(DeviceAuthentication {
                browser: Some(browser),
                ..DeviceAuthentication::default()
            });
        }
        let current_user = CurrentUser {
            user_id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            permissions: permissions_of(&self.read(), user.role).await?,
            device_id: device.id,
            passkey_verified_at: device.passkey_verified_at,
            has_passkey: identity::store::passkey::count_by_user(&self.read(), user.id).await? > 0,
            limit: device.limit,
            sign_in: session.map(|session| session.sign_in),
            session: session.map(|session| session.digest),
        };
        // A cookie that could not be renewed is valid all the same; the next request renews it.
        let renewed = self.renew(text, &cookie, &device.secret_tag).await;
        let renewed = renewed.unwrap_or_else(|cause| {
            tracing::warn!(device = %device.id.uuid(), error = %chain(&cause), "a device cookie could not be renewed");
            None
        });
        Ok(DeviceAuthentication {
            current_user: Some(current_user),
            browser: Some(browser),
            renewed,
            same: Some(IssuedCookie {
                value: SecretText::new(text),
                expires_at: cookie.expires_at,
            }),
        })
    }

    /// The one of several device cookies that is of a live device; `None` if none is, or if they are of more
    /// than one device. Of one device there may be several: after `cookie.domain` was widened, the cookie of the
    /// narrower domain stays beside the new one, which is renewed. An error of the database is none, too:
    /// nothing is certain then.
    pub async fn sole_live_device<'a>(&self, cookies: Vec<&'a str>) -> Option<&'a str> {
        // The tag first: whoever sets many cookies must not hide the genuine one behind them.
        let genuine: Vec<_> = cookies
            .into_iter()
            .filter_map(|text| {
                let cookie = DeviceCookie::parse(text, &self.inner.keys, self.now()).ok()?;
                Some((text, cookie))
            })
            .take(MAX_GENUINE)
            .collect();
        let mut live: Option<(&str, DeviceCookie)> = None;
        for (text, cookie) in genuine {
            let Some(device) = self.known_device(cookie.device, self.now()).await.ok()? else {
                continue;
            };
            let is_live = device.facts.is_active
                && cookie.is_secret_of(&self.inner.keys, Some(&device.secret_tag));
            match &live {
                _ if !is_live => {}
                Some((_, other)) if other.device != cookie.device => return None,
                Some((_, other)) if other.expires_at >= cookie.expires_at => {}
                Some(_) | None => live = Some((text, cookie)),
            }
        }
        live.map(|(text, _)| text)
    }

    /// The secret that a cookie carries, as a digest, if we made the cookie and its time has not come. Without a
    /// look-up: the device may have been revoked since, and the cookie replaced. Not the device: a copy of
    /// an old cookie must not use up what the device may ask.
    #[must_use]
    pub fn device_of(&self, cookie: &str) -> Option<CookieDigest> {
        let genuine = DeviceCookie::parse(cookie, &self.inner.keys, self.now()).ok()?;
        let digest = keyring::digest("quota", genuine.secret.expose());
        Some(CookieDigest::new(u128::from_le_bytes(
            digest.first_chunk().copied().unwrap_or_default(),
        )))
    }

    /// Notes that a device was used from an address, for the lists.
    pub fn note_seen(&self, current_user: &CurrentUser, origin: &RequestOrigin) {
        self.inner.snapshot.uses.note(
            current_user.device_id,
            self.now().unix_timestamp(),
            origin.ip_text(),
        );
    }

    /// A cookie with a later expiry, or under the active master key. Once a cookie under the active key comes back, the
    /// browser has it, and the stored tag of its secret follows: from then on the device needs no earlier master key.
    async fn renew(
        &self,
        text: &str,
        cookie: &DeviceCookie,
        secret_tag: &[u8],
    ) -> Result<Option<IssuedCookie>> {
        let keys = &self.inner.keys;
        let full = self.now() + device::DEFAULT_LIFETIME;
        let is_under_active_key = DeviceCookie::is_under_active_key(text, keys);
        if is_under_active_key && !keys.is_active(secret_tag) {
            let permit = self.acquire_write_permit().await?;
            let after = cookie.secret_tag(keys);
            identity::store::device::retag(&permit, cookie.device, secret_tag, after).await?;
            // Its expiry moves on with the next request, if that is due.
            return Ok(None);
        }
        if is_under_active_key && full - cookie.expires_at < RENEW_AFTER {
            return Ok(None);
        }
        // Another tab may have got a new secret meanwhile: the old one must not come back over it.
        let permit = self.acquire_write_permit().await?;
        let is_fresh =
            identity::store::device::extend(&permit, cookie.device, secret_tag, full).await?;
        drop(permit);
        let renewed = DeviceCookie {
            device: cookie.device,
            secret: cookie.secret.clone(),
            expires_at: full,
        };
        Ok(is_fresh.then(|| renewed.issue(&self.inner.keys)))
    }
}
