//! Checkpoints of the audit log, written where writers of the database cannot change them: an append-only file and
//! the system's log.
//!
//! 1. The audit log is compared with the checkpoints in the file. While they contradict each other, nothing is
//!    signed or removed.
//! 2. Entries that were kept for `audit.retention` are removed.
//! 3. Then, and every `audit.checkpoint_interval`, new entries are verified and a checkpoint is signed, if there are any.

use crate::{config::audit::Audit, message};
use latchkey_domain::{access::permission::Operator, audit::checkpoint::Checkpoint};
use latchkey_engine::{Checkpointed, Engine, Pruned};
use std::{
    error::Error,
    fs::OpenOptions,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};
use tokio::time::{MissedTickBehavior, interval};

/// Where no checkpoints are made, how often old entries are removed.
const PRUNE_INTERVAL: std::time::Duration = std::time::Duration::from_secs(86_400);

/// Appends a line to a file, which is created with mode 0600. Does not follow symbolic links, so that one planted in
/// the directory cannot redirect the write.
///
/// # Errors
/// Those of the system, and if it is not a regular file.
pub(crate) fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // Opening a pipe without a reader would block.
        options
            .mode(0o600)
            .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let mut file = options.open(path).map_err(explain)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = format!("{line}\n");
    if metadata.len() > 0 {
        // Start a new line after one that a full disk truncated.
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            text.insert(0, '\n');
        }
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn explain(cause: io::Error) -> io::Error {
    use rustix::io::Errno;
    match Errno::from_io_error(&cause) {
        Some(Errno::LOOP) => io::Error::other("it is a symbolic link; name the file itself"),
        _ => cause,
    }
}

#[cfg(not(unix))]
fn explain(cause: io::Error) -> io::Error {
    cause
}

/// Makes checkpoints until it is aborted.
pub(crate) async fn run(engine: Engine, audit: Audit) {
    let period = match (audit.checkpoint_interval, audit.retention) {
        (Some(period), _) => period,
        (None, Some(_)) => PRUNE_INTERVAL,
        (None, None) => return,
    };
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = LastCheckpoint::Unread(audit.checkpoint_file.clone());
    loop {
        ticks.tick().await;
        // Before anything is removed that would show how they contradict each other.
        if let Err(cause) = last.read(&engine).await {
            tracing::error!(target: "audit", error = %cause, "no checkpoint of the audit log was made, and nothing was removed; run latchkey audit verify");
            continue;
        }
        if let Some(kept) = audit.retention {
            prune(&engine, kept).await;
        }
        if audit.checkpoint_interval.is_none() {
            continue;
        }
        if let Err(cause) = make(&engine, audit.checkpoint_file.as_deref(), &mut last).await {
            tracing::error!(target: "audit", error = %cause, "no checkpoint of the audit log was made; run latchkey audit verify");
        }
    }
}

/// Removes entries that were kept for long enough.
async fn prune(engine: &Engine, kept: time::Duration) {
    let before = engine.now() - kept;
    // By whole days: removing writes an entry itself.
    let before = before.replace_time(time::Time::MIDNIGHT);
    match engine.prune_events_as_configured(&Operator, before).await {
        Ok(Pruned::Nothing) => {}
        Ok(Pruned::Removed { entries, last }) => {
            tracing::info!(target: "audit", entries, last, "old entries of the audit log were removed");
        }
        Ok(Pruned::Broken { seq }) => {
            tracing::error!(target: "audit", seq, "no entries of the audit log were removed: its chain is broken; run latchkey audit verify");
        }
        Err(cause) => {
            tracing::error!(target: "audit", error = %cause, "old entries of the audit log could not be removed; it is tried again");
        }
    }
}

/// The last checkpoint that this process knows.
enum LastCheckpoint {
    /// The file was not read yet.
    Unread(Option<PathBuf>),
    Read(Option<Checkpoint>),
}

impl LastCheckpoint {
    /// Reads the file once, and compares the log with it.
    async fn read(&mut self, engine: &Engine) -> Result<(), Box<dyn Error + Send + Sync>> {
        if let Self::Unread(path) = self {
            let newest = match path {
                Some(path) => newest(engine, path).await?,
                None => None,
            };
            *self = Self::Read(newest);
        }
        Ok(())
    }
}

async fn make(
    engine: &Engine,
    file: Option<&Path>,
    last: &mut LastCheckpoint,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let LastCheckpoint::Read(last) = last else {
        return Ok(());
    };
    let made = match engine.checkpoint(&Operator, last.as_ref()).await? {
        Checkpointed::Made(made) => made,
        Checkpointed::Unmoved => return Ok(()),
        Checkpointed::Broken { seq } => {
            return Err(format!("the chain is broken at entry {seq}").into());
        }
        Checkpointed::Unfit(problem) => {
            return Err(format!(
                "the last checkpoint {}",
                message::audit::checkpoint(problem)
            )
            .into());
        }
    };
    tracing::info!(target: "audit", seq = made.checkpoint.seq, checkpoint = %made.text, "a checkpoint of the audit log");
    if let Some(file) = file {
        let (path, text) = (file.to_owned(), made.text);
        let appended = tokio::task::spawn_blocking(move || append(&path, &text)).await?;
        appended.map_err(|cause| format!("cannot append to {}: {cause}", file.display()))?;
    }
    *last = Some(made.checkpoint);
    Ok(())
}

/// The newest checkpoint in the file, if all of them match the log.
async fn newest(
    engine: &Engine,
    path: &Path,
) -> Result<Option<Checkpoint>, Box<dyn Error + Send + Sync>> {
    let shown = path.display();
    let text = match tokio::fs::read_to_string(path).await {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|cause| format!("cannot read {shown}: {cause}"))?,
    };
    let checkpoints = engine.checkpoint_keys().read(&text);
    let (_, found) = engine.verify_audit_log(&Operator, &checkpoints).await?;
    if let Some(fault) = found.faults.first() {
        let problem = message::audit::checkpoint(fault.problem);
        return Err(format!("{shown}, line {}: it {problem}", fault.line).into());
    }
    let checkpoints = checkpoints
        .into_iter()
        .filter_map(|read| read.checkpoint.ok());
    Ok(checkpoints.max_by_key(|checkpoint| checkpoint.seq))
}
