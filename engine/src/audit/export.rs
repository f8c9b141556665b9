//! A copy of the audit log to take along, and how it is checked where there is neither database nor master key.
//!
//! 1. An export is lines of JSON: entries, each with its links and the digest of all entries up to it, then a signed
//!    checkpoint of the last one. One that begins later begins with a checkpoint too.
//! 2. A check recomputes the digests, for which no secret is needed, and compares them with what was signed.
//!
//! A changed, missing, reordered or added line makes another digest. What this cannot show is that the export
//! was cut off at an older checkpoint: that takes a newer one, kept elsewhere.

mod check;

pub use check::{ExportCheck, ExportFault, LineFault};

use crate::{
    ChainReport, Engine, Result,
    audit::acted_from::ActedFrom,
    audit::chain::{self, Link},
    audit::entry::{ChainEntry, EventRecord},
    audit::tombstone::Beginning,
    audit::walk::Walk,
};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes},
    audit::event::EventView,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An event with its links, for whoever keeps a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainedEvent {
    /// The event.
    #[serde(flatten)]
    pub event: EventView,
    /// The user whom it concerns.
    pub subject: Option<Uuid>,
    /// The id of an event that was not ordered when it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<Uuid>,
    /// The link before, in hexadecimal; empty for the first.
    pub prev_hash: String,
    /// Its own link: key id and HMAC-SHA256.
    pub hash: String,
    /// SHA-256 over all entries up to this one; needs no key.
    pub digest: String,
}

impl ChainedEvent {
    fn new(row: ChainEntry, link: &Link) -> Self {
        Self {
            subject: row.record.subject,
            event_id: row.event_id,
            prev_hash: hex::encode(&row.prev_hash),
            hash: hex::encode(&row.hash),
            digest: link.digest_text(),
            event: row.into(),
        }
    }

    /// The row that it was made of.
    fn row(&self) -> Option<ChainEntry> {
        let event = self.event.clone();
        Some(ChainEntry {
            seq: event.seq,
            record: EventRecord {
                time: event.time.unix_timestamp(),
                actor: event.actor,
                actor_name: event.actor_name,
                action: event.action,
                target: event.target,
                target_name: event.target_name,
                subject: self.subject,
                ip: event.ip,
                detail: event.detail,
                changes: match event.changes.as_slice() {
                    [] => None,
                    changes => Some(serde_json::to_string(changes).ok()?),
                },
                from: ActedFrom {
                    device: event.device,
                    device_name: event.device_name,
                    session: event.session,
                    client: event.client,
                },
            },
            event_id: self.event_id,
            prev_hash: chain::unhex(&self.prev_hash)?,
            hash: chain::unhex(&self.hash)?,
        })
    }
}

/// A line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ExportLine {
    /// An entry.
    Event(Box<ChainedEvent>),
    /// What stands for entries that were removed.
    Tombstone {
        /// A JWS in Compact Serialization.
        tombstone: String,
    },
    /// A signed checkpoint of the entry before it.
    Checkpoint {
        /// A JWS in Compact Serialization.
        checkpoint: String,
    },
}

/// An export under way.
pub struct Export<'e> {
    engine: &'e Engine,
    walk: Walk<'e>,
    after: i64,
    /// What stands for the entries before the first one.
    tombstone: Option<String>,
    /// The place before the first line, until that line comes.
    start: Option<Link>,
    has_ended: bool,
}

impl Engine {
    /// Begins an export of the entries after `after`. The chain is checked from its beginning on the way: nothing
    /// is signed of one that does not hold.
    ///
    /// # Errors
    /// Internal only.
    pub async fn export_events(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
        after: i64,
    ) -> Result<Export<'_>> {
        self.seal_events_to_read().await;
        Ok(Export {
            engine: self,
            tombstone: match self.beginning().await? {
                Beginning::After(tombstone, _, text) if after <= tombstone.seq => Some(text),
                _ => None,
            },
            walk: self.walk_all().await?,
            after: after.max(0),
            start: None,
            has_ended: false,
        })
    }
}

impl Export<'_> {
    /// The next lines, some hundreds at a time; `None` at the end.
    ///
    /// # Errors
    /// Internal only.
    pub async fn next(&mut self) -> Result<Option<Vec<ExportLine>>> {
        if self.has_ended {
            return Ok(None);
        }
        let steps = self.walk.next().await?;
        let mut lines = Vec::with_capacity(steps.len() + 1);
        if let Some(tombstone) = self.tombstone.take() {
            lines.push(ExportLine::Tombstone { tombstone });
        }
        self.has_ended = steps.is_empty();
        if self.has_ended
            && matches!(self.report(), ChainReport::Intact { .. })
            && self.walk.at().seq >= self.after
        {
            lines.push(self.signed(self.walk.at()).await?);
        }
        for (row, link) in steps {
            if link.seq <= self.after {
                self.start = Some(link).filter(|link| link.seq == self.after);
                continue;
            }
            if let Some(start) = self.start.take().filter(|_| !self.walk.is_broken()) {
                lines.push(self.signed(&start).await?);
            }
            lines.push(ExportLine::Event(Box::new(ChainedEvent::new(row, &link))));
        }
        Ok(Some(lines))
    }

    async fn signed(&self, link: &Link) -> Result<ExportLine> {
        let checkpoint = self.engine.sign_checkpoint(link).await?.text;
        Ok(ExportLine::Checkpoint { checkpoint })
    }

    /// The last entry to which it has come.
    #[must_use]
    pub const fn last(&self) -> i64 {
        self.walk.at().seq
    }

    /// What the check of the chain found, once there are no more lines.
    #[must_use]
    pub fn report(&self) -> ChainReport {
        self.walk.report()
    }
}
