//! Sees to it that the keys that there should be are there, sealed under the active master key.
//!
//! 1. Each purpose has a `current` signing key and a `next` one; RS256 only when a client needs it (`random_key.rs`). A new installation makes random ones. One whose version
//!    derived them from the master key keeps them: as `current` that of the active line, as `retiring` those of the lines below.
//! 2. The key that checks the audit log's entries of a line below the active one is stored, so that it outlives the line.
//!    Once the line was taken out, the row says which entry was the last. That stays, also if a process still has the line
//!    below its active one, until the line is the active one again.
//! 3. Keys sealed under a line below are sealed again.
//!
//! Nothing is written under a master key file that neither has the key of the audit log's last entry nor opens a stored
//! one: the file of another installation must not become the one that this database belongs to.
//!
//! Runs when an engine is opened and with its maintenance. Several processes may run it at once: it writes within a
//! transaction that holds the audit log's head, and plans again from what that transaction reads.

use super::{
    keyring::{KEY_ID_BYTES, Keyring, RetiredAuditKey},
    purpose::KeyPurpose,
    random_key::random_key,
    sealed_key::{Material, StoredKey},
    signing::SigningKeys,
    store::{self, Model},
};
use crate::{
    Engine, Error, MasterKeyFault, OpenError, Rng, audit, audit::entry::Head, database,
    error::chain,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use sea_orm::{DatabaseConnection, DbErr};
use std::{path::Path, sync::Arc};

/// Why the stored keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProvisionError {
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error("the database was written with a master key that is not in the file")]
    OtherMasterKey,
    #[error("the key {0} in the database was changed")]
    Changed(String),
    #[error(transparent)]
    Internal(#[from] Error),
}

impl ProvisionError {
    /// Where an engine is opened.
    pub(crate) fn into_open_error(self, key_file: &Path) -> OpenError {
        let fault = match self {
            Self::Database(cause) => return cause.into(),
            Self::OtherMasterKey => MasterKeyFault::OfAnotherDatabase,
            Self::Changed(id) => MasterKeyFault::StoredKeyChanged(id),
            Self::Internal(error) => MasterKeyFault::StoredKeys(error),
        };
        OpenError::MasterKey {
            path: key_file.to_owned(),
            fault,
        }
    }
}

type Result<T> = std::result::Result<T, ProvisionError>;

/// What a process knows when it provisions.
pub(crate) struct Provisioner<'a> {
    pub(crate) keys: &'a Keyring,
    pub(crate) rng: &'a Rng,
    pub(crate) now: i64,
}

/// The stored keys, ready for use.
pub(crate) struct Provisioned {
    pub(crate) signing: SigningKeys,
    pub(crate) retired: Vec<RetiredAuditKey>,
}

impl Provisioned {
    fn of(stored: Vec<StoredKey>) -> Self {
        let retired = stored.iter().filter_map(StoredKey::retired_audit_key);
        Self {
            retired: retired.collect(),
            signing: SigningKeys::new(stored),
        }
    }
}

impl Provisioner<'_> {
    /// The stored keys; what is missing is made first.
    pub(crate) async fn run(&self, write: &DatabaseConnection) -> Result<Provisioned> {
        let head = audit::store::head(write).await?;
        let (stored, missing) = self.plan(&store::all(write).await?, &head)?;
        if missing.is_empty() {
            return Ok(Provisioned::of(stored));
        }
        let tx = database::begin(write).await?;
        let head = audit::store::take_head(&tx).await?;
        let (stored, missing) = self.plan(&store::all(&tx).await?, &head)?;
        for row in missing {
            store::put(&tx, row).await?;
        }
        tx.commit().await?;
        Ok(Provisioned::of(stored))
    }

    /// The same without writing anything: a schema that is older than this program has no such rows yet.
    pub(crate) async fn run_dry(&self, db: &DatabaseConnection) -> Result<Provisioned> {
        let head = audit::store::head(db).await?;
        let rows = store::all(db).await.unwrap_or_default();
        Ok(Provisioned::of(self.plan(&rows, &head)?.0))
    }

    /// All keys that there should be, and the rows of those that are missing or not as they should be.
    fn plan(&self, rows: &[Model], head: &Head) -> Result<(Vec<StoredKey>, Vec<Model>)> {
        let mut stored = Vec::new();
        let mut missing = Vec::new();
        for row in rows {
            if !self.keys.knows(&row.sealed) {
                return Err(ProvisionError::OtherMasterKey);
            }
            let opened = StoredKey::open(self.keys, row);
            let Some(mut key) = opened.map_err(|_| ProvisionError::Changed(row.id.clone()))? else {
                continue;
            };
            let is_bounded = self.bound(&mut key, head.seq);
            if is_bounded || !self.keys.is_active(&row.sealed) {
                missing.push(key.seal(self.keys, self.rng)?);
            }
            stored.push(key);
        }
        if head.seq > 0 && !self.knows_entry(&head.hash, &stored) {
            return Err(ProvisionError::OtherMasterKey);
        }
        for key in self.absent(&stored, head.seq)? {
            missing.push(key.seal(self.keys, self.rng)?);
            stored.push(key);
        }
        Ok((stored, missing))
    }

    /// Whether the key of an audit log entry is in the file, or stored.
    fn knows_entry(&self, hash: &[u8], stored: &[StoredKey]) -> bool {
        self.keys.knows(hash)
            || stored.iter().any(|key| {
                matches!(&key.material, Material::AuditChain { id, .. } if hash.starts_with(id))
            })
    }

    /// Notes the last entry of a key that writes no more: of a master key that was taken out of the file, and of a retiring
    /// key for checkpoints. Forgets it of a master key that is the active one again. Whether anything changed.
    fn bound(&self, key: &mut StoredKey, head: i64) -> bool {
        let (last_entry, wanted) = match &mut key.material {
            Material::AuditChain { id, last_entry, .. } => {
                let wanted = match *last_entry {
                    _ if self.keys.is_active(id) => None,
                    None if !self.keys.knows(id) => Some(head),
                    // Not of a line that is only still there: a process that was not restarted must not move it on.
                    unchanged => unchanged,
                };
                (last_entry, wanted)
            }
            Material::Retiring {
                purpose,
                last_entry,
                ..
            } => {
                let wanted = last_entry.or(purpose.last_entry(head));
                (last_entry, wanted)
            }
            Material::Next(..) | Material::Current(..) => return false,
        };
        let is_changed = *last_entry != wanted;
        *last_entry = wanted;
        is_changed
    }

    fn absent(&self, stored: &[StoredKey], head: i64) -> Result<Vec<StoredKey>> {
        let mut absent = Vec::new();
        let always_there = KeyPurpose::ALL.into_iter();
        for purpose in always_there.filter(|purpose| purpose.is_always_there()) {
            let is_there = |is_state: fn(&Material) -> Option<KeyPurpose>| {
                let mut found = stored.iter().filter_map(|key| is_state(&key.material));
                found.any(|found| found == purpose)
            };
            let has_current = is_there(|material| match material {
                Material::Current(purpose, _) => Some(*purpose),
                _ => None,
            });
            let has_next = is_there(|material| match material {
                Material::Next(purpose, _) => Some(*purpose),
                _ => None,
            });
            let random = || random_key(purpose.algorithm(), self.rng);
            match (has_current, head) {
                (true, _) => {}
                // Nothing was ever signed.
                (false, 0) => absent.push(StoredKey::current(purpose, random()?, self.now)),
                (false, _) => {
                    let derived = self.derived(purpose, head);
                    match derived.is_empty() {
                        true => absent.push(StoredKey::current(purpose, random()?, self.now)),
                        false => absent.extend(derived),
                    }
                }
            }
            if !has_next {
                absent.push(StoredKey::next(purpose, random()?, self.now));
            }
        }
        for line in &self.keys.generations()[1..] {
            let is_there = stored.iter().any(
                |key| matches!(&key.material, Material::AuditChain { id, .. } if *id == line.id),
            );
            if !is_there {
                absent.push(StoredKey::audit_chain(
                    line.id,
                    &line.audit_key,
                    None,
                    self.now,
                ));
            }
        }
        Ok(absent)
    }

    /// The keys that earlier versions derived from each line of the master key file; none for what they did not sign.
    fn derived(&self, purpose: KeyPurpose, head: i64) -> Vec<StoredKey> {
        let lines = self.keys.generations().iter().enumerate();
        lines
            .filter_map(|(index, line)| {
                let key = match purpose {
                    KeyPurpose::AccessToken
                    | KeyPurpose::AccessTokenEs256
                    | KeyPurpose::AccessTokenRs256 => return None,
                    // Services know it under this id.
                    KeyPurpose::IdentityToken => {
                        let id: [u8; KEY_ID_BYTES] = line.id;
                        line.derived_identity_token().with_id(BASE64.encode(id))
                    }
                    KeyPurpose::AuditCheckpoint => line.derived_checkpoint(),
                };
                let id = key.id().to_owned();
                let material = match index {
                    0 => Material::Current(purpose, key),
                    _ => Material::Retiring {
                        purpose,
                        key: key.public().clone(),
                        last_entry: purpose.last_entry(head),
                    },
                };
                Some(StoredKey::new(id, material, self.now))
            })
            .collect()
    }
}

impl Engine {
    pub(crate) fn provisioner(&self) -> Provisioner<'_> {
        Provisioner {
            keys: &self.inner.keys,
            rng: &self.inner.settings.rng,
            now: self.now().unix_timestamp(),
        }
    }

    /// Reads the keys again: another process may have rotated them. Those that cannot be read stay as they were.
    pub(crate) async fn reload_keys(&self) {
        let read = async {
            let permit = self.acquire_write_permit().await?;
            let provisioned = self.provisioner().run(permit.db()).await;
            provisioned.map_err(Error::internal)
        };
        match read.await {
            Ok(provisioned) => self.inner.signing.store(Arc::new(provisioned.signing)),
            Err(cause) => {
                tracing::warn!(error = %chain(&cause), "the keys could not be read again; if the master key was rotated, restart this process");
            }
        }
    }
}
