//! A copy of the audit log to take along, and how it is checked where there is neither database nor master key.
//!
//! 1. An export is lines of JSON: entries, each with its links and the digest of all entries up to it, then a signed
//!    checkpoint of the last one. One that begins later begins with a checkpoint too.
//! 2. A check recomputes the digests, for which no secret is needed, and compares them with what was signed.
//!
//! A changed, missing, reordered or added line makes another digest. What this cannot show is that the export
//! was cut off at an older checkpoint: that takes a newer one, kept elsewhere.

use crate::{
    ChainReport, CheckpointKeys, Comparison, Engine, ReadCheckpoint, Result,
    audit::chain::{self, Link},
    audit::checkpoint::Comparer,
    audit::entry::{ChainEntry, EventRecord},
    audit::walk::Walk,
};
use latchkey_domain::{
    access::permission::Administrator, audit::checkpoint::Problem, audit::event::EventView,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
        _administrator: &Administrator,
        after: i64,
    ) -> Result<Export<'_>> {
        self.seal_events_to_read().await;
        Ok(Export {
            engine: self,
            walk: self.walk(Link::START).await?,
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

    /// What the check of the chain found, once there are no more lines.
    #[must_use]
    pub fn report(&self) -> ChainReport {
        self.walk.report()
    }
}

/// Why an export is not one that was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// The line is neither an entry nor a checkpoint.
    #[error("line {line} is neither an entry of an audit log nor a checkpoint: {cause}")]
    Unreadable {
        /// From 1.
        line: usize,
        /// Why.
        cause: String,
    },
    /// The line is not the one that comes next.
    #[error(
        "line {line} has entry {found} where entry {expected} belongs: lines are missing, added or in another order"
    )]
    Order {
        /// From 1.
        line: usize,
        /// The entry that belongs there.
        expected: i64,
        /// The one that is there.
        found: i64,
    },
    /// The line is not what was exported.
    #[error("line {line}, entry {seq}, is not what was exported: it was changed")]
    Changed {
        /// From 1.
        line: usize,
        /// The entry.
        seq: i64,
    },
    /// The checkpoint in a line cannot be used.
    #[error("the checkpoint in line {line} {problem}")]
    Checkpoint {
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: Problem,
    },
    /// The checkpoint in a line is of other entries.
    #[error(
        "the checkpoint in line {line} is not of the lines before it: they were changed, or some are missing"
    )]
    Contradicted {
        /// From 1.
        line: usize,
    },
    /// It begins after the entry from which it should.
    #[error(
        "it does not begin with a checkpoint of entry {after}: lines are missing at the beginning"
    )]
    Beginning {
        /// The entry before the first.
        after: i64,
    },
    /// It does not end with a checkpoint.
    #[error(
        "it does not end with a checkpoint of its last entry: lines are missing or added at the end"
    )]
    Unsigned,
}

/// A check of an export under way, with public keys alone.
pub struct ExportCheck {
    keys: CheckpointKeys,
    comparer: Comparer,
    after: i64,
    at: Option<Link>,
    line: usize,
    is_signed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

impl ExportCheck {
    /// Begins a check of an export of the entries after `after`, and of whether it fits checkpoints that
    /// were kept elsewhere.
    #[must_use]
    pub fn new(keys: CheckpointKeys, after: i64, checkpoints: &[ReadCheckpoint]) -> Self {
        let mut comparer = Comparer::new(checkpoints);
        // Where all of the log is there, its beginning is known; any other must be signed.
        let at = (after <= 0).then_some(Link::START);
        if let Some(start) = &at {
            comparer.pass(start);
        }
        Self {
            keys,
            comparer,
            after: after.max(0),
            at,
            line: 0,
            is_signed: false,
        }
    }

    /// Reads the next line.
    ///
    /// # Errors
    /// [`ExportFault`], after which there is nothing more to learn.
    pub fn read(&mut self, line: &str) -> std::result::Result<(), ExportFault> {
        self.line += 1;
        let unreadable = |cause: String| ExportFault::Unreadable {
            line: self.line,
            cause,
        };
        let value: Value = serde_json::from_str(line).map_err(|why| unreadable(why.to_string()))?;
        if value.get("checkpoint").is_some() {
            let line =
                CheckpointLine::deserialize(value).map_err(|why| unreadable(why.to_string()))?;
            return self.read_checkpoint(&line.checkpoint);
        }
        // From the text and not from the value: of two fields with one name, a value has only the last.
        let event: ChainedEvent =
            serde_json::from_str(line).map_err(|why| unreadable(why.to_string()))?;
        let row =
            (event.row()).ok_or_else(|| unreadable("a hash is not hexadecimal".to_owned()))?;
        let at = self
            .at
            .as_ref()
            .ok_or(ExportFault::Beginning { after: self.after })?;
        let (expected, found) = (at.seq + 1, row.seq);
        if expected != found {
            let line = self.line;
            return Err(ExportFault::Order {
                line,
                expected,
                found,
            });
        }
        let link = at.next(&row);
        let is_same = at.leads_to(&row) && says_only(&value, &ChainedEvent::new(row, &link));
        if !is_same {
            return Err(ExportFault::Changed {
                line: self.line,
                seq: found,
            });
        }
        self.comparer.pass(&link);
        self.at = Some(link);
        self.is_signed = false;
        Ok(())
    }

    fn read_checkpoint(&mut self, text: &str) -> std::result::Result<(), ExportFault> {
        let line = self.line;
        let checkpoint =
            (self.keys.open(text)).map_err(|problem| ExportFault::Checkpoint { line, problem })?;
        let place = Link::of(&checkpoint).ok_or(ExportFault::Contradicted { line })?;
        match &self.at {
            None if place.seq == self.after => {
                self.comparer.pass(&place);
                self.at = Some(place);
            }
            None => return Err(ExportFault::Beginning { after: self.after }),
            Some(at) if *at == place => {}
            Some(_) => return Err(ExportFault::Contradicted { line }),
        }
        self.is_signed = true;
        Ok(())
    }

    /// Ends the check: the last entry's place, and how the checkpoints that were kept elsewhere fit.
    ///
    /// # Errors
    /// [`ExportFault::Unsigned`] and [`ExportFault::Beginning`].
    pub fn finish(self) -> std::result::Result<(i64, Comparison), ExportFault> {
        let at = self
            .at
            .ok_or(ExportFault::Beginning { after: self.after })?;
        if !self.is_signed {
            return Err(ExportFault::Unsigned);
        }
        Ok((at.seq, self.comparer.finish()))
    }
}

/// Whether a line says nothing but what the entry is: no other value, and no field that no digest covers.
fn says_only(line: &Value, event: &ChainedEvent) -> bool {
    let (Value::Object(line), Ok(Value::Object(event))) = (line, serde_json::to_value(event))
    else {
        return false;
    };
    line.iter()
        .all(|(name, value)| event.get(name) == Some(value))
}
