//! Comparing checkpoints with the log, or with an exported copy of it.

use super::ReadCheckpoint;
use crate::audit::chain::Link;
use latchkey_domain::audit::checkpoint::{Checkpoint, Problem};
use serde::Serialize;

/// A checkpoint and the log contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointFault {
    /// The checkpoint's line, from 1.
    pub line: usize,
    /// Its place in the log, if it could be read.
    pub seq: Option<i64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What comparing a log with checkpoints found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// How many checkpoints fit.
    pub fit: u64,
    /// How many are of entries before those that were looked at.
    pub outside: u64,
    /// How many are of entries that were removed on purpose.
    #[serde(skip_serializing_if = "is_zero")]
    pub pruned: u64,
    /// What does not fit, in the order of the log.
    pub faults: Vec<CheckpointFault>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Compares checkpoints with places in the log, which come in order.
pub(crate) struct Comparer {
    /// The nearest one last.
    waiting: Vec<(usize, Checkpoint)>,
    found: Comparison,
}

impl Comparer {
    pub(crate) fn new(checkpoints: &[ReadCheckpoint]) -> Self {
        let (mut waiting, mut faults) = (Vec::new(), Vec::new());
        for ReadCheckpoint { line, checkpoint } in checkpoints {
            match checkpoint {
                Ok(checkpoint) => waiting.push((*line, checkpoint.clone())),
                Err(problem) => faults.push(CheckpointFault {
                    line: *line,
                    seq: None,
                    problem: *problem,
                }),
            }
        }
        waiting.sort_by_key(|(line, checkpoint)| std::cmp::Reverse((checkpoint.seq, *line)));
        Self {
            waiting,
            found: Comparison {
                fit: 0,
                outside: 0,
                pruned: 0,
                faults,
            },
        }
    }

    /// Begins with a whole log, or after its tombstone.
    pub(crate) fn start_at(&mut self, start: &Link) {
        self.pass(start);
        self.found.pruned = std::mem::take(&mut self.found.outside);
    }

    pub(crate) fn pass(&mut self, link: &Link) {
        while let Some((line, checkpoint)) =
            (self.waiting).pop_if(|(_, checkpoint)| checkpoint.seq <= link.seq)
        {
            if checkpoint.seq < link.seq {
                self.found.outside += 1;
                continue;
            }
            let found = (link.hash_text(), link.digest_text());
            self.judge(line, &checkpoint, Some((&found.0, &found.1)));
        }
    }

    pub(crate) fn finish(mut self) -> Comparison {
        while let Some((line, checkpoint)) = self.waiting.pop() {
            self.judge(line, &checkpoint, None);
        }
        self.found
    }

    fn judge(&mut self, line: usize, checkpoint: &Checkpoint, found: Option<(&str, &str)>) {
        match checkpoint.compare(found) {
            Ok(()) => self.found.fit += 1,
            Err(problem) => self.found.faults.push(CheckpointFault {
                line,
                seq: Some(checkpoint.seq),
                problem,
            }),
        }
    }
}
