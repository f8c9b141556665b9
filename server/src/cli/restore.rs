//! `latchkey restore`

use super::{Context, failure::Failure, stop, table::minute};
use clap::Args;
use latchkey_engine::{BackupError, Engine, RestoreOptions, Restored};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use time::OffsetDateTime;

/// Restores a backup where nothing is yet.
#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// Keep devices signed in; by default each comes back with its user's passkey or code
    #[arg(long)]
    keep_sign_ins: bool,
    /// Refuse a backup that brings a master key: take only the one that is there
    #[arg(long)]
    without_key: bool,
}

#[derive(Serialize)]
struct Said<'a> {
    database: &'a Path,
    #[serde(with = "time::serde::rfc3339")]
    made_at: OffsetDateTime,
    audit_seq: i64,
    ended_sessions: u64,
    ended_links: u64,
    signed_out: bool,
    unreadable_values: u64,
    master_key: &'a Path,
    key_from_backup: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_entries: Option<i64>,
}

impl Restore {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        if !context.config.database.is_embedded() {
            return Err(BackupError::NotEmbedded("latchkey restore").into());
        }
        let options = RestoreOptions {
            keep_sign_ins: self.keep_sign_ins,
            without_key: self.without_key,
        };
        let settings = context.settings()?;
        let stopped = stop::signal()?;
        let restored = tokio::select! {
            restored = Engine::restore(&settings, &self.file, options) => restored?,
            // What was unpacked so far goes with it.
            () = stopped => return Err(Failure::Interrupted),
        };
        let lost = self.lost(context, &restored).await;
        let said = Said {
            database: &restored.database,
            made_at: restored.made_at,
            audit_seq: restored.audit_seq,
            ended_sessions: restored.sessions,
            ended_links: restored.links,
            signed_out: !self.keep_sign_ins,
            unreadable_values: restored.unreadable,
            master_key: &restored.key_file,
            key_from_backup: restored.brought_key,
            lost_entries: lost,
        };
        let text = self.text(context, &restored, lost);
        context.output.say(text, &said)
    }

    fn text(&self, context: &Context, restored: &Restored, lost: Option<i64>) -> String {
        let mut text = format!(
            "The backup of {} UTC was restored: {}, up to entry {} of the audit log.\n\
             What changed since then is lost. These count again, so end them again where you know of them:\n  \
             devices and passkeys that were revoked, accounts that were disabled, grants that were taken away,\n  \
             service tokens that were rotated.",
            minute(restored.made_at),
            restored.database.display(),
            restored.audit_seq
        );
        match lost {
            Some(lost) if lost > 0 => {
                text += &format!(
                    "\nYour checkpoints tell of {lost} entries of the audit log after the backup."
                );
            }
            _ => {}
        }
        text += &format!(
            "\nEnded, because they may have been ended or used since: sessions ({}), enrolment links ({}).",
            restored.sessions, restored.links
        );
        text += match self.keep_sign_ins {
            false => {
                "\nEvery device is signed out, and comes back with a passkey or code. Passkeys count: remove those that should not be back."
            }
            true => {
                "\nEvery device of then is signed in. A stolen copy of an old cookie, dead since its owner's next sign-in, opens services again: only a restore without --keep-sign-ins ends it."
            }
        };
        text += &match restored.brought_key {
            true => format!(
                "\nThe master key {} came from the backup. Whoever could replace the whole file could replace the key in it too: if you keep the key elsewhere, compare them.",
                restored.key_file.display()
            ),
            false => format!(
                "\nThe master key is the one that was at {}: the backup was made with it, and not changed since.",
                restored.key_file.display()
            ),
        };
        if restored.unreadable > 0 {
            text += &format!(
                "\n{} sealed values are under keys that are not in the key file any more.",
                restored.unreadable
            );
        }
        let public_url = context.config.server.public_url.url().as_str();
        if restored.public_url != public_url {
            text += &format!(
                "\nPasskeys belong to {}, where Latchkey was; here public_url is {public_url}.",
                restored.public_url
            );
        }
        if let Some(file) = &context.config.audit.checkpoint_file {
            text += &format!(
                "\nKeep {} and move it away: no checkpoint is signed while it contradicts the audit log.",
                file.display()
            );
        }
        text
    }

    /// How many entries of the audit log the checkpoints tell of that the backup does not have, if they can be read.
    async fn lost(&self, context: &Context, restored: &Restored) -> Option<i64> {
        let text = std::fs::read_to_string(context.config.audit.checkpoint_file.as_ref()?).ok()?;
        let engine = context.engine().await.ok()?;
        let checkpoints = engine.checkpoint_keys().read(&text);
        let last = checkpoints
            .iter()
            .filter_map(|read| Some(read.checkpoint.as_ref().ok()?.seq))
            .max()?;
        Some((last - restored.audit_seq).max(0))
    }
}
