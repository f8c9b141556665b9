//! Entries of the audit log as they are written, with their links.

use crate::database::at;
use latchkey_domain::audit::event::{EventView, FieldChange};
use uuid::Uuid;

/// The end of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: i64,
    pub(crate) hash: Vec<u8>,
}

/// An entry with its links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChainEntry {
    pub(crate) seq: i64,
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
    pub(crate) prev_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

impl From<ChainEntry> for EventView {
    fn from(entry: ChainEntry) -> Self {
        Self {
            seq: entry.seq,
            time: at(entry.time),
            actor: entry.actor,
            actor_name: entry.actor_name,
            action: entry.action,
            target: entry.target,
            target_name: entry.target_name,
            ip: entry.ip,
            detail: entry.detail,
            changes: entry.changes.as_deref().map(changes).unwrap_or_default(),
        }
    }
}

/// What another program wrote there is shown as it is; the chain tells that it is not ours.
fn changes(text: &str) -> Vec<FieldChange> {
    serde_json::from_str(text)
        .unwrap_or_else(|_| vec![FieldChange::added("unreadable", text.to_owned()).bounded()])
}
