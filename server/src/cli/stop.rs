//! Being asked to stop, and stopping.

use super::failure::Failure;
use crate::web::listen::SHUTDOWN_GRACE;
use std::time::Duration;

/// From being asked to stop to the end of the process: half of the ten seconds after which container runtimes kill.
const STOP_TIME: Duration = Duration::from_secs(5);

/// What is left of it for the database. When the disk takes longer, nothing is lost: the next start reads the
/// write-ahead log.
pub(super) const CLOSE_TIME: Duration = STOP_TIME.saturating_sub(SHUTDOWN_GRACE);

// A slow client must not use up what the database needs.
const _: () = assert!(CLOSE_TIME.as_secs() >= 2);

/// From now on catches Ctrl-C and, from a service manager, SIGTERM; the future waits for one.
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

/// From now on catches Ctrl-C; the future waits for it.
#[cfg(windows)]
pub(super) fn signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupted = tokio::signal::windows::ctrl_c().map_err(Failure::Runtime)?;
    Ok(async move {
        interrupted.recv().await;
    })
}
