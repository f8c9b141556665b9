//! Checkpoints of the audit log: how far it had come at a time, signed, and kept where those who can write the
//! database cannot. A log that is shorter than a checkpoint of it was cut off; one that has another
//! entry in that place was rewritten.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How far the log had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// The last entry's place; 0 for an empty log.
    pub seq: i64,
    /// The last entry's link in the chain, in hexadecimal; empty for an empty log.
    pub hash: String,
    /// SHA-256 over all entries up to it, in hexadecimal: can be computed again without a secret.
    pub digest: String,
}

/// What is wrong between a checkpoint and the log, or with the checkpoint itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The text is not a checkpoint.
    Unreadable,
    /// It is signed with a key that is not one of ours: another installation's, or one that was retired.
    UnknownKey,
    /// Its signature does not fit.
    Forged,
    /// It is of an entry that was written after its key was rotated.
    RetiredKey,
    /// The log is shorter than it was.
    Truncated,
    /// The log has other entries up to there than it had.
    Rewritten,
}

impl Checkpoint {
    /// Compares it with the log's entry in the same place, by its `hash` and `digest`; `None` where the
    /// log ends before.
    ///
    /// # Errors
    /// [`Problem::Truncated`] and [`Problem::Rewritten`].
    pub fn compare(&self, found: Option<(&str, &str)>) -> Result<(), Problem> {
        match found {
            None => Err(Problem::Truncated),
            Some((hash, digest)) if hash == self.hash && digest == self.digest => Ok(()),
            Some(_) => Err(Problem::Rewritten),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_13_a_checkpoint_matches_only_its_own_entry() {
        let checkpoint = Checkpoint {
            time: OffsetDateTime::UNIX_EPOCH,
            seq: 3,
            hash: "ab".to_owned(),
            digest: "cd".to_owned(),
        };
        for (found, verdict) in [
            (Some(("ab", "cd")), Ok(())),
            (Some(("ab", "ce")), Err(Problem::Rewritten)),
            (Some(("ac", "cd")), Err(Problem::Rewritten)),
            (None, Err(Problem::Truncated)),
        ] {
            assert_eq!(checkpoint.compare(found), verdict, "{found:?}");
        }
    }
}
