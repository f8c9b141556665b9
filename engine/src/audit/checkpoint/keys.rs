//! Reading checkpoints, with the public keys that they are checked with.

use super::{Claims, TYP};
use crate::{Engine, database, keys::purpose::KeyPurpose};
use latchkey_domain::audit::checkpoint::{Checkpoint, Problem};
use latchkey_jose::{Algorithm, Jwk, KeySet, PublicKey, TokenError, object};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The longest text that can be a checkpoint: ours have about 500 bytes, and an address of at most 255 more.
const MAX_BYTES: usize = 2048;

/// A line that was read as a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadCheckpoint {
    /// Its line, from 1.
    pub line: usize,
    /// What it says, if one of the keys signed it.
    pub checkpoint: std::result::Result<Checkpoint, Problem>,
}

/// The public keys that checkpoints are checked with.
#[derive(Debug, Clone)]
pub struct CheckpointKeys {
    keys: KeySet,
    /// By key id, the last entry of which a key signs checkpoints, if a newer key came after it.
    last_entries: HashMap<String, i64>,
}

/// The text holds no key for checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no key for ES256")]
pub struct CheckpointKeysError;

/// A public key for checkpoints, as it is handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointJwk {
    /// The key.
    #[serde(flatten)]
    key: Jwk,
    /// Not of RFC 7517: the last audit log entry of which this key signs checkpoints. Readers ignore what they do not know (§4).
    #[serde(
        default,
        rename = "latchkey_last_entry",
        skip_serializing_if = "Option::is_none"
    )]
    last_entry: Option<i64>,
}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

impl CheckpointJwk {
    /// Its id is computed from the key, so that no key set can give it to another key.
    fn read(value: serde_json::Value) -> Option<(PublicKey, Option<i64>)> {
        let Self { key, last_entry } = serde_json::from_value(value).ok()?;
        let key = PublicKey::from_jwk(&Jwk { kid: None, ..key }).ok()?;
        (key.algorithm() == Algorithm::Es256).then_some((key, last_entry))
    }
}

impl CheckpointKeys {
    fn new(keys: impl IntoIterator<Item = (PublicKey, Option<i64>)>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        let last_entries = keys.iter();
        Self {
            last_entries: last_entries
                .filter_map(|(key, last)| Some((key.id().to_owned(), (*last)?)))
                .collect(),
            keys: KeySet::new(keys.into_iter().map(|(key, _)| key)),
        }
    }

    /// Keys from a JWK set (RFC 7517 §5); what is not for ES256 is left out.
    ///
    /// # Errors
    /// When none is left.
    pub fn parse(text: &str) -> std::result::Result<Self, CheckpointKeysError> {
        let set: Jwks = serde_json::from_str(text).map_err(|_| CheckpointKeysError)?;
        let keys = Self::new(set.keys.into_iter().filter_map(CheckpointJwk::read));
        match keys.keys.is_empty() {
            true => Err(CheckpointKeysError),
            false => Ok(keys),
        }
    }

    /// What a checkpoint says, if one of these keys signed it.
    ///
    /// # Errors
    /// [`Problem::Unreadable`], [`Problem::UnknownKey`], [`Problem::Forged`] and [`Problem::RetiredKey`].
    pub fn open(&self, text: &str) -> std::result::Result<Checkpoint, Problem> {
        let (payload, last_entry) = self.open_typed(text, TYP)?;
        let claims = object(&payload).map_err(|_| Problem::Unreadable)?;
        let claims: Claims =
            serde_json::from_value(claims.into()).map_err(|_| Problem::Unreadable)?;
        if last_entry.is_some_and(|last_entry| claims.seq > last_entry) {
            return Err(Problem::RetiredKey);
        }
        Ok(Checkpoint {
            time: database::at(claims.iat),
            seq: claims.seq,
            hash: claims.hash,
            digest: claims.digest,
        })
    }

    /// The payload of a JWS of this type, if one of these keys signed it, and the last entry of which that key signs.
    pub(crate) fn open_typed(
        &self,
        text: &str,
        typ: &str,
    ) -> std::result::Result<(Vec<u8>, Option<i64>), Problem> {
        if text.len() > MAX_BYTES {
            return Err(Problem::Unreadable);
        }
        let opened = self.keys.open(text).map_err(|wrong| match wrong {
            TokenError::KeyId => Problem::UnknownKey,
            TokenError::Signature => Problem::Forged,
            _ => Problem::Unreadable,
        })?;
        if opened.header.typ.as_deref() != Some(typ) {
            return Err(Problem::Unreadable);
        }
        let last_entry = (opened.header.kid.as_deref()).and_then(|id| self.last_entries.get(id));
        Ok((opened.payload, last_entry.copied()))
    }

    /// The checkpoints in a text, one a line. A line may say more, as one of a system log does; empty lines and those
    /// that begin with `#` are left out, and any other without a checkpoint is unreadable: nobody can make one
    /// disappear by spoiling it.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<ReadCheckpoint> {
        let is_ours = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let open = |line: &str| {
            let found = line
                .split(|c| !is_ours(c))
                .find(|word| word.starts_with("eyJ") && word.matches('.').count() == 2);
            self.open(found.ok_or(Problem::Unreadable)?)
        };
        (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
            .map(|(number, line)| ReadCheckpoint {
                line: number,
                checkpoint: open(line),
            })
            .collect()
    }
}

impl Engine {
    /// The keys with which others check checkpoints and exports; rotated ones stay.
    #[must_use]
    pub fn checkpoint_public_keys(&self) -> Vec<CheckpointJwk> {
        let keys = self.signing_keys();
        let published = keys.published(KeyPurpose::AuditCheckpoint);
        published
            .map(|(key, last_entry)| CheckpointJwk {
                key: key.jwk(),
                last_entry,
            })
            .collect()
    }

    /// The same keys, to check with.
    #[must_use]
    pub fn checkpoint_keys(&self) -> CheckpointKeys {
        let keys = self.signing_keys();
        let published = keys.published(KeyPurpose::AuditCheckpoint);
        CheckpointKeys::new(published.map(|(key, last_entry)| (key.clone(), last_entry)))
    }
}
