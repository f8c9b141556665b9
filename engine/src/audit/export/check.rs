//! Checking an export where there is neither database nor master key.

use super::ChainedEvent;
use crate::{
    CheckpointKeys, Comparison, PrunedEntries, ReadCheckpoint, audit::chain::Link,
    audit::checkpoint::Comparer,
};
use latchkey_domain::audit::checkpoint::Problem;
use serde::Deserialize;
use serde_json::Value;

/// Why an export is not one that was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    /// The line is neither an entry nor a checkpoint.
    #[error("line {line}: {fault}")]
    Unreadable {
        /// From 1.
        line: usize,
        /// Why.
        fault: LineFault,
    },
    /// The line is not the one that comes next.
    #[error("line {line}: entry {found} instead of {expected}")]
    Order {
        /// From 1.
        line: usize,
        /// The entry that belongs there.
        expected: i64,
        /// The one that is there.
        found: i64,
    },
    /// The line is not what was exported.
    #[error("line {line}: entry {seq} was changed")]
    Changed {
        /// From 1.
        line: usize,
        /// The entry.
        seq: i64,
    },
    /// The checkpoint in a line cannot be used.
    #[error("line {line}: {problem:?} checkpoint")]
    Checkpoint {
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: Problem,
    },
    /// The checkpoint in a line is of other entries.
    #[error("line {line}: checkpoint of other entries")]
    Contradicted {
        /// From 1.
        line: usize,
    },
    /// It begins after the entry from which it should.
    #[error("no checkpoint of entry {after} at the beginning")]
    Beginning {
        /// The entry before the first.
        after: i64,
    },
    /// It does not end with a checkpoint.
    #[error("no checkpoint at the end")]
    Unsigned,
}

/// Why a line is neither an entry nor a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// It is not the JSON of one.
    #[error("{0}")]
    Json(String),
    /// A hash is not hexadecimal.
    #[error("hash is not hexadecimal")]
    NotHexadecimal,
}

impl From<serde_json::Error> for LineFault {
    fn from(cause: serde_json::Error) -> Self {
        Self::Json(cause.to_string())
    }
}

/// A check of an export under way, with public keys alone.
pub struct ExportCheck {
    keys: CheckpointKeys,
    comparer: Comparer,
    after: i64,
    at: Option<Link>,
    line: usize,
    entries: u64,
    pruned: Option<PrunedEntries>,
    is_signed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TombstoneLine {
    tombstone: String,
}

impl ExportCheck {
    /// Begins a check of an export of the entries after `after`, and of whether it fits checkpoints that
    /// were kept elsewhere.
    #[must_use]
    pub fn new(keys: CheckpointKeys, after: i64, checkpoints: &[ReadCheckpoint]) -> Self {
        let comparer = Comparer::new(checkpoints);
        // Where all of the log is there, its beginning is known; any other must be signed.
        let at = (after <= 0).then_some(Link::START);
        Self {
            keys,
            comparer,
            after: after.max(0),
            at,
            line: 0,
            entries: 0,
            pruned: None,
            is_signed: false,
        }
    }

    /// Reads the next line.
    ///
    /// # Errors
    /// [`ExportFault`], after which there is nothing more to learn.
    pub fn read(&mut self, line: &str) -> std::result::Result<(), ExportFault> {
        self.line += 1;
        let line_number = self.line;
        let unreadable = |fault: LineFault| ExportFault::Unreadable {
            line: line_number,
            fault,
        };
        let value: Value = serde_json::from_str(line).map_err(|cause| unreadable(cause.into()))?;
        if value.get("checkpoint").is_some() {
            let line =
                CheckpointLine::deserialize(value).map_err(|cause| unreadable(cause.into()))?;
            return self.read_checkpoint(&line.checkpoint);
        }
        if value.get("tombstone").is_some() {
            let line =
                TombstoneLine::deserialize(value).map_err(|cause| unreadable(cause.into()))?;
            return self.read_tombstone(&line.tombstone);
        }
        // From the text and not from the value: of two fields with one name, a value has only the last.
        let event: ChainedEvent =
            serde_json::from_str(line).map_err(|cause| unreadable(cause.into()))?;
        let row = (event.row()).ok_or_else(|| unreadable(LineFault::NotHexadecimal))?;
        let at = self
            .at
            .as_ref()
            .ok_or(ExportFault::Beginning { after: self.after })?;
        if *at == Link::START {
            self.comparer.pass(at);
        }
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
        self.entries += 1;
        self.is_signed = false;
        Ok(())
    }

    /// In place of a first line: what follows begins after the entries for which it stands.
    fn read_tombstone(&mut self, text: &str) -> std::result::Result<(), ExportFault> {
        let line = self.line;
        let tombstone = (self.keys.open_tombstone(text))
            .map_err(|problem| ExportFault::Checkpoint { line, problem })?;
        let place = tombstone
            .link()
            .filter(|_| line == 1 && self.after <= tombstone.seq);
        let place = place.ok_or(ExportFault::Contradicted { line })?;
        self.comparer.start_at(&place);
        self.pruned = Some((&tombstone).into());
        self.at = Some(place);
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

    /// Entries that were removed before the first one of the export.
    #[must_use]
    pub const fn pruned(&self) -> Option<PrunedEntries> {
        self.pruned
    }

    /// Entries that were read.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.entries
    }

    /// Ends the check: the last entry's place, and how the checkpoints that were kept elsewhere fit.
    ///
    /// # Errors
    /// [`ExportFault::Unsigned`] and [`ExportFault::Beginning`].
    pub fn finish(mut self) -> std::result::Result<(i64, Comparison), ExportFault> {
        let at = self
            .at
            .ok_or(ExportFault::Beginning { after: self.after })?;
        if !self.is_signed {
            return Err(ExportFault::Unsigned);
        }
        if at == Link::START {
            self.comparer.pass(&at);
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
