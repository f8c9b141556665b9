//! `latchkey backup`

use super::{Context, OPERATOR, failure::Failure, stop};
use clap::Args;
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};
use time::OffsetDateTime;

/// Makes a backup, also while a server runs.
#[derive(Args)]
pub(super) struct Backup {
    /// The file to create; an existing one is not overwritten
    file: PathBuf,
    /// Leave out the master key, to keep it separately
    #[arg(long)]
    without_key: bool,
}

#[derive(Serialize)]
struct Made<'a> {
    file: &'a PathBuf,
    bytes: u64,
    #[serde(with = "time::serde::rfc3339")]
    made_at: OffsetDateTime,
    audit_seq: i64,
    has_key: bool,
    older_schema: bool,
}

impl Backup {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if context.is_new() {
            return Err(Failure::NothingHere(context.data_dir()));
        }
        let engine = context.engine_to_back_up().await?;
        let stopped = stop::signal()?;
        let made = tokio::select! {
            made = engine.back_up(&OPERATOR, &self.file, !self.without_key) => made?,
            // The partial copy is removed.
            () = stopped => return Err(Failure::Interrupted),
        };
        let file = self.file.display();
        let mut text = format!(
            "The backup {file} was made: {} bytes, up to entry {} of the audit log.",
            made.bytes, made.audit_seq
        );
        text += &match &made.key_elsewhere {
            None => "\nIt contains the master key: anyone who can read it can impersonate every device. Keep it where only you have access, and not only on this machine.".to_owned(),
            Some(key) => format!(
                "\nIt does not contain the master key, {}. The backup cannot be restored without that file, so back it up separately.",
                key.display()
            ),
        };
        if made.is_older {
            text += "\nThe database is of an older version. The backup has it unchanged, so that version can restore it too; the audit log has no event for this backup.";
        }
        let body = Made {
            file: &self.file,
            bytes: made.bytes,
            made_at: made.made_at,
            audit_seq: made.audit_seq,
            has_key: made.key_elsewhere.is_none(),
            older_schema: made.is_older,
        };
        context.output.print(text, &body)
    }
}
