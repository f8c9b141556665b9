//! What is wrong with the audit log's checkpoints and exports.

use latchkey_domain::audit::checkpoint::Problem;
use latchkey_engine::{ExportFault, LineFault};

/// The end of a sentence about a checkpoint.
pub(crate) const fn checkpoint(problem: Problem) -> &'static str {
    match problem {
        Problem::Unreadable => "is not a checkpoint",
        Problem::UnknownKey => "is signed with a key that is not one of ours",
        Problem::Forged => "has a signature that does not fit",
        Problem::RetiredKey => {
            "is of an entry after the rotation of the key that signed it: somebody else has that key"
        }
        Problem::Truncated => {
            "is beyond the end of the log: the log was cut off, or an old copy was restored"
        }
        Problem::Rewritten => {
            "does not fit the log: the entry there, or one before it, is another one than it was"
        }
    }
}

/// That a file has no key for checkpoints.
pub(crate) const NO_KEY: &str =
    "there is no public key for ES256 in it; `latchkey audit keys` prints what is wanted";

/// Why an export is not one that was signed, without a full stop.
pub(crate) fn export(fault: &ExportFault) -> String {
    match fault {
        ExportFault::Unreadable { line, fault } => {
            let cause = match fault {
                LineFault::Json(cause) => cause,
                LineFault::NotHexadecimal => "a hash is not hexadecimal",
            };
            format!("line {line} is neither an entry of an audit log nor a checkpoint: {cause}")
        }
        ExportFault::Order {
            line,
            expected,
            found,
        } => format!(
            "line {line} has entry {found} where entry {expected} belongs: lines are missing, added or in another order"
        ),
        ExportFault::Changed { line, seq } => {
            format!("line {line}, entry {seq}, is not what was exported: it was changed")
        }
        ExportFault::Checkpoint { line, problem } => {
            format!("the checkpoint in line {line} {}", checkpoint(*problem))
        }
        ExportFault::Contradicted { line } => format!(
            "the checkpoint in line {line} is not of the lines before it: they were changed, or some are missing"
        ),
        ExportFault::Beginning { after } => format!(
            "it does not begin with a checkpoint of entry {after}: lines are missing at the beginning"
        ),
        ExportFault::Unsigned => {
            "it does not end with a checkpoint of its last entry: lines are missing or added at the end"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_described() {
        for (problem, words) in [
            (Problem::Unreadable, "is not a checkpoint"),
            (Problem::UnknownKey, "is signed with a key"),
            (Problem::Forged, "has a signature"),
            (Problem::RetiredKey, "is of an entry after the rotation"),
            (Problem::Truncated, "is beyond the end"),
            (Problem::Rewritten, "does not fit the log"),
        ] {
            let text = checkpoint(problem);
            assert!(text.starts_with(words), "{text}");
        }
    }
}
