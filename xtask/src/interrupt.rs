//! Ctrl-C and SIGTERM as a question, so that what was started is stopped and what was made is removed.

use std::{
    process::{Child, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use crate::process;

/// A terminal sends Ctrl-C to the child as well; it gets this long to act on its own.
const GRACE_PERIOD: Duration = Duration::from_millis(500);

/// How long a server may take to finish its requests before it is ended.
pub(crate) const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Whether somebody asked us to stop.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on Ctrl-C and SIGTERM no longer end this process; they are only noted.
    pub(crate) fn catch() -> Result<Self> {
        let raised = Arc::new(AtomicBool::new(false));
        flag::register(SIGINT, Arc::clone(&raised))?;
        flag::register(SIGTERM, Arc::clone(&raised))?;
        Ok(Self(raised))
    }

    /// Whether the signal has come.
    pub(crate) fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until the child ends, or until we are asked to stop and have stopped it.
    /// `None` says that it ended because somebody asked.
    pub(crate) fn wait(&self, child: &mut Child) -> Result<Option<ExitStatus>> {
        let mut asked_at = None;
        loop {
            let ended = child.try_wait()?;
            if self.raised() {
                let since = asked_at.get_or_insert_with(Instant::now).elapsed();
                if ended.is_some() {
                    return Ok(None);
                }
                if since > GRACE_PERIOD {
                    process::stop(child, STOP_LIMIT)?;
                    return Ok(None);
                }
            } else if ended.is_some() {
                return Ok(ended);
            }
            thread::sleep(process::POLL);
        }
    }
}
