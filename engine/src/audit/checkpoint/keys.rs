//! Reading checkpoints, with the public keys that they are checked with.

use super::{Claims, TYP};
use crate::{
    Engine, PublicKey, database,
    keys::{jws::thumbprint, purpose::KeyPurpose},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::audit::checkpoint::{Checkpoint, Problem};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use serde::Deserialize;

/// The longest text that can be a checkpoint: ours have about 500 bytes, and an address of at most 255 more.
const MAX_BYTES: usize = 2048;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadHeader {
    alg: String,
    typ: String,
    kid: String,
}

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
pub struct CheckpointKeys(Vec<CheckpointKey>);

#[derive(Debug, Clone)]
struct CheckpointKey {
    kid: String,
    key: VerifyingKey,
    /// The last entry of which it signs checkpoints, if a newer key came after it.
    last_entry: Option<i64>,
}

/// The text holds no key for checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no key for ES256")]
pub struct CheckpointKeysError;

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
    #[serde(default)]
    latchkey_last_entry: Option<i64>,
}

impl Jwk {
    fn key(&self) -> Option<CheckpointKey> {
        if (self.kty.as_str(), self.crv.as_str()) != ("EC", "P-256") {
            return None;
        }
        let (x, y) = (BASE64.decode(&self.x).ok()?, BASE64.decode(&self.y).ok()?);
        // SEC 1 §2.3.3: an uncompressed point.
        let key = VerifyingKey::from_sec1_bytes(&[&[4][..], &x, &y].concat()).ok()?;
        Some(CheckpointKey {
            kid: thumbprint(&key),
            key,
            last_entry: self.latchkey_last_entry,
        })
    }
}

impl CheckpointKeys {
    /// Keys from a JWK set (RFC 7517 §5); what is not for ES256 is left out.
    ///
    /// # Errors
    /// When none is left.
    pub fn parse(text: &str) -> std::result::Result<Self, CheckpointKeysError> {
        let set: Jwks = serde_json::from_str(text).map_err(|_| CheckpointKeysError)?;
        let keys: Vec<_> = set.keys.iter().filter_map(Jwk::key).collect();
        if keys.is_empty() {
            return Err(CheckpointKeysError);
        }
        Ok(Self(keys))
    }

    /// What a checkpoint says, if one of these keys signed it.
    ///
    /// # Errors
    /// [`Problem::Unreadable`], [`Problem::UnknownKey`], [`Problem::Forged`] and [`Problem::RetiredKey`].
    pub fn open(&self, text: &str) -> std::result::Result<Checkpoint, Problem> {
        let decode = |part: &str| BASE64.decode(part).map_err(|_| Problem::Unreadable);
        if text.len() > MAX_BYTES {
            return Err(Problem::Unreadable);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Problem::Unreadable)?;
        let (header, claims) = signed.split_once('.').ok_or(Problem::Unreadable)?;
        let header: ReadHeader =
            serde_json::from_slice(&decode(header)?).map_err(|_| Problem::Unreadable)?;
        if (header.alg.as_str(), header.typ.as_str()) != ("ES256", TYP) {
            return Err(Problem::Unreadable);
        }
        let CheckpointKey {
            key, last_entry, ..
        } = (self.0.iter())
            .find(|key| key.kid == header.kid)
            .ok_or(Problem::UnknownKey)?;
        let signature = Signature::from_slice(&decode(signature)?).map_err(|_| Problem::Forged)?;
        key.verify(signed.as_bytes(), &signature)
            .map_err(|_| Problem::Forged)?;
        let claims: Claims =
            serde_json::from_slice(&decode(claims)?).map_err(|_| Problem::Unreadable)?;
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
    pub fn checkpoint_public_keys(&self) -> Vec<PublicKey> {
        let keys = self.signing_keys();
        keys.published(KeyPurpose::AuditCheckpoint)
            .filter_map(|(id, key, last)| PublicKey::new(id.to_owned(), key, last))
            .collect()
    }

    /// The same keys, to check with.
    #[must_use]
    pub fn checkpoint_keys(&self) -> CheckpointKeys {
        let keys = self.signing_keys();
        let published = keys.published(KeyPurpose::AuditCheckpoint);
        let keys = published.map(|(kid, key, last_entry)| CheckpointKey {
            kid: kid.to_owned(),
            key: *key,
            last_entry,
        });
        CheckpointKeys(keys.collect())
    }
}
