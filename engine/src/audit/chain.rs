//! The chain of the audit log: what each entry's hash covers, and how it is checked.
//!
//! 1. `hash` is keyed: whoever has the database but not the master key cannot write an entry that fits.
//! 2. `digest` is SHA-256 over all entries up to this one, hashes included; it is kept nowhere and computed when the
//!    log is walked. Nobody needs a secret for it, so a signed digest lets a third party check a copy, and
//!    what is signed was never read from a place where somebody could have written it.

use super::{
    encoding::{encoded, encoded_unsealed},
    entry::{ChainEntry, UnsealedEvent},
};
use crate::keys::keyring::{self, KEY_ID_BYTES, Keyring, Purpose, TAG_BYTES};
use latchkey_domain::audit::checkpoint::Checkpoint;

/// The keyed hash of an entry over all its fields.
pub(crate) fn hash(keys: &Keyring, entry: &ChainEntry) -> Vec<u8> {
    keys.tag(Purpose::Audit, &encoded(entry)).to_vec()
}

/// Whether an entry's hash was made with one of our keys and of what it says.
pub(crate) fn is_ours(keys: &Keyring, entry: &ChainEntry) -> bool {
    keys.is_entry_tag(entry.seq, &encoded(entry), &entry.hash)
}

/// The keyed tag of an event that is not sealed yet.
pub(crate) fn tag(keys: &Keyring, event: &UnsealedEvent) -> Vec<u8> {
    keys.tag(Purpose::UnsealedEvent, &encoded_unsealed(event))
        .to_vec()
}

/// Whether an event that is not sealed yet is one that we wrote.
pub(crate) fn is_tagged(keys: &Keyring, event: &UnsealedEvent) -> bool {
    keys.is_tag_of(Purpose::UnsealedEvent, &encoded_unsealed(event), &event.tag)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{acted_from::ActedFrom, entry::EventRecord};
    use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
    use latchkey_domain::id::{ClientId, DeviceId};
    use uuid::Uuid;

    /// Computed by another program, from what this file says: logs and checkpoints of older versions still
    /// verify, and others can write their own check of an export.
    #[test]
    fn audit_13_entry_hash_and_digest_are_stable() {
        let keys = Keyring::parse(&BASE64_STANDARD_NO_PAD.encode([1; 32])).unwrap();
        let row = |changes: Option<&str>, from| ChainEntry {
            seq: 1,
            record: EventRecord {
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
                from,
            },
            event_id: None,
            prev_hash: Vec::new(),
            hash: Vec::new(),
        };
        let rules = r#"[{"field":"rules","before":null,"after":"public /*\n"}]"#;
        let laptop = ActedFrom {
            device: Some(DeviceId::from_uuid(Uuid::from_bytes([3; 16]))),
            device_name: Some("Laptop".to_owned()),
            ..ActedFrom::default()
        };
        let program = ActedFrom {
            device_name: Some("Läptop (Firefox)".to_owned()),
            session: Some("00112233445566ff".to_owned()),
            client: Some(ClientId::from_uuid(Uuid::from_bytes([4; 16]))),
            ..laptop.clone()
        };
        for (changes, from, hashed, digest) in [
            (
                None,
                ActedFrom::default(),
                "5f9f28b890232f1d1eb01a1a28ed1615d169577f5775771c9b59be8b7ef86e58557c029d",
                "aa8ef8e5a27616e1b55e028346e689b531882596f11a05a648d4b29ab66a19fd",
            ),
            (
                Some(rules),
                ActedFrom::default(),
                "5f9f28b8c24bf178fc4e66186b48c2232fc0c4da8b2e4e367b79096f3c314a5dd5d2bcfa",
                "12da9351c5838045d86c865a436fd12518d8434f5586439b476da769ccc1b81e",
            ),
            (
                Some(rules),
                program,
                "5f9f28b834aa19cd1e3b52d00482588b31047144d8d28b232483070680e58dbfa994a265",
                "ae5e60d5215e5240e841e66ff1f6d83cd038bdfc6571265e26d3ae4768d1f9a1",
            ),
            (
                None,
                laptop,
                "5f9f28b83707837ed6564fc0b9b9f771d26c4a18700c45f6803be2c0032156ca7703ce33",
                "b4d80b308c7d7a470a825eb130d06b90b9be28da8a88171043b0d8da12256e53",
            ),
        ] {
            let mut row = row(changes, from);
            row.hash = hash(&keys, &row);
            let link = Link::START.next(&row);
            assert_eq!(
                (link.hash_text().as_str(), link.digest_text().as_str()),
                (hashed, digest)
            );
            assert!(is_ours(&keys, &row) && Link::START.leads_to(&row));
        }
        assert_eq!(
            hex::encode(keys.generations()[0].derived_checkpoint().to_bytes()),
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
