//! The bytes of an entry that hashes and tags cover: all fields, each with its length in front (eight bytes, big-endian), so that no two
//! entries are written alike. A field that is empty or missing has length 0.
//!
//! 1. The first form: `prev_hash`, `seq`, `time`, `actor`, `actor_name`, `action`, `target`, `target_name`, `subject`, `ip`, `detail`; then
//!    `changes` if there are any or an `event_id`; then `event_id` if there is one. Entries have it that do not say on which device, in which
//!    session or through which program they were done: all from before the second form are among them, so their hashes stay.
//! 2. The second form, of all other entries: a field of the one byte 2; the same fields, all of them; `device`, `device_name`, `session`,
//!    `client`. No entry of the first form begins like it, because its first field has the length of a hash, or of no hash.
//!
//! Numbers are eight bytes, big-endian; ids are the sixteen bytes of a UUID. The tag of an event that is not sealed covers
//! `event_id` in place of `prev_hash` and `seq`, and always `changes`.

use super::{
    acted_from::ActedFrom,
    entry::{ChainEntry, EventRecord, UnsealedEvent},
};

/// How the second form begins.
const SECOND_FORM: &[u8] = &[2];

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

    fn push_from(&mut self, from: &ActedFrom) {
        let device = from.device.map(|device| device.uuid().into_bytes());
        self.push(device.as_ref().map_or(&[], <[u8; 16]>::as_slice));
        self.push(from.device_name.as_deref().unwrap_or_default().as_bytes());
        self.push(from.session.as_deref().unwrap_or_default().as_bytes());
        let client = from.client.map(|client| client.uuid().into_bytes());
        self.push(client.as_ref().map_or(&[], <[u8; 16]>::as_slice));
    }

    /// All but the changes, and with what it was done.
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
    let from = &entry.record.from;
    let is_second = !from.is_empty();
    if is_second {
        fields.push(SECOND_FORM);
    }
    fields.push(&entry.prev_hash);
    fields.push(&entry.seq.to_be_bytes());
    fields.push_record(&entry.record);
    let changes = entry.record.changes.as_deref().unwrap_or_default();
    if is_second || entry.event_id.is_some() || !changes.is_empty() {
        fields.push(changes.as_bytes());
    }
    let id = entry.event_id.as_ref();
    if is_second || id.is_some() {
        fields.push(id.map_or(&[], |id| id.as_bytes().as_slice()));
    }
    if is_second {
        fields.push_from(from);
    }
    fields.0
}

/// What the tag of an event that is not sealed yet covers.
pub(super) fn encoded_unsealed(event: &UnsealedEvent) -> Vec<u8> {
    let mut fields = Fields::new();
    let record = &event.record;
    let is_second = !record.from.is_empty();
    if is_second {
        fields.push(SECOND_FORM);
    }
    fields.push(event.event_id.as_bytes());
    fields.push_record(record);
    fields.push(record.changes.as_deref().unwrap_or_default().as_bytes());
    if is_second {
        fields.push_from(&record.from);
    }
    fields.0
}
