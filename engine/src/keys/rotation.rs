//! How signing keys follow each other: `next` becomes `current`, `current` becomes `retiring`, and a new `next` is made. A
//! `next` key is published before it signs, so that whoever keeps a copy of the key set knows it by then.
//!
//! A rotation at once is for keys in the wrong hands. Whoever has the database and the master key has `current` and `next`, so
//! both are made anew, and of the former keys for tokens none is published any more. The former key for checkpoints
//! stays, as a retiring one always does, for checkpoints of the entries up to the rotation.
//!
//! Keys for tokens also replace themselves when they have signed for [`crate::Settings::key_rotation`]: services fetch the key set, so
//! nobody has to do anything. Those for checkpoints do not: who keeps their public keys elsewhere would have to be told.

use super::{
    purpose::{KeyPurpose, KeyState},
    sealed_key::{Material, StoredKey},
    signing::{KeyView, NoSigningKey, PUBLISHED_BEFORE_USE, SigningKeys},
    store,
};
use crate::{
    Conflict, Engine, Error, RequestOrigin, Result, audit, database,
    error::chain,
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    access::permission::{Authorizes, KeysWrite},
    event::KeyRotated,
};
use latchkey_jose::SigningKey;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// What a rotation makes of a key.
enum AfterRotation {
    Stays,
    /// It moves to its next state.
    Advances,
    /// Nothing that it signs is accepted any more.
    Deleted,
}

impl AfterRotation {
    fn of(key: &Material, rotated: KeyPurpose, at_once: bool) -> Self {
        match key {
            Material::Next(purpose, _)
            | Material::Current(purpose, _)
            | Material::Retiring { purpose, .. }
                if *purpose != rotated =>
            {
                Self::Stays
            }
            Material::AuditChain { .. } => Self::Stays,
            // It has signed nothing.
            Material::Next(..) if at_once => Self::Deleted,
            Material::Current(purpose, _) | Material::Retiring { purpose, .. }
                if at_once && KeyPurpose::OF_TOKENS.contains(purpose) =>
            {
                Self::Deleted
            }
            Material::Next(..) | Material::Current(..) => Self::Advances,
            Material::Retiring { .. } => Self::Stays,
        }
    }
}

impl Engine {
    /// Rotates the signing key of a purpose. The former one is published until nothing that it signed is good any more; of
    /// checkpoints, for good. Other processes follow within ten seconds.
    ///
    /// With `at_once`, `current` and `next` are made anew, and the former keys for tokens are not published any more:
    /// what they signed is refused as soon as a service has the new key set, and what the new key signs until then.
    ///
    /// # Errors
    /// Conflict while the next key has not been published for [`PUBLISHED_BEFORE_USE`], unless `at_once`.
    pub async fn rotate_key(
        &self,
        proof: &dyn Authorizes<KeysWrite>,
        purpose: KeyPurpose,
        at_once: bool,
        origin: &RequestOrigin,
    ) -> Result<KeyView> {
        let is_first = self.signing_keys().current(purpose).is_err();
        let next = self.random_key(purpose).await?;
        let current = match at_once || is_first {
            true => Some(self.random_key(purpose).await?),
            false => None,
        };
        let tx = self.begin(proof, origin).await?;
        let found = self.stored_keys(tx.db()).await?;
        let is_new = |key: &StoredKey| {
            matches!(key.material, Material::Next(of, _) if of == purpose)
                && database::at(key.changed_at) + PUBLISHED_BEFORE_USE > self.now()
        };
        if !at_once && found.iter().any(is_new) {
            return Err(Error::conflict("purpose", Conflict::NextKeyTooNew));
        }
        let made = MadeKeys { next, current };
        self.rotate_in(tx, purpose, found, made, at_once).await
    }

    /// What a serving process does with its keys from time to time.
    pub(crate) async fn maintain_keys(&self) {
        self.reload_keys().await;
        if let Err(cause) = self.rotate_due_keys().await {
            tracing::warn!(error = %chain(&cause), "a signing key could not be rotated; it is tried again");
        }
        if let Err(cause) = self.reseal().await {
            tracing::warn!(error = %chain(&cause), "what an earlier master key sealed could not be sealed again; it is tried again");
        }
    }

    /// Rotates the keys for tokens that have signed for as long as the settings say.
    async fn rotate_due_keys(&self) -> Result<()> {
        let Some(lifetime) = self.inner.settings.key_rotation else {
            return Ok(());
        };
        for purpose in KeyPurpose::OF_TOKENS {
            if is_due(&self.signing_keys(), purpose, lifetime, self.now()) {
                self.rotate_due_key(purpose, lifetime).await?;
            }
        }
        Ok(())
    }

    /// Of several processes, the first one does it: the others see a new key when it is their turn to write.
    async fn rotate_due_key(&self, purpose: KeyPurpose, lifetime: Duration) -> Result<()> {
        let next = self.random_key(purpose).await?;
        let tx = (self.begin(Actor::System, &RequestOrigin::default())).await?;
        let found = SigningKeys::new(self.stored_keys(tx.db()).await?);
        if !is_due(&found, purpose, lifetime, self.now()) {
            return Ok(());
        }
        let made = MadeKeys {
            next,
            current: None,
        };
        let found = self.stored_keys(tx.db()).await?;
        self.rotate_in(tx, purpose, found, made, false).await?;
        Ok(())
    }

    async fn rotate_in(
        &self,
        mut tx: Tx<'_>,
        purpose: KeyPurpose,
        found: Vec<StoredKey>,
        MadeKeys { next, current }: MadeKeys,
        at_once: bool,
    ) -> Result<KeyView> {
        let (keys, rng) = (&self.inner.keys, &self.inner.settings.rng);
        let now = self.now().unix_timestamp();
        let head = audit::store::head(&tx).await?.seq;
        let mut new = vec![StoredKey::next(purpose, next, now)];
        new.extend(current.map(|key| StoredKey::current(purpose, key, now)));
        let (mut stored, mut former) = (Vec::new(), None);
        for key in found {
            if matches!(key.material, Material::Current(of, _) if of == purpose) {
                former = Some(key.id.clone());
            }
            match AfterRotation::of(&key.material, purpose, at_once) {
                AfterRotation::Stays => stored.push(key),
                AfterRotation::Advances => new.push(key.advance(now, head)),
                AfterRotation::Deleted => store::delete(tx.db(), &key.id).await?,
            }
        }
        for key in new {
            store::put(tx.db(), key.seal(keys, rng)?).await?;
            stored.push(key);
        }
        let signing = SigningKeys::new(stored);
        let current = signing
            .views(purpose)
            .find(|view| view.state == KeyState::Current)
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
}

/// Keys that were made before the transaction, because an RSA key takes long.
struct MadeKeys {
    next: SigningKey,
    /// Also one that signs at once, in place of the former `next`.
    current: Option<SigningKey>,
}

/// Whether the current key of a purpose has signed for this long, and the next one is known to whoever fetched the key set.
fn is_due(
    keys: &SigningKeys,
    purpose: KeyPurpose,
    lifetime: Duration,
    now: OffsetDateTime,
) -> bool {
    let since = |state| {
        let mut views = keys.views(purpose);
        views
            .find(|view| view.state == state)
            .map(|view| now - view.changed_at)
    };
    since(KeyState::Current).is_some_and(|signed| signed >= lifetime)
        && since(KeyState::Next).is_some_and(|published| published >= PUBLISHED_BEFORE_USE)
}
