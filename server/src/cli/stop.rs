//! Being asked to stop.

use super::failure::Failure;

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
