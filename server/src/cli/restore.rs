//! `latchkey restore`

use super::{Context, failure::Failure, stop, table::minute};
use crate::message::access;
use clap::Args;
use latchkey_engine::{Engine, RestoreOptions, Restored};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};
use time::OffsetDateTime;

/// Restores a backup into an empty data directory.
#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// Keep devices signed in; by default, users have to sign in again on each device
    #[arg(long)]
    keep_sign_ins: bool,
    /// Refuse a backup that contains a master key: use only the existing one
    #[arg(long)]
    without_key: bool,
}

#[derive(Serialize)]
struct RestoredBody<'a> {
    database: &'a Path,
    #[serde(with = "time::serde::rfc3339")]
    made_at: OffsetDateTime,
    audit_seq: i64,
    ended_sessions: u64,
    ended_links: u64,
    ended_recovery_codes: u64,
    signed_out: bool,
    unreadable_values: u64,
    master_key: &'a Path,
    key_from_backup: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost_entries: Option<i64>,
}

impl Restore {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let options = RestoreOptions {
            keep_sign_ins: self.keep_sign_ins,
            without_key: self.without_key,
        };
        let settings = context.settings()?;
        let stopped = stop::signal()?;
        let restored = tokio::select! {
            restored = Engine::restore(&settings, &self.file, options) => restored?,
            // What was unpacked so far is removed.
            () = stopped => return Err(Failure::Interrupted),
        };
        access::warn(&restored.data_faults);
        let lost = lost_entries(context, &restored).await;
        let body = RestoredBody {
            database: &restored.database,
            made_at: restored.made_at,
            audit_seq: restored.audit_seq,
            ended_sessions: restored.sessions,
            ended_links: restored.links,
            ended_recovery_codes: restored.recovery_codes,
            signed_out: !self.keep_sign_ins,
            unreadable_values: restored.unreadable,
            master_key: &restored.key_file,
            key_from_backup: restored.brought_key,
            lost_entries: lost,
        };
        let text = self.text(context, &restored, lost);
        context.output.print(text, &body)
    }

    fn text(&self, context: &Context, restored: &Restored, lost: Option<i64>) -> String {
        let mut text = format!(
            "The backup of {} UTC was restored: {}, up to entry {} of the audit log.\n\
             What changed since then is lost. If any of these ended after the backup, they are valid again, so end them again:\n  \
             revoked devices and passkeys, disabled users, removed grants, rotated service tokens, rotated signing keys \
             (latchkey key rotate PURPOSE --at-once).",
            minute(restored.made_at),
            restored.database.display(),
            restored.audit_seq
        );
        match lost {
            Some(lost) if lost > 0 => {
                text += &format!(
                    "\nAccording to your checkpoints, {lost} entries of the audit log after the backup are lost."
                );
            }
            _ => {}
        }
        text += &format!(
            "\nEnded, because they may have ended or been used since the backup: sessions ({}), enrolment links ({}), recovery codes ({}).",
            restored.sessions, restored.links, restored.recovery_codes
        );
        text += match self.keep_sign_ins {
            false => {
                "\nEvery device is signed out; users sign in again with a passkey or code. Passkeys are valid: remove those that should not be."
            }
            true => {
                "\nEvery device that was signed in at the time of the backup is signed in. Stolen copies of old cookies that had ended with a later sign-in are accepted again; only a restore without --keep-sign-ins prevents that."
            }
        };
        text += &match restored.brought_key {
            true => format!(
                "\nThe master key {} came from the backup. Anyone who could replace the backup could replace the key in it too: if you keep the key elsewhere, compare them.",
                restored.key_file.display()
            ),
            false => format!(
                "\nThe master key is the existing {}: the backup was made with it and was not changed since.",
                restored.key_file.display()
            ),
        };
        if restored.unreadable > 0 {
            text += &format!(
                "\n{} sealed values cannot be read, because their keys are no longer in the key file.",
                restored.unreadable
            );
        }
        let public_url = context.config.server.public_url.url().as_str();
        if restored.public_url != public_url {
            text += &format!(
                "\nPasskeys are bound to {}, the former public_url; it is now {public_url}.",
                restored.public_url
            );
        }
        if let Some(file) = &context.config.audit.checkpoint_file {
            text += &format!(
                "\nKeep {} but move it elsewhere: no checkpoint is signed while it contradicts the audit log.",
                file.display()
            );
        }
        text
    }
}

/// How many entries of the audit log are lost according to the checkpoints, if they can be read.
async fn lost_entries(context: &Context, restored: &Restored) -> Option<i64> {
    let text = std::fs::read_to_string(context.config.audit.checkpoint_file.as_ref()?).ok()?;
    let engine = context.engine().await.ok()?;
    let checkpoints = engine.checkpoint_keys().read(&text);
    let last = checkpoints
        .iter()
        .filter_map(|read| Some(read.checkpoint.as_ref().ok()?.seq))
        .max()?;
    Some((last - restored.audit_seq).max(0))
}
