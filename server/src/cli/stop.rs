//! Signals that stop the process, and the time that stopping may take.

use super::failure::Failure;
use crate::web::listen::SHUTDOWN_GRACE;
use std::time::Duration;

/// From the signal to the end of the process: half of the ten seconds after which container runtimes kill it.
const STOP_TIME: Duration = Duration::from_secs(5);

/// The rest of it, for closing the database. If the disk takes longer, nothing is lost: the next start reads the
/// write-ahead log.
pub(super) const CLOSE_TIME: Duration = STOP_TIME.saturating_sub(SHUTDOWN_GRACE);

// A slow client must not use up what the database needs.
const _: () = assert!(CLOSE_TIME.as_secs() >= 2);

/// Catches SIGINT and SIGTERM from now on; the future completes with the first.
#[cfg(unix)]
pub(super) fn signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Failure::Runtime)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(Failure::Runtime)?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Catches Ctrl-C from now on; the future completes with it.
#[cfg(windows)]
pub(super) fn signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupted = tokio::signal::windows::ctrl_c().map_err(Failure::Runtime)?;
    Ok(async move {
        interrupted.recv().await;
    })
}
