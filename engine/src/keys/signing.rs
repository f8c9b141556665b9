//! The signing keys in memory, and their rotation: `next` becomes `current`, `current` becomes `retiring`, and a new `next`
//! is made. A `next` key is published before it signs, so that whoever keeps a copy of the key set knows it by then.

use super::{
    purpose::{KeyPurpose, KeyState},
    sealed_key::{Material, StoredKey},
    store,
};
use crate::{Conflict, Engine, Error, RequestOrigin, Result, database};
use latchkey_domain::{access::permission::Administrator, event::KeyRotated};
use p256::ecdsa::{SigningKey, VerifyingKey};
use sea_orm::ConnectionTrait;
use std::{cmp::Reverse, sync::Arc};
use time::{Duration, OffsetDateTime};

/// How long a `next` key is published before it may sign: key sets are kept for five minutes (`server/src/web/well_known.rs`), and
/// a process reads its keys every ten seconds.
pub const PUBLISHED_BEFORE_USE: Duration = Duration::minutes(10);

/// How long a `retiring` key for identity tokens is published. Tokens end after a minute.
const RETIRING_IDENTITY_TOKENS: Duration = Duration::DAY;

/// A signing key, without its secret part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Its `kid`.
    pub id: String,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Since when it is in its state.
    pub changed_at: OffsetDateTime,
}

struct Signer {
    purpose: KeyPurpose,
    id: String,
    key: SigningKey,
}

struct Published {
    view: KeyView,
    key: VerifyingKey,
}

/// All signing keys.
pub(crate) struct SigningKeys {
    signers: Vec<Signer>,
    /// For each purpose in the order `next`, `current`, `retiring`, the newest first.
    published: Vec<Published>,
}

impl SigningKeys {
    pub(crate) fn new(stored: Vec<StoredKey>) -> Self {
        let (mut signers, mut published) = (Vec::new(), Vec::new());
        for stored in stored {
            let (purpose, state, key) = match &stored.material {
                Material::Next(purpose, key) => (*purpose, KeyState::Next, *key.verifying_key()),
                Material::Current(purpose, key) => {
                    (*purpose, KeyState::Current, *key.verifying_key())
                }
                Material::Retiring(purpose, key) => (*purpose, KeyState::Retiring, *key),
                Material::AuditChain { .. } => continue,
            };
            published.push(Published {
                view: KeyView {
                    id: stored.id.clone(),
                    purpose,
                    state,
                    created_at: database::at(stored.created_at),
                    changed_at: database::at(stored.changed_at),
                },
                key,
            });
            if let Material::Current(purpose, key) = stored.material {
                signers.push(Signer {
                    purpose,
                    id: stored.id,
                    key,
                });
            }
        }
        published.sort_by_key(|key| {
            let view = &key.view;
            let state = KeyState::ALL.iter().position(|state| *state == view.state);
            (
                view.purpose.as_str(),
                state,
                Reverse(view.changed_at),
                view.id.clone(),
            )
        });
        Self { signers, published }
    }

    /// The key that signs, and its id.
    ///
    /// # Errors
    /// Never: there is one for each purpose.
    pub(crate) fn current(&self, purpose: KeyPurpose) -> Result<(&str, &SigningKey)> {
        let signer = self.signers.iter().find(|signer| signer.purpose == purpose);
        let signer = signer.ok_or_else(|| Error::internal(NoSigningKey(purpose)))?;
        Ok((&signer.id, &signer.key))
    }

    /// The public keys with which signatures are checked, and their ids.
    pub(crate) fn published(
        &self,
        purpose: KeyPurpose,
    ) -> impl Iterator<Item = (&str, &VerifyingKey)> {
        self.published
            .iter()
            .filter(move |key| key.view.purpose == purpose)
            .map(|key| (key.view.id.as_str(), &key.key))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("there is no key for {0}")]
struct NoSigningKey(KeyPurpose);

impl Engine {
    /// The signing keys as they were last read.
    pub(crate) fn signing_keys(&self) -> Arc<SigningKeys> {
        self.inner.signing.load_full()
    }

    /// All signing keys: for each purpose `next`, `current` and `retiring` ones.
    #[must_use]
    pub fn list_keys(&self, _administrator: &Administrator) -> Vec<KeyView> {
        let keys = self.signing_keys();
        keys.published.iter().map(|key| key.view.clone()).collect()
    }

    /// Rotates the signing key of a purpose. The former one is published until nothing that it signed is good any more; of
    /// checkpoints, for good. Other processes follow within ten seconds.
    ///
    /// # Errors
    /// Conflict while the next key has not been published for [`PUBLISHED_BEFORE_USE`], unless `at_once`: then what is
    /// signed meanwhile may be refused by those who know the old key set.
    pub async fn rotate_key(
        &self,
        administrator: &Administrator,
        purpose: KeyPurpose,
        at_once: bool,
        origin: &RequestOrigin,
    ) -> Result<KeyView> {
        let (keys, rng) = (&self.inner.keys, &self.inner.settings.rng);
        let mut tx = self.begin(administrator, origin).await?;
        let now = self.now();
        let mut found = Vec::new();
        for row in store::all(tx.db()).await? {
            found.extend(StoredKey::open(keys, &row)?);
        }
        let is_of = |key: &StoredKey| match &key.material {
            Material::Next(of, _) | Material::Current(of, _) => *of == purpose,
            Material::Retiring(..) | Material::AuditChain { .. } => false,
        };
        let is_new = |key: &StoredKey| {
            matches!(key.material, Material::Next(..))
                && database::at(key.changed_at) + PUBLISHED_BEFORE_USE > now
        };
        if !at_once && found.iter().any(|key| is_of(key) && is_new(key)) {
            return Err(Error::conflict("purpose", Conflict::NextKeyTooNew));
        }
        let (mut stored, mut former) = (Vec::new(), None);
        for key in found {
            if !is_of(&key) {
                stored.push(key);
                continue;
            }
            if matches!(key.material, Material::Current(..)) {
                former = Some(key.id.clone());
            }
            let key = key.advance(now.unix_timestamp());
            store::put(tx.db(), key.seal(keys, rng)?).await?;
            stored.push(key);
        }
        let next = StoredKey::next(purpose, rng, now.unix_timestamp());
        store::put(tx.db(), next.seal(keys, rng)?).await?;
        stored.push(next);
        let signing = SigningKeys::new(stored);
        let current = signing
            .published
            .iter()
            .map(|key| &key.view)
            .find(|view| view.purpose == purpose && view.state == KeyState::Current)
            .cloned()
            .ok_or_else(|| Error::internal(NoSigningKey(purpose)))?;
        let event = KeyRotated {
            purpose: purpose.as_str(),
            before: former,
            after: current.id.clone(),
        };
        tx.apply(event).await?;
        tx.commit().await?;
        self.inner.signing.store(Arc::new(signing));
        Ok(current)
    }

    /// Deletes keys whose signatures nobody checks any more. Public keys for checkpoints stay: these are kept for years.
    pub(crate) async fn forget_retired_keys(&self, db: &impl ConnectionTrait) -> Result<()> {
        let before = self.now() - RETIRING_IDENTITY_TOKENS;
        Ok(store::delete_before(
            db,
            KeyPurpose::IdentityToken.as_str(),
            KeyState::Retiring.as_str(),
            before.unix_timestamp(),
        )
        .await?)
    }
}
