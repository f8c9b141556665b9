//! Keys that are rows, sealed under the master key.
//!
//! What is sealed depends on the state: of a `next` or `current` signing key the private part, of a `retiring` one the public
//! part alone. The associated data covers purpose, id, algorithm, state and last entry. So whoever writes the database
//! can neither add a public key that services would trust, nor change what a key is good for; that is why there is no
//! column with the public part in the clear.

use super::{
    keyring::{KeyId, Keyring, RetiredAuditKey},
    purpose::{KeyPurpose, KeyState},
    seal::{self, UnsealError},
    store::Model,
};
use crate::{Rng, error::Result};
use latchkey_jose::{Algorithm, PublicKey, SigningKey};
use ring::hmac;
use zeroize::Zeroizing;

/// The purpose of keys that check audit log entries of former master keys.
const AUDIT_CHAIN: &str = "audit_chain";
const HS256: &str = "HS256";

/// A key as its row has it, opened.
pub(crate) struct StoredKey {
    pub(crate) id: String,
    pub(crate) material: Material,
    pub(crate) created_at: i64,
    /// Since when it is in its state.
    pub(crate) changed_at: i64,
}

pub(crate) enum Material {
    Next(KeyPurpose, SigningKey),
    Current(KeyPurpose, SigningKey),
    Retiring {
        purpose: KeyPurpose,
        key: PublicKey,
        /// Of keys for checkpoints, the last entry of which it may have signed one: whoever got hold of it signs no later one.
        last_entry: Option<i64>,
    },
    /// Checks audit log entries of the master key `id`: of those up to `last_entry`, once that key is not in force any more.
    AuditChain {
        id: KeyId,
        key: Zeroizing<[u8; 64]>,
        last_entry: Option<i64>,
    },
}

impl Material {
    pub(crate) const fn state(&self) -> KeyState {
        match self {
            Self::Next(..) => KeyState::Next,
            Self::Current(..) => KeyState::Current,
            Self::Retiring { .. } | Self::AuditChain { .. } => KeyState::Retiring,
        }
    }

    pub(crate) const fn last_entry(&self) -> Option<i64> {
        match self {
            Self::Retiring { last_entry, .. } | Self::AuditChain { last_entry, .. } => *last_entry,
            Self::Next(..) | Self::Current(..) => None,
        }
    }

    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Next(purpose, key) | Self::Current(purpose, key) => {
                (purpose.as_str(), key.algorithm().as_str())
            }
            Self::Retiring { purpose, key, .. } => (purpose.as_str(), key.algorithm().as_str()),
            Self::AuditChain { .. } => (AUDIT_CHAIN, HS256),
        }
    }

    fn bytes(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Next(_, key) | Self::Current(_, key) => key.to_bytes(),
            Self::Retiring { key, .. } => Zeroizing::new(key.to_bytes()),
            Self::AuditChain { key, .. } => Zeroizing::new(key.to_vec()),
        }
    }
}

impl StoredKey {
    pub(crate) const fn new(id: String, material: Material, now: i64) -> Self {
        Self {
            id,
            material,
            created_at: now,
            changed_at: now,
        }
    }

    /// A new signing key that is published, to be used after the next rotation.
    pub(crate) fn next(purpose: KeyPurpose, key: SigningKey, now: i64) -> Self {
        Self::new(key.id().to_owned(), Material::Next(purpose, key), now)
    }

    /// A new signing key that is used from now on.
    pub(crate) fn current(purpose: KeyPurpose, key: SigningKey, now: i64) -> Self {
        Self::new(key.id().to_owned(), Material::Current(purpose, key), now)
    }

    /// The key for audit log entries of the master key `id`.
    pub(crate) fn audit_chain(
        id: KeyId,
        key: &[u8; 64],
        last_entry: Option<i64>,
        now: i64,
    ) -> Self {
        let material = Material::AuditChain {
            id,
            key: Zeroizing::new(*key),
            last_entry,
        };
        Self::new(audit_chain_id(id), material, now)
    }

    /// The row, sealed under the active master key.
    pub(crate) fn seal(&self, keys: &Keyring, rng: &Rng) -> Result<Model> {
        let (purpose, algorithm) = self.material.words();
        let mut row = Model {
            id: self.id.clone(),
            purpose: purpose.to_owned(),
            algorithm: algorithm.to_owned(),
            state: self.material.state().as_str().to_owned(),
            sealed: Vec::new(),
            last_entry: self.material.last_entry(),
            created_at: self.created_at,
            changed_at: self.changed_at,
        };
        row.sealed = seal::seal(keys, rng, &aad(&row), &self.material.bytes())?;
        Ok(row)
    }

    /// What a row says, if it was sealed with one of the keys in force and not changed since. `None` for the rows of a newer
    /// version's purposes, which this one leaves alone.
    ///
    /// # Errors
    /// [`UnsealError`], inside of an internal error.
    pub(crate) fn open(keys: &Keyring, row: &Model) -> Result<Option<Self>> {
        let plain = Zeroizing::new(seal::open(keys, &aad(row), &row.sealed)?);
        let broken = || crate::Error::internal(UnsealError);
        let material = match (
            KeyPurpose::from_word(&row.purpose),
            KeyState::from_word(&row.state),
            Algorithm::from_name(&row.algorithm),
        ) {
            (Some(purpose), Some(state), Some(algorithm)) => {
                let signing = || {
                    let key = SigningKey::from_bytes(algorithm, &plain).map_err(|_| broken())?;
                    Ok::<_, crate::Error>(key.with_id(row.id.clone()))
                };
                match state {
                    KeyState::Next => Material::Next(purpose, signing()?),
                    KeyState::Current => Material::Current(purpose, signing()?),
                    KeyState::Retiring => {
                        let key = PublicKey::from_bytes(algorithm, &plain).map_err(|_| broken())?;
                        Material::Retiring {
                            purpose,
                            key: key.with_id(row.id.clone()),
                            last_entry: row.last_entry,
                        }
                    }
                }
            }
            (None, ..)
                if (row.purpose.as_str(), row.algorithm.as_str()) == (AUDIT_CHAIN, HS256) =>
            {
                Material::AuditChain {
                    id: id_of_audit_chain(&row.id).ok_or_else(broken)?,
                    key: Zeroizing::new(plain.as_slice().try_into().map_err(|_| broken())?),
                    last_entry: row.last_entry,
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(Self {
            id: row.id.clone(),
            material,
            created_at: row.created_at,
            changed_at: row.changed_at,
        }))
    }

    /// The same key in its next state; `head` is the last entry of the audit log.
    pub(crate) fn advance(self, now: i64, head: i64) -> Self {
        let material = match self.material {
            Material::Next(purpose, key) => Material::Current(purpose, key),
            Material::Current(purpose, key) => Material::Retiring {
                purpose,
                key: key.public().clone(),
                last_entry: purpose.last_entry(head),
            },
            last => last,
        };
        Self {
            material,
            changed_at: now,
            ..self
        }
    }

    /// The key that checks entries, once its master key is not in force any more.
    pub(crate) fn retired_audit_key(&self) -> Option<RetiredAuditKey> {
        match &self.material {
            Material::AuditChain {
                id,
                key,
                last_entry: Some(last_entry),
            } => Some(RetiredAuditKey {
                id: *id,
                key: hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()),
                last_entry: *last_entry,
            }),
            _ => None,
        }
    }
}

fn audit_chain_id(id: KeyId) -> String {
    format!("{AUDIT_CHAIN}:{}", hex::encode(id))
}

fn id_of_audit_chain(id: &str) -> Option<KeyId> {
    let hex = id.strip_prefix(AUDIT_CHAIN)?.strip_prefix(':')?;
    crate::audit::chain::unhex(hex)?.try_into().ok()
}

/// Everything of a row that says what its key is good for.
fn aad(row: &Model) -> Vec<u8> {
    let last_entry = row.last_entry.map(|seq| seq.to_string());
    [
        "key",
        &row.purpose,
        &row.id,
        &row.algorithm,
        &row.state,
        last_entry.as_deref().unwrap_or_default(),
    ]
    .join("\0")
    .into_bytes()
}
