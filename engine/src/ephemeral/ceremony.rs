//! Ceremonies under way: a WebAuthn challenge, an authenticator app that waits for its first code.
//!
//! What anybody may begin (a sign-in, an enrolment behind a live link) is sealed into the handle that
//! the browser keeps, so that beginning writes nothing: a flood of beginnings costs no row and no turn
//! in the database. A browser has as many under way as it has tabs: each page keeps its own handle and sends
//! it along with the answer. Only the end is written: a challenge is marked as used before its answer is looked
//! at, once, and an enrolment uses its link up. What a signed-in person begins is kept as a row under
//! the digest of a random handle. Either way a ceremony serves once and has an end.

use crate::{
    Engine, Error, Refusal, Result, database,
    ephemeral::store::ValuePurpose,
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

/// A mark of use outlives its challenge by this much: a clock that is set back must not wake the challenge.
const MARK_GRACE: Duration = Duration::minutes(15);

/// A random handle: 32 bytes in base64url. Sealed ones are longer.
const RANDOM_LENGTH: usize = 43;

/// The longest sealed handle that is looked at, in characters.
const MAX_LENGTH: usize = 3800;

/// What sealed handles are bound to; rows are bound to their digest.
const SEALED: &[u8] = b"ceremony handle";

/// A ceremony that is under way, as the page that began it keeps it.
#[derive(Debug, Clone)]
pub struct CeremonyHandle {
    /// The text.
    pub text: SecretText,
    /// When the ceremony ends.
    pub expires_at: OffsetDateTime,
}

/// What is under way.
#[derive(Serialize, Deserialize)]
pub(crate) enum Ceremony {
    /// The first administrator's authenticator app.
    Setup {
        link: Vec<u8>,
        email: Email,
        name: DisplayName,
        secret: Vec<u8>,
    },
    /// An invited person's authenticator app.
    Enrolment {
        link: Vec<u8>,
        user: UserId,
        secret: Vec<u8>,
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
    /// The one-time link behind which it is.
    pub(crate) fn link(&self) -> Option<&Vec<u8>> {
        match self {
            Self::Setup { link, .. } | Self::Enrolment { link, .. } => Some(link),
            Self::PasskeyRegistration { .. } | Self::PasskeyLogin { .. } => None,
        }
    }
}

/// What is inside of a sealed handle.
#[derive(Serialize, Deserialize)]
struct Sealed {
    until: i64,
    /// Two ceremonies that begin alike are two all the same.
    nonce: u64,
    ceremony: Ceremony,
}

/// A handle as it came, and its digest, by which rows are found.
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
    /// Begins a ceremony that anybody may begin, until `expires_at`; nothing is written.
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
        let bytes = seal::seal(&self.inner.keys, rng, SEALED, &plain)?;
        Ok(CeremonyHandle {
            text: SecretText::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)),
            expires_at,
        })
    }

    /// When a WebAuthn ceremony that begins now ends.
    pub(crate) fn ceremony_end(&self) -> OffsetDateTime {
        self.now() + LIFETIME
    }

    /// Begins a ceremony of somebody who is signed in; its state stays here.
    pub(crate) async fn begin_kept_ceremony(&self, ceremony: &Ceremony) -> Result<CeremonyHandle> {
        let text = BASE64_URL_SAFE_NO_PAD.encode(self.inner.settings.rng.bytes::<32>());
        let digest = Handle::parse(&text).ok_or(Refusal::CeremonyExpired)?.digest;
        let plain = Zeroizing::new(serde_json::to_vec(ceremony).map_err(Error::internal)?);
        let expires_at = self.ceremony_end();
        let sealed = seal::seal(&self.inner.keys, &self.inner.settings.rng, &digest, &plain)?;
        let turn = self.write_turn().await?;
        let store = &self.inner.ephemeral;
        store
            .put(
                turn.db(),
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

    /// Takes a ceremony out, once. `None`: unknown, used, or over.
    pub(crate) async fn take_ceremony(&self, handle: Option<&str>) -> Result<Option<Ceremony>> {
        let Some(handle) = handle.and_then(Handle::parse) else {
            return Ok(None);
        };
        let store = &self.inner.ephemeral;
        if !handle.is_sealed {
            let turn = self.write_turn().await?;
            let sealed = store
                .take(turn.db(), ValuePurpose::Ceremony, handle.digest, self.now())
                .await?;
            return self.open_value(&handle.digest, sealed);
        }
        // An enrolment is used up with its link, and leaves no mark: its handles are made as often as its page is opened.
        let Some(sealed) = self
            .open_sealed(&handle)?
            .filter(|sealed| matches!(sealed.ceremony, Ceremony::PasskeyLogin { .. }))
        else {
            return Ok(None);
        };
        // Marked before its answer is looked at: of racing answers one is.
        let until = database::at(sealed.until) + MARK_GRACE;
        let turn = self.write_turn().await?;
        let is_first = store
            .mark_once(turn.db(), ValuePurpose::UsedChallenge, handle.digest, until)
            .await?;
        Ok(is_first.then_some(sealed.ceremony))
    }

    /// Looks at a sealed ceremony without using it: one behind a link, which is used up itself.
    pub(crate) fn peek_ceremony(&self, handle: Option<&str>) -> Result<Option<Ceremony>> {
        let sealed = match handle.and_then(Handle::parse) {
            Some(handle) if handle.is_sealed => self.open_sealed(&handle)?,
            Some(_) | None => None,
        };
        Ok(sealed.map(|sealed| sealed.ceremony))
    }

    /// Whether this is an enrolment or setup under way, whose page may be shown again.
    #[must_use]
    pub fn is_enrolment(&self, handle: &str) -> bool {
        self.peek_ceremony(Some(handle))
            .is_ok_and(|ceremony| ceremony.is_some_and(|ceremony| ceremony.link().is_some()))
    }

    fn open_sealed(&self, handle: &Handle) -> Result<Option<Sealed>> {
        // Forged, of a retired key, or of another time: all are the same to whoever brings it.
        let Ok(plain) = seal::open(&self.inner.keys, SEALED, &handle.bytes).map(Zeroizing::new)
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
        for place in (0..text.len()).step_by(7) {
            let letter = if &text[place..=place] == "A" {
                "B"
            } else {
                "A"
            };
            let changed = format!("{}{letter}{}", &text[..place], &text[place + 1..]);
            assert!(
                engine
                    .take_ceremony(Some(&changed))
                    .await
                    .unwrap()
                    .is_none(),
                "letter {place}"
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
