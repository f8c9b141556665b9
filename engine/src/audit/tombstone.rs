//! What is left of entries that were removed: how far they went, signed.
//!
//! 1. A tombstone is a JWS as checkpoints are (`checkpoint.rs`), with `typ` [`TYP`], so that no checkpoint is taken for one, and the claims
//!    `iss`, `iat`, `seq` (the last removed entry), `hash` and `digest` (its place in the chain), and `since` and `until` (the
//!    times of the first removed entry of all and of the last).
//! 2. There is one at most. The chain begins after it, and its digest goes on, so checkpoints of later entries still fit.
//! 3. Its key alone removes nothing: the chain, whose entries need the master key, must have an entry `audit.pruned` that says that
//!    entries up to it, or more, were to be removed.

use super::{
    chain::{Link, unhex},
    checkpoint::CheckpointKeys,
    entry::ChainEntry,
    store,
};
use crate::{Engine, Error, Result, keys::purpose::KeyPurpose};
use latchkey_domain::{
    audit::{checkpoint::Problem, event::Action},
    event::PRUNED_UP_TO,
};
use latchkey_jose::{object, sign};
use serde::{Deserialize, Serialize};

/// The type of tombstones.
pub(super) const TYP: &str = "latchkey-tombstone+jwt";

/// What a tombstone says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    iss: String,
    iat: i64,
    pub(crate) seq: i64,
    hash: String,
    digest: String,
    pub(crate) since: i64,
    pub(crate) until: i64,
}

impl Tombstone {
    /// The place of the last removed entry; `None` where its hashes are none.
    pub(crate) fn link(&self) -> Option<Link> {
        Some(Link {
            seq: self.seq,
            hash: unhex(&self.hash)?,
            digest: unhex(&self.digest)?.try_into().ok()?,
        })
    }

    /// Whether an entry says that entries up to the last removed one were to be removed.
    pub(crate) fn is_announced_by(&self, entry: &ChainEntry) -> bool {
        let last = entry.record.target_name.strip_prefix(PRUNED_UP_TO);
        entry.record.action == Action::AuditPruned.as_str()
            && last.and_then(|last| last.parse::<i64>().ok()) >= Some(self.seq)
    }
}

impl CheckpointKeys {
    /// What a tombstone says, if one of these keys signed it.
    ///
    /// # Errors
    /// As [`CheckpointKeys::open`].
    pub(crate) fn open_tombstone(&self, text: &str) -> std::result::Result<Tombstone, Problem> {
        let (payload, last_entry) = self.open_typed(text, TYP)?;
        let claims = object(&payload).map_err(|_| Problem::Unreadable)?;
        let tombstone: Tombstone =
            serde_json::from_value(claims.into()).map_err(|_| Problem::Unreadable)?;
        match last_entry {
            Some(last_entry) if tombstone.seq > last_entry => Err(Problem::RetiredKey),
            _ => Ok(tombstone),
        }
    }
}

/// Where the chain begins.
pub(crate) enum Beginning {
    /// With its first entry.
    Whole,
    /// After the entries that a tombstone stands for.
    After(Box<Tombstone>, Link, String),
    /// There is a tombstone that was not made by us.
    Forged,
}

impl Engine {
    /// Where the chain begins.
    pub(crate) async fn beginning(&self) -> Result<Beginning> {
        let Some(text) = store::tombstone::find(&self.read()).await? else {
            return Ok(Beginning::Whole);
        };
        let opened = self.checkpoint_keys().open_tombstone(&text);
        let found = opened.ok().and_then(|it| Some((it.link()?, it)));
        Ok(match found {
            Some((link, tombstone)) => Beginning::After(Box::new(tombstone), link, text),
            None => Beginning::Forged,
        })
    }

    /// Signs that entries up to a place are removed.
    pub(crate) async fn sign_tombstone(
        &self,
        link: &Link,
        since: i64,
        until: i64,
    ) -> Result<String> {
        let keys = self.newest_signing_keys().await?;
        let (_, key) = keys.current(KeyPurpose::AuditCheckpoint)?;
        let tombstone = Tombstone {
            iss: self.public_url().as_str().trim_end_matches('/').to_owned(),
            iat: self.now().unix_timestamp(),
            seq: link.seq,
            hash: link.hash_text(),
            digest: link.digest_text(),
            since,
            until,
        };
        sign(key, TYP, &tombstone).map_err(Error::internal)
    }
}
