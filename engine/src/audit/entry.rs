//! Entries of the audit log: what they say, and their place in the chain.

use super::acted_from::ActedFrom;
use crate::database::at;
use latchkey_domain::audit::event::{EventView, FieldChange};
use uuid::Uuid;

/// The end of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventRecord {
    pub(crate) time: i64,
    pub(crate) actor: String,
    pub(crate) actor_name: String,
    pub(crate) action: String,
    pub(crate) target: String,
    pub(crate) target_name: String,
    /// The affected user.
    pub(crate) subject: Option<Uuid>,
    pub(crate) ip: Option<String>,
    pub(crate) detail: String,
    /// A JSON list of what became different; `None` where nothing did, as in entries from before there was the column.
    pub(crate) changes: Option<String>,
    pub(crate) from: ActedFrom,
}

/// An entry with its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChainEntry {
    pub(crate) seq: i64,
    pub(crate) record: EventRecord,
    /// The id of an event that was not ordered when it was written.
    pub(crate) event_id: Option<Uuid>,
    pub(crate) prev_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

/// An event that waits for its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnsealedEvent {
    pub(crate) event_id: Uuid,
    pub(crate) record: EventRecord,
    /// Keyed, so that what another program writes there is not sealed.
    pub(crate) tag: Vec<u8>,
}

impl From<ChainEntry> for EventView {
    fn from(ChainEntry { seq, record, .. }: ChainEntry) -> Self {
        Self {
            seq,
            time: at(record.time),
            actor: record.actor,
            actor_name: record.actor_name,
            action: record.action,
            target: record.target,
            target_name: record.target_name,
            ip: record.ip,
            detail: record.detail,
            changes: record.changes.as_deref().map(changes).unwrap_or_default(),
            device: record.from.device,
            device_name: record.from.device_name,
            session: record.from.session,
            client: record.from.client,
        }
    }
}

/// What another program wrote there is shown as it is; the chain tells that it is not ours.
fn changes(text: &str) -> Vec<FieldChange> {
    serde_json::from_str(text)
        .unwrap_or_else(|_| vec![FieldChange::added("unreadable", text.to_owned()).bounded()])
}
