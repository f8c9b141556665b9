//! Ceremonies under way: a WebAuthn challenge, an authenticator app that waits for its first code.
//!
//! The state stays on the server, sealed; the browser keeps a random handle, and the row is found
//! by its digest. A ceremony is taken out before it is checked, so that it is single use, and ends
//! after five minutes.

use crate::{Engine, Error, Refusal, Result, keys, seal, store};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{
    email::Email,
    id::{DeviceId, UserId},
    name::DisplayName,
    secret::SecretText,
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use time::Duration;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

/// How long a ceremony may take.
const LIFETIME: Duration = Duration::minutes(5);

/// Names a ceremony that is under way; kept by the browser in an HttpOnly cookie. The state itself
/// stays on the server.
#[derive(Debug, Clone)]
pub struct CeremonyHandle(pub SecretText);

/// What is under way.
#[derive(Serialize, Deserialize)]
pub(crate) enum Ceremony {
    /// The first administrator's authenticator app.
    Setup {
        link: Vec<u8>,
        email: Email,
        name: DisplayName,
        secret: Vec<u8>,
        attempts: u8,
    },
    /// An invited person's authenticator app.
    Enrolment {
        link: Vec<u8>,
        user: UserId,
        secret: Vec<u8>,
        attempts: u8,
    },
    /// A passkey being made (WebAuthn L3 §7.1), by this person on this device.
    PasskeyRegistration {
        user: UserId,
        device: DeviceId,
        state: Box<PasskeyRegistration>,
    },
    /// A passkey being used (WebAuthn L3 §7.2), by whoever it turns out to be.
    PasskeyLogin {
        state: Box<DiscoverableAuthentication>,
    },
}

impl Ceremony {
    const fn purpose(&self) -> &'static str {
        match self {
            Self::Setup { .. } => "setup",
            Self::Enrolment { .. } => "enrolment",
            Self::PasskeyRegistration { .. } => "passkey-new",
            Self::PasskeyLogin { .. } => "passkey-use",
        }
    }
}

fn row_of(handle: &str) -> Option<[u8; 32]> {
    // 32 bytes in base64url; anything else was never made here.
    let bytes = BASE64_URL_SAFE_NO_PAD
        .decode(handle.as_bytes().get(..43).filter(|_| handle.len() == 43)?)
        .ok()?;
    Some(keys::digest("ceremony", &bytes))
}

impl Engine {
    /// Begins a ceremony.
    pub(crate) async fn begin_ceremony(&self, ceremony: &Ceremony) -> Result<CeremonyHandle> {
        let handle = BASE64_URL_SAFE_NO_PAD.encode(self.inner.settings.rng.bytes::<32>());
        self.put_ceremony(&handle, ceremony).await?;
        Ok(CeremonyHandle(SecretText::new(handle)))
    }

    /// Puts a ceremony (back) under a handle, with a new end.
    pub(crate) async fn put_ceremony(&self, handle: &str, ceremony: &Ceremony) -> Result<()> {
        let digest = row_of(handle).ok_or(Refusal::CeremonyExpired)?;
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(ceremony).map_err(Error::internal)?);
        let row = store::ceremony::Model {
            digest: digest.to_vec(),
            purpose: ceremony.purpose().to_owned(),
            state_sealed: seal::seal(&self.inner.keys, &self.inner.settings.rng, &digest, &plain)?,
            expires_at: (self.now() + LIFETIME).unix_timestamp(),
        };
        Ok(store::ceremony::insert(self.db(), row).await?)
    }

    /// Takes a ceremony out, once. `None`: unknown, used, or over.
    pub(crate) async fn take_ceremony(&self, handle: Option<&str>) -> Result<Option<Ceremony>> {
        let Some(digest) = handle.and_then(row_of) else {
            return Ok(None);
        };
        let row = store::ceremony::take(self.db(), &digest).await?;
        self.open_ceremony(&digest, row)
    }

    /// Looks at a ceremony without taking it out; to show its page again.
    pub(crate) async fn peek_ceremony(&self, handle: Option<&str>) -> Result<Option<Ceremony>> {
        let Some(digest) = handle.and_then(row_of) else {
            return Ok(None);
        };
        let row = store::ceremony::find(self.db(), &digest).await?;
        self.open_ceremony(&digest, row)
    }

    fn open_ceremony(
        &self,
        digest: &[u8],
        row: Option<store::ceremony::Model>,
    ) -> Result<Option<Ceremony>> {
        let Some(row) = row.filter(|row| row.expires_at > self.now().unix_timestamp()) else {
            return Ok(None);
        };
        let plain =
            zeroize::Zeroizing::new(seal::open(&self.inner.keys, digest, &row.state_sealed)?);
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(Error::internal)
    }

    /// Forgets what has ended: ceremonies, sessions, counted attempts.
    pub(crate) async fn forget_expired(&self, db: &impl ConnectionTrait) -> Result<()> {
        let now = self.now();
        store::ceremony::forget_expired(db, now.unix_timestamp()).await?;
        store::session::forget_expired(db, now.unix_timestamp()).await?;
        store::throttle::forget_before(db, (now - crate::throttle::WINDOW).unix_timestamp())
            .await?;
        Ok(())
    }
}
