//! The signing keys in memory. How they follow each other is in `rotation`.

use super::{
    purpose::{KeyPurpose, KeyState},
    sealed_key::{Material, StoredKey},
    store,
};
use crate::{Engine, Error, Result, database};
use latchkey_domain::access::permission::{Authorizes, KeysRead};
use latchkey_jose::{KeySet, PublicKey, SigningKey};
use sea_orm::ConnectionTrait;
use std::{cmp::Reverse, sync::Arc};
use time::{Duration, OffsetDateTime};

/// How long a `next` key is published before it may sign: key sets are kept for five minutes (`server/src/web/well_known.rs`),
/// and a process reads its keys every ten seconds.
pub const PUBLISHED_BEFORE_USE: Duration = Duration::minutes(10);

/// How long a `retiring` key for tokens is published, so also how long tokens that somebody else signs with it are accepted.
/// The last token that it signed ends with the longest lifetime of a token (fifteen minutes) and ten seconds after the rotation,
/// because a process reads its keys every ten seconds. Added to that are the five minutes for which key sets are kept (a set
/// that was fetched just before this key leaves is used that much longer), and the rest for clocks that differ.
const RETIRING_TOKENS: Duration = Duration::minutes(25);

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
    id: Arc<str>,
    key: SigningKey,
}

struct Published {
    view: KeyView,
    key: PublicKey,
    last_entry: Option<i64>,
}

/// All signing keys.
pub(crate) struct SigningKeys {
    signers: Vec<Signer>,
    /// For each purpose in the order `next`, `current`, `retiring`, the newest first.
    published: Vec<Published>,
    /// The keys with which access tokens are verified.
    access_tokens: KeySet,
}

impl SigningKeys {
    pub(crate) fn new(stored: Vec<StoredKey>) -> Self {
        let (mut signers, mut published) = (Vec::new(), Vec::new());
        for stored in stored {
            let (state, last_entry) = (stored.material.state(), stored.material.last_entry());
            let (purpose, key) = match &stored.material {
                Material::Next(purpose, key) | Material::Current(purpose, key) => {
                    (*purpose, key.public().clone())
                }
                Material::Retiring { purpose, key, .. } => (*purpose, key.clone()),
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
                last_entry,
            });
            if let Material::Current(purpose, key) = stored.material {
                signers.push(Signer {
                    purpose,
                    id: stored.id.into(),
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
        let access_tokens = published
            .iter()
            .filter(|key| KeyPurpose::OF_ACCESS_TOKENS.contains(&key.view.purpose));
        Self {
            access_tokens: KeySet::new(access_tokens.map(|key| key.key.clone())),
            signers,
            published,
        }
    }

    /// The keys of a purpose, in the order of `published`.
    pub(super) fn views(&self, purpose: KeyPurpose) -> impl Iterator<Item = &KeyView> {
        let views = self.published.iter().map(|key| &key.view);
        views.filter(move |view| view.purpose == purpose)
    }

    /// The keys with which access tokens are verified.
    pub(crate) const fn access_tokens(&self) -> &KeySet {
        &self.access_tokens
    }

    /// The key that signs, and its id.
    ///
    /// # Errors
    /// Internal for RS256, if no client ever needed it; there is a key for each other purpose.
    pub(crate) fn current(&self, purpose: KeyPurpose) -> Result<(&Arc<str>, &SigningKey)> {
        let signer = self.signers.iter().find(|signer| signer.purpose == purpose);
        let signer = signer.ok_or_else(|| Error::internal(NoSigningKey(purpose)))?;
        Ok((&signer.id, &signer.key))
    }

    /// The public keys with which signatures are checked, and the last entries of which they sign checkpoints.
    pub(crate) fn published(
        &self,
        purpose: KeyPurpose,
    ) -> impl Iterator<Item = (&PublicKey, Option<i64>)> {
        self.published
            .iter()
            .filter(move |key| key.view.purpose == purpose)
            .map(|key| (&key.key, key.last_entry))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("there is no key for {0}")]
pub(super) struct NoSigningKey(pub(super) KeyPurpose);

impl Engine {
    /// The signing keys as they were last read.
    pub(crate) fn signing_keys(&self) -> Arc<SigningKeys> {
        self.inner.signing.load_full()
    }

    /// The signing keys as the database has them now. For checkpoints: one of an entry after a rotation that the former key
    /// signed would be refused.
    pub(crate) async fn newest_signing_keys(&self) -> Result<SigningKeys> {
        Ok(SigningKeys::new(self.stored_keys(self.db()).await?))
    }

    pub(crate) async fn stored_keys(&self, db: &impl ConnectionTrait) -> Result<Vec<StoredKey>> {
        let mut stored = Vec::new();
        for row in store::all(db).await? {
            stored.extend(StoredKey::open(&self.inner.keys, &row)?);
        }
        Ok(stored)
    }

    /// All signing keys: for each purpose `next`, `current` and `retiring` ones.
    #[must_use]
    pub fn list_keys(&self, _proof: &dyn Authorizes<KeysRead>) -> Vec<KeyView> {
        let keys = self.signing_keys();
        keys.published.iter().map(|key| key.view.clone()).collect()
    }

    /// Deletes keys whose signatures nobody checks any more. Public keys for checkpoints stay: these are kept for years.
    pub(crate) async fn forget_retired_keys(&self, db: &impl ConnectionTrait) -> Result<()> {
        let before = (self.now() - RETIRING_TOKENS).unix_timestamp();
        for purpose in KeyPurpose::OF_TOKENS {
            let state = KeyState::Retiring.as_str();
            store::delete_before(db, purpose.as_str(), state, before).await?;
        }
        Ok(())
    }
}
