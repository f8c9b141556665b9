//! The bytes of an entry that hashes and tags cover: all fields, each with its length in front, so that no two entries
//! are written alike.

use super::entry::{ChainEntry, EventRecord, UnsealedEvent};

struct Fields(Vec<u8>);

impl Fields {
    fn new() -> Self {
        Self(Vec::with_capacity(256))
    }

    fn push(&mut self, value: &[u8]) {
        let length = value.len() as u64;
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
    }

    /// All but the changes.
    fn push_record(&mut self, record: &EventRecord) {
        self.push(&record.time.to_be_bytes());
        for text in [
            &record.actor,
            &record.actor_name,
            &record.action,
            &record.target,
            &record.target_name,
        ] {
            self.push(text.as_bytes());
        }
        self.push(
            record
                .subject
                .as_ref()
                .map_or(&[], |subject| subject.as_bytes().as_slice()),
        );
        self.push(record.ip.as_deref().unwrap_or_default().as_bytes());
        self.push(record.detail.as_bytes());
    }
}

/// What the hash of an entry covers.
pub(super) fn encoded(entry: &ChainEntry) -> Vec<u8> {
    let mut fields = Fields::new();
    fields.push(&entry.prev_hash);
    fields.push(&entry.seq.to_be_bytes());
    fields.push_record(&entry.record);
    let changes = entry.record.changes.as_deref().unwrap_or_default();
    // Only where there is something: entries from before these columns keep their hashes.
    if let Some(id) = &entry.event_id {
        fields.push(changes.as_bytes());
        fields.push(id.as_bytes());
    } else if !changes.is_empty() {
        fields.push(changes.as_bytes());
    }
    fields.0
}

/// What the tag of an event that is not sealed yet covers.
pub(super) fn encoded_unsealed(event: &UnsealedEvent) -> Vec<u8> {
    let mut fields = Fields::new();
    fields.push(event.event_id.as_bytes());
    fields.push_record(&event.record);
    fields.push(
        event
            .record
            .changes
            .as_deref()
            .unwrap_or_default()
            .as_bytes(),
    );
    fields.0
}
