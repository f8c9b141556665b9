//! From cookies to a person on a device, and from a proof to a signed-in device.

use crate::{
    Engine, Error, IssuedCookie, RequestOrigin, Result,
    audit::log::{Actor, Change, Entry, Target},
    database, identity,
    keys::device_cookie::DeviceCookie,
    keys::keyring,
};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionDigest, SignIn},
    audit::event::{Action, FieldChange},
    id::{DeviceId, UserId},
    identity::device::{self, DeviceKind, DeviceState, Registration},
    name::DisplayName,
    secret::{SecretBytes, SecretText},
};
use time::Duration;

/// Genuine device cookies in one request that are looked up.
const MAX_GENUINE: usize = 8;

/// The most devices of one account that are not revoked.
const MAX_DEVICES: u64 = 200;

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
    /// The person on this device, if it is live.
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

/// What the log says of a device that is limited.
fn yes() -> String {
    "yes".to_owned()
}

/// A fresh sign-in: the caller starts a new session (never reuses an id) and sets the cookie.
#[derive(Debug)]
pub struct SignedIn {
    /// The person on the device, with `sign_in` set.
    pub current_user: CurrentUser,
    /// The device cookie to set.
    pub cookie: IssuedCookie,
    /// Whether this made a new device.
    pub is_new_device: bool,
}

/// How somebody proved who they are.
pub(crate) struct Proof {
    pub(crate) registration: Registration,
    /// The name for a new device; empty takes one from the browser.
    pub(crate) device_name: Option<DisplayName>,
    /// Whether the device is limited until it is approved.
    pub(crate) is_limited: bool,
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
        let device = identity::store::device::find(self.db(), cookie.device).await?;
        let is_right = cookie.is_secret_of(
            &self.inner.keys,
            device.as_ref().map(|device| device.secret_tag.as_slice()),
        );
        let Some(device) = device.filter(|_| is_right) else {
            return Ok(DeviceAuthentication::default());
        };
        // A probe opens services: here it would be renewed, and its copy live on.
        if Registration::from_word(&device.registration) == Registration::DiagnosticDevice {
            return Ok(DeviceAuthentication::default());
        }
        let facts = device.facts();
        let browser = KnownBrowser {
            device: facts.id,
            user: facts.user_id,
        };
        match facts.state {
            DeviceState::Active if facts.expires_at > now => {}
            DeviceState::Active | DeviceState::SignedOut { .. } => {
                return Ok(DeviceAuthentication {
                    browser: Some(browser),
                    ..DeviceAuthentication::default()
                });
            }
            DeviceState::Revoked { .. } => return Ok(DeviceAuthentication::default()),
        }
        let Some(user) = identity::store::user::find(self.db(), facts.user_id)
            .await?
            .filter(|user| user.disabled_at.is_none())
        else {
            return Ok(DeviceAuthentication::default());
        };
        // A session that was made on another device says nothing about this one.
        let session = session.filter(|session| session.device_id == facts.id);
        let current_user = CurrentUser {
            user_id: facts.user_id,
            email: database::parsed(&user.email)?,
            name: database::parsed(&user.name)?,
            role: user.role(),
            device_id: facts.id,
            passkey_verified_at: facts.passkey_verified_at,
            has_passkey: identity::store::passkey::count_of(self.db(), facts.user_id).await? > 0,
            is_limited: device.is_limited,
            sign_in: session.map(|session| session.sign_in),
            session: session.map(|session| session.digest),
        };
        let renewed = self.renew(text, &cookie, &device.secret_tag).await?;
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
            let is_live = device.facts.state == DeviceState::Active
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
            let turn = self.write_turn().await?;
            let after = cookie.secret_tag(keys);
            identity::store::device::retag(turn.db(), cookie.device, secret_tag, after).await?;
            // Its expiry moves on with the next request, if that is due.
            return Ok(None);
        }
        if is_under_active_key && full - cookie.expires_at < RENEW_AFTER {
            return Ok(None);
        }
        // Another tab may have got a new secret meanwhile: the old one must not come back over it.
        let turn = self.write_turn().await?;
        let is_fresh = identity::store::device::extend(
            turn.db(),
            cookie.device,
            secret_tag,
            full.unix_timestamp(),
        )
        .await?;
        drop(turn);
        let renewed = DeviceCookie {
            device: cookie.device,
            secret: cookie.secret.clone(),
            expires_at: full,
        };
        Ok(is_fresh.then(|| renewed.issue(&self.inner.keys)))
    }

    /// Refuses one more device of an account that has [`MAX_DEVICES`]: each has a cookie of its own, with
    /// quotas of its own. A browser that is one of them is let in.
    pub(crate) async fn refuse_more_devices(
        &self,
        change: &Change<'_>,
        user: UserId,
        browser: Option<KnownBrowser>,
    ) -> Result<()> {
        let is_known = browser.is_some_and(|browser| browser.user == user);
        if is_known || identity::store::device::count_live(change.db(), user).await? < MAX_DEVICES {
            return Ok(());
        }
        Err(Error::Conflict {
            field: "device_name",
            message: format!(
                "This account has {MAX_DEVICES} devices. Revoke some that are not used any more, then try again."
            ),
        })
    }

    /// Signs a person in within a change: on the device that their browser is or was, else on a new one.
    /// Either way the device gets a new secret and its sessions end, so that copies of the old cookies
    /// die here.
    pub(crate) async fn sign_in(
        &self,
        change: &mut Change<'_>,
        user: &identity::store::user::Model,
        browser: Option<KnownBrowser>,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let now = self.now();
        let user_id = UserId::from_uuid(user.id);
        let is_strong = proof.registration == Registration::Passkey;
        let known = match browser.filter(|browser| browser.user == user_id) {
            Some(browser) => identity::store::device::find(change.db(), browser.device)
                .await?
                .filter(|device| device.user_id == user.id && device.revoked_at.is_none()),
            None => None,
        };
        let is_new_device = known.is_none();
        let device_id = known.as_ref().map_or_else(
            || DeviceId::from_uuid(self.inner.settings.rng.uuid(now)),
            |device| DeviceId::from_uuid(device.id),
        );
        // A device that stayed signed in is what it was; one that comes back is as good as its proof.
        let is_limited = match &known {
            // A passkey was used on it, or whoever made the link vouches for it.
            _ if is_strong || proof.registration == Registration::Link => false,
            Some(device) if device.signed_out_at.is_none() => device.is_limited,
            Some(_) | None => proof.is_limited,
        };
        let cookie = DeviceCookie {
            device: device_id,
            secret: SecretBytes::new(self.inner.settings.rng.bytes()),
            expires_at: now + device::DEFAULT_LIFETIME,
        };
        let secret_tag = cookie.secret_tag(&self.inner.keys);
        let (at, ends) = (now.unix_timestamp(), cookie.expires_at.unix_timestamp());
        let mut passkey_verified_at = is_strong.then_some(now);
        change.act_as(Actor::User(user_id, user.email.clone()));
        if let Some(device) = &known {
            let update = identity::store::device::Authenticated {
                at,
                is_strong,
                is_limited,
                expires_at: ends,
                secret_tag,
            };
            identity::store::device::authenticated(change.db(), device_id, update).await?;
            change.end_sessions_of_device(device_id).await?;
            passkey_verified_at =
                passkey_verified_at.or_else(|| device.passkey_verified_at.map(database::at));
            let entry = Entry {
                action: Action::SignedIn,
                target: Target::Device(device_id),
                name: &device.name,
                subject: Some(user_id),
                detail: proof.registration.as_str(),
            };
            let back = device
                .signed_out_at
                .map(|_| FieldChange::new("state", "signed out".to_owned(), "active".to_owned()));
            let limited =
                FieldChange::new("limited", device.is_limited.then(yes), is_limited.then(yes));
            change.record_with(&entry, back.into_iter().chain([limited]));
        } else {
            let name = proof
                .device_name
                .unwrap_or_else(|| device::default_name(&origin.user_agent));
            let row = identity::store::device::Model {
                id: device_id.uuid(),
                user_id: user.id,
                secret_tag,
                name: name.to_string(),
                kind: DeviceKind::from_user_agent(&origin.user_agent)
                    .as_str()
                    .to_owned(),
                registration: proof.registration.as_str().to_owned(),
                created_at: at,
                last_seen_at: at,
                last_ip: origin.ip_text(),
                last_auth_at: at,
                passkey_verified_at: passkey_verified_at.map(|_| at),
                expires_at: ends,
                revoked_at: None,
                signed_out_at: None,
                is_limited,
            };
            identity::store::device::insert(change.db(), row).await?;
            identity::store::user::activate(change.db(), user_id, at).await?;
            let entry = Entry {
                action: Action::DeviceRegistered,
                target: Target::Device(device_id),
                name: name.as_str(),
                subject: Some(user_id),
                detail: proof.registration.as_str(),
            };
            let limited = FieldChange::new("limited", None, is_limited.then(yes));
            change.record_with(&entry, [limited]);
        }
        let current_user = CurrentUser {
            user_id,
            email: database::parsed(&user.email)?,
            name: database::parsed(&user.name)?,
            role: user.role(),
            device_id,
            passkey_verified_at,
            has_passkey: identity::store::passkey::count_of(change.db(), user_id).await? > 0,
            is_limited,
            sign_in: Some(SignIn {
                at: now,
                last_active_at: now,
            }),
            session: None,
        };
        Ok(SignedIn {
            current_user,
            cookie: cookie.issue(&self.inner.keys),
            is_new_device,
        })
    }
}
