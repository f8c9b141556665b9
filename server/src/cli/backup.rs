//! `latchkey backup`

use super::{Context, OPERATOR, failure::Failure, stop};
use clap::Args;
use latchkey_engine::BackupError;
use serde::Serialize;
use std::{path::PathBuf, process::ExitCode};
use time::OffsetDateTime;

/// Makes a backup, beside a running server too.
#[derive(Args)]
pub(super) struct Backup {
    /// The file to make; one that is there is not overwritten
    file: PathBuf,
    /// Leave the master key out, to keep it apart
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
        if !context.config.database.is_embedded() {
            return Err(BackupError::NotEmbedded("latchkey backup").into());
        }
        let engine = context.engine_to_back_up().await?;
        let stopped = stop::signal()?;
        let made = tokio::select! {
            made = engine.back_up(&OPERATOR, &self.file, !self.without_key) => made?,
            // What was copied so far goes with it.
            () = stopped => return Err(Failure::Interrupted),
        };
        let file = self.file.display();
        let mut text = format!(
            "The backup {file} was made: {} bytes, up to entry {} of the audit log.",
            made.bytes, made.audit_seq
        );
        text += &match &made.key_elsewhere {
            None => "\nThe master key is in it: whoever reads it can act as any device. Keep it where only you come, and not on this machine alone.".to_owned(),
            Some(key) => format!(
                "\nThe master key is not in it: {}. Without that file the backup cannot be restored, so back it up on its own.",
                key.display()
            ),
        };
        if made.is_older {
            text += "\nAn older version wrote the database. The backup has it as it is, so that version can restore it too; the audit log does not tell of this backup.";
        }
        let said = Made {
            file: &self.file,
            bytes: made.bytes,
            made_at: made.made_at,
            audit_seq: made.audit_seq,
            has_key: made.key_elsewhere.is_none(),
            older_schema: made.is_older,
        };
        context.output.say(text, &said)
    }
}
