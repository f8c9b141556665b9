//! The chain of the audit log: what each entry's hash covers, and how it is checked.
//!
//! 1. `hash` is keyed: whoever has the database but not the master key cannot write an entry that fits.
//! 2. `digest` is SHA-256 over all entries up to this one, hashes included; it is kept nowhere and computed when the
//!    log is walked. Nobody needs a secret for it, so a signed digest lets a third party check a copy, and
//!    what is signed was never read from a place where somebody could have written it.

use crate::{
    Engine, Result, audit,
    audit::entry::{ChainEntry, Head},
    keys::keyring::{self, KEY_ID_BYTES, Keyring, Purpose, TAG_BYTES},
};
use latchkey_domain::{access::permission::Administrator, audit::checkpoint::Checkpoint};

/// Entries read at once.
const BATCH: u64 = 500;

/// The keyed hash of an entry over all its fields, each with its length in front, so that no two
/// entries are written alike.
pub(crate) fn hash(keys: &Keyring, row: &ChainEntry) -> Vec<u8> {
    keys.tag(Purpose::Audit, &encoded(row)).to_vec()
}

fn encoded(row: &ChainEntry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let mut field = |value: &[u8]| {
        bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
        bytes.extend_from_slice(value);
    };
    field(&row.prev_hash);
    field(&row.seq.to_be_bytes());
    field(&row.time.to_be_bytes());
    for text in [
        &row.actor,
        &row.actor_name,
        &row.action,
        &row.target,
        &row.target_name,
    ] {
        field(text.as_bytes());
    }
    field(
        row.subject
            .as_ref()
            .map_or(&[], |subject| subject.as_bytes().as_slice()),
    );
    field(row.ip.as_deref().unwrap_or_default().as_bytes());
    field(row.detail.as_bytes());
    // Only where there is something: entries from before this column keep their hashes.
    if let Some(changes) = row.changes.as_deref().filter(|text| !text.is_empty()) {
        field(changes.as_bytes());
    }
    bytes
}

/// A place in the chain, with all that came before it in one digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
    pub(crate) digest: [u8; 32],
}

impl Link {
    /// Before the first entry.
    pub(crate) const START: Self = Self {
        seq: 0,
        hash: Vec::new(),
        digest: [0; 32],
    };

    /// The place that a checkpoint tells of; `None` where its hashes are none.
    pub(crate) fn of(checkpoint: &Checkpoint) -> Option<Self> {
        Some(Self {
            seq: checkpoint.seq,
            hash: unhex(&checkpoint.hash)?,
            digest: unhex(&checkpoint.digest)?.try_into().ok()?,
        })
    }

    /// The place of `row`, the next entry:
    /// `digest = SHA-256("audit digest" ‖ 0 ‖ digest before ‖ the entry as it is hashed ‖ its hash with its length)`.
    pub(crate) fn next(&self, row: &ChainEntry) -> Self {
        let mut bytes = self.digest.to_vec();
        bytes.extend_from_slice(&encoded(row));
        bytes.extend_from_slice(&(row.hash.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&row.hash);
        Self {
            seq: row.seq,
            hash: row.hash.clone(),
            digest: keyring::digest("audit digest", &bytes),
        }
    }

    /// Whether `row` says that it is the entry after this one.
    pub(crate) fn leads_to(&self, row: &ChainEntry) -> bool {
        row.seq == self.seq + 1
            && row.prev_hash == self.hash
            && row.hash.len() == KEY_ID_BYTES + TAG_BYTES
    }

    /// Its hash, in hexadecimal.
    pub(crate) fn hash_text(&self) -> String {
        hex::encode(&self.hash)
    }

    /// Its digest, in hexadecimal.
    pub(crate) fn digest_text(&self) -> String {
        hex::encode(self.digest)
    }
}

/// Bytes from hexadecimal in lower case, the only spelling that is written.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = hex::decode(text).ok()?;
    (!text.bytes().any(|byte| byte.is_ascii_uppercase())).then_some(bytes)
}

/// What a check of the audit chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainReport {
    /// Every entry follows from the one before.
    Intact {
        /// How many there are.
        entries: u64,
    },
    /// The first entry that does not.
    Broken {
        /// Its place.
        seq: i64,
    },
}

/// A way along the log, from one place in it to the head as it was at the start.
pub(crate) struct Walk<'e> {
    engine: &'e Engine,
    head: Head,
    at: Link,
    broken_at: Option<i64>,
    passes_retired: bool,
}

impl Walk<'_> {
    /// From now on entries under keys that were taken away pass, if they are where they belong. Only for what a key vouches for
    /// in another way: whoever has no key can write such entries.
    pub(crate) const fn pass_retired(mut self) -> Self {
        self.passes_retired = true;
        self
    }

    /// The next entries with their places; none at the end. Goes on after an entry that does not fit, since a copy
    /// of a broken log is evidence.
    pub(crate) async fn next(&mut self) -> Result<Vec<(ChainEntry, Link)>> {
        if self.at.seq >= self.head.seq {
            return Ok(Vec::new());
        }
        let rows = audit::store::after(&self.engine.read(), self.at.seq, BATCH).await?;
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows.into_iter().take_while(|row| row.seq <= self.head.seq) {
            let keys = &self.engine.inner.keys;
            let is_retired = self.passes_retired && !keys.knows_entry(&row.hash);
            let follows = self.at.leads_to(&row) && (is_retired || is_ours(keys, &row));
            if !follows {
                self.broken_at.get_or_insert(self.at.seq + 1);
            }
            self.at = self.at.next(&row);
            steps.push((row, self.at.clone()));
        }
        Ok(steps)
    }

    /// Where it has come to.
    pub(crate) const fn at(&self) -> &Link {
        &self.at
    }

    /// Whether an entry did not fit so far.
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken_at.is_some()
    }

    /// What was found, once there are no more entries.
    pub(crate) fn report(&self) -> ChainReport {
        // A log that was cut off at its end has a head that its last entry does not match.
        let at_end = match self.at.seq {
            seq if seq < self.head.seq => Some(seq + 1),
            seq if self.head.hash != self.at.hash => Some(seq),
            _ => None,
        };
        match self.broken_at.or(at_end) {
            Some(seq) => ChainReport::Broken { seq },
            None => ChainReport::Intact {
                entries: u64::try_from(self.at.seq).unwrap_or_default(),
            },
        }
    }
}

/// Whether an entry's hash was made with one of our keys and of what it says.
pub(crate) fn is_ours(keys: &Keyring, row: &ChainEntry) -> bool {
    keys.is_entry_tag(row.seq, &encoded(row), &row.hash)
}

impl Engine {
    /// Sets out along the log. A database whose file was taken away or replaced has nothing to say: what is
    /// still open of it is not what the next process finds.
    pub(crate) async fn walk(&self, from: Link) -> Result<Walk<'_>> {
        self.check_database_file().await?;
        Ok(Walk {
            engine: self,
            head: audit::store::head(&self.read()).await?,
            at: from,
            broken_at: None,
            passes_retired: false,
        })
    }

    /// Recomputes the hash chain from its beginning to the head. An end that was cut off together with the head
    /// does not show here: [`Engine::verify_audit_log`] takes checkpoints.
    ///
    /// # Errors
    /// Internal only.
    pub async fn verify_audit_chain(&self, _administrator: &Administrator) -> Result<ChainReport> {
        let mut walk = self.walk(Link::START).await?;
        while !walk.is_broken() && !walk.next().await?.is_empty() {}
        Ok(walk.report())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
    use uuid::Uuid;

    /// Computed by another program, from what this file says: logs and checkpoints of older versions still
    /// verify, and others can write their own check of an export.
    #[test]
    fn audit_13_entry_hash_and_digest_are_stable() {
        let keys = Keyring::parse(&BASE64_STANDARD_NO_PAD.encode([1; 32])).unwrap();
        let row = |changes: Option<&str>| ChainEntry {
            seq: 1,
            time: 1_795_262_400,
            actor: "operator".to_owned(),
            actor_name: "operator".to_owned(),
            action: "service.added".to_owned(),
            target: "service:1".to_owned(),
            target_name: "photos".to_owned(),
            subject: Some(Uuid::from_bytes([2; 16])),
            ip: Some("192.0.2.7".to_owned()),
            detail: "hosts ä".to_owned(),
            changes: changes.map(str::to_owned),
            prev_hash: Vec::new(),
            hash: Vec::new(),
        };
        for (changes, hashed, digest) in [
            (
                None,
                "5f9f28b890232f1d1eb01a1a28ed1615d169577f5775771c9b59be8b7ef86e58557c029d",
                "aa8ef8e5a27616e1b55e028346e689b531882596f11a05a648d4b29ab66a19fd",
            ),
            (
                Some(r#"[{"field":"rules","before":null,"after":"public /*\n"}]"#),
                "5f9f28b8c24bf178fc4e66186b48c2232fc0c4da8b2e4e367b79096f3c314a5dd5d2bcfa",
                "12da9351c5838045d86c865a436fd12518d8434f5586439b476da769ccc1b81e",
            ),
        ] {
            let mut row = row(changes);
            row.hash = hash(&keys, &row);
            let link = Link::START.next(&row);
            assert_eq!(
                (link.hash_text().as_str(), link.digest_text().as_str()),
                (hashed, digest)
            );
            assert!(is_ours(&keys, &row) && Link::START.leads_to(&row));
        }
        assert_eq!(
            hex::encode(keys.generations()[0].derived_checkpoint.to_bytes()),
            "b4e62e9a261f5b207496bd8d587931f28e4dd2bb8279d0b35b43493215cc838e"
        );
    }

    #[test]
    fn hexadecimal_is_canonical() {
        assert_eq!(unhex("00ff1a"), Some(vec![0, 255, 26]));
        assert_eq!(unhex(&hex::encode(b"any")).as_deref(), Some(&b"any"[..]));
        for text in ["0", "0G", "FF", "0x", "é", " 0"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
