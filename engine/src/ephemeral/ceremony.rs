//! Ceremonies in progress: a WebAuthn challenge, an authenticator app that waits for its first code.
//!
//! 1. What anonymous clients may begin (a sign-in, an enrolment with a valid link) is sealed into the handle that the page
//!    keeps. Nothing is written, so a flood of such requests costs no row and no database write.
//! 2. What a signed-in user begins is a row under the digest of a random handle.
//! 3. Each page has its own handle and sends it with its response, so a browser has as many ceremonies as tabs.
//! 4. A ceremony is used once: the row is taken out, or the challenge is marked as used, before the response is verified. An
//!    enrolment is used up with its link. All have an expiry.

use crate::{
    Engine, Error, Refusal, Result, database,
    ephemeral::purpose::ValuePurpose,
    keys::{keyring, seal},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{
    id::{DeviceId, UserId},
    identity::email::Email,
    name::DisplayName,
    secret::SecretText,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};
use zeroize::Zeroizing;

/// How long a WebAuthn ceremony may take.
const LIFETIME: Duration = Duration::minutes(5);

/// A mark of use outlives its challenge by this much: a clock that is set back must not make the challenge valid again.
const MARK_GRACE: Duration = Duration::minutes(15);

/// A random handle: 32 bytes in base64url. Sealed ones are longer.
const RANDOM_LENGTH: usize = 43;

/// The longest sealed handle that is parsed, in characters.
const MAX_LENGTH: usize = 3800;

/// The associated data of sealed handles; that of rows is their digest.
const HANDLE_AAD: &[u8] = b"ceremony handle";

/// A ceremony in progress, as its page keeps it.
#[derive(Debug, Clone)]
pub struct CeremonyHandle {
    /// The text.
    pub text: SecretText,
    /// When the ceremony ends.
    pub expires_at: OffsetDateTime,
}

/// A ceremony in progress.
#[derive(Serialize, Deserialize)]
pub(crate) enum Ceremony {
    /// The first administrator's authenticator app.
    Setup {
        link: Vec<u8>,
        email: Email,
        name: DisplayName,
        secret: Vec<u8>,
    },
    /// An invited user's authenticator app.
    Enrolment {
        link: Vec<u8>,
        user: UserId,
        secret: Vec<u8>,
    },
    /// Registering a passkey (WebAuthn L3 §7.1), by this user on this device.
    PasskeyRegistration {
        user: UserId,
        device: DeviceId,
        state: Box<PasskeyRegistration>,
    },
    /// Approving a browser with a passkey, by this user on this device (`identity/approval.rs`).
    DeviceApproval {
        user: UserId,
        device: DeviceId,
        /// What is approved, encoded.
        request: Vec<u8>,
        nonce: [u8; 32],
    },
    /// Authenticating with a passkey (WebAuthn L3 §7.2), which says whose it is.
    PasskeyLogin {
        state: Box<DiscoverableAuthentication>,
    },
}

impl Ceremony {
    /// The one-time link that it began with.
    pub(crate) fn link(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Setup { link, .. } | Self::Enrolment { link, .. } => Some(link),
            Self::PasskeyRegistration { .. }
            | Self::DeviceApproval { .. }
            | Self::PasskeyLogin { .. } => None,
        }
    }
}

/// The contents of a sealed handle.
#[derive(Serialize, Deserialize)]
struct Sealed {
    until: i64,
    /// Makes two ceremonies with the same contents different.
    nonce: u64,
    ceremony: Ceremony,
}

/// A handle as received, and its digest, by which rows are found.
struct Handle {
    bytes: Zeroizing<Vec<u8>>,
    is_sealed: bool,
    digest: [u8; 32],
}

impl Handle {
    fn parse(text: &str) -> Option<Self> {
        let is_sealed = text.len() != RANDOM_LENGTH;
        if text.len() > MAX_LENGTH {
            return None;
        }
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text).ok()?);
        let digest = keyring::digest("ceremony", &bytes);
        Some(Self {
            bytes,
            is_sealed,
            digest,
        })
    }
}

impl Engine {
    /// Begins a ceremony for an anonymous client, until `expires_at`; nothing is written.
    pub(crate) fn begin_sealed_ceremony(
        &self,
        ceremony: Ceremony,
        expires_at: OffsetDateTime,
    ) -> Result<CeremonyHandle> {
        let rng = &self.inner.settings.rng;
        let sealed = Sealed {
            until: expires_at.unix_timestamp(),
            nonce: u64::from_le_bytes(rng.bytes()),
            ceremony,
        };
        let plain = Zeroizing::new(serde_json::to_vec(&sealed).map_err(Error::internal)?);
        let bytes = seal::seal(&self.inner.keys, rng, HANDLE_AAD, &plain)?;
        Ok(CeremonyHandle {
            text: SecretText::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)),
            expires_at,
        })
    }

    /// When a WebAuthn ceremony that begins now ends.
    pub(crate) fn ceremony_end(&self) -> OffsetDateTime {
        self.now() + LIFETIME
    }

    /// Begins a ceremony of a signed-in user; its state is a row.
    pub(crate) async fn begin_stored_ceremony(
        &self,
        ceremony: &Ceremony,
    ) -> Result<CeremonyHandle> {
        let text = BASE64_URL_SAFE_NO_PAD.encode(self.inner.settings.rng.bytes::<32>());
        let digest = Handle::parse(&text).ok_or(Refusal::CeremonyExpired)?.digest;
        let plain = Zeroizing::new(serde_json::to_vec(ceremony).map_err(Error::internal)?);
        let expires_at = self.ceremony_end();
        let sealed = seal::seal(&self.inner.keys, &self.inner.settings.rng, &digest, &plain)?;
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store
            .put(
                permit.db(),
                ValuePurpose::Ceremony,
                digest,
                sealed,
                expires_at,
            )
            .await?;
        Ok(CeremonyHandle {
            text: SecretText::new(text),
            expires_at,
        })
    }

    /// Takes a ceremony out, once. `None` if it is unknown, used or expired.
    pub(crate) async fn take_ceremony(&self, handle: Option<&str>) -> Result<Option<Ceremony>> {
        let Some(handle) = handle.and_then(Handle::parse) else {
            return Ok(None);
        };
        let store = &self.inner.ephemeral;
        if !handle.is_sealed {
            let permit = self.acquire_write_permit().await?;
            let sealed = store
                .take(
                    permit.db(),
                    ValuePurpose::Ceremony,
                    handle.digest,
                    self.now(),
                )
                .await?;
            return self.open_value(&handle.digest, sealed);
        }
        // An enrolment is used up with its link, and leaves no mark: each request for its page makes a handle.
        let Some(sealed) = self
            .open_sealed(&handle)?
            .filter(|sealed| matches!(sealed.ceremony, Ceremony::PasskeyLogin { .. }))
        else {
            return Ok(None);
        };
        // Marked before the response is verified: of racing responses, one is verified.
        let until = database::at(sealed.until) + MARK_GRACE;
        let permit = self.acquire_write_permit().await?;
        let is_first = store
            .mark_once(
                permit.db(),
                ValuePurpose::UsedChallenge,
                handle.digest,
                until,
            )
            .await?;
        Ok(is_first.then_some(sealed.ceremony))
    }

    /// Reads a sealed ceremony without using it: an enrolment, whose link is used up instead.
    pub(crate) fn peek_ceremony(&self, handle: Option<&str>) -> Result<Option<Ceremony>> {
        let sealed = match handle.and_then(Handle::parse) {
            Some(handle) if handle.is_sealed => self.open_sealed(&handle)?,
            Some(_) | None => None,
        };
        Ok(sealed.map(|sealed| sealed.ceremony))
    }

    /// Whether this is an enrolment or setup in progress, whose page may be shown again.
    #[must_use]
    pub fn is_enrolment(&self, handle: &str) -> bool {
        self.peek_ceremony(Some(handle))
            .is_ok_and(|ceremony| ceremony.is_some_and(|ceremony| ceremony.link().is_some()))
    }

    fn open_sealed(&self, handle: &Handle) -> Result<Option<Sealed>> {
        // Forged, or sealed under a removed master key: the client learns no difference.
        let Ok(plain) = seal::open(&self.inner.keys, HANDLE_AAD, &handle.bytes).map(Zeroizing::new)
        else {
            return Ok(None);
        };
        let sealed: Sealed = serde_json::from_slice(&plain).map_err(Error::internal)?;
        Ok(Some(sealed).filter(|sealed| sealed.until > self.now().unix_timestamp()))
    }

    fn open_value(&self, digest: &[u8], sealed: Option<Vec<u8>>) -> Result<Option<Ceremony>> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let plain = Zeroizing::new(seal::open(&self.inner.keys, digest, &sealed)?);
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ephemeral::sql, test_engine::TestEngine};

    #[tokio::test]
    async fn must_survive_10_a_sealed_challenge_is_single_use_expiring_and_tamper_proof() {
        let test = TestEngine::new().await;
        let engine = &test.engine;
        let begin = || async { engine.begin_passkey_login().await.unwrap().0.text };
        let text = begin().await.expose_secret().to_owned();
        let used = engine.take_ceremony(Some(&text)).await.unwrap();
        assert!(matches!(used, Some(Ceremony::PasskeyLogin { .. })));
        assert!(engine.take_ceremony(Some(&text)).await.unwrap().is_none());

        let text = begin().await.expose_secret().to_owned();
        for index in (0..text.len()).step_by(7) {
            let letter = if &text[index..=index] == "A" {
                "B"
            } else {
                "A"
            };
            let changed = format!("{}{letter}{}", &text[..index], &text[index + 1..]);
            assert!(
                engine
                    .take_ceremony(Some(&changed))
                    .await
                    .unwrap()
                    .is_none(),
                "letter {index}"
            );
        }
        test.clock.advance(LIFETIME);
        assert!(engine.take_ceremony(Some(&text)).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn audit_9_beginning_a_login_writes_nothing() {
        let test = TestEngine::new().await;
        for _ in 0..20 {
            test.engine.begin_passkey_login().await.unwrap();
        }
        assert_eq!(sql::value::count(test.engine.db()).await.unwrap(), 0);
    }
}
