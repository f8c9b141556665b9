//! What a serving process does besides answering: it follows the audit log, which tells what other
//! processes changed, and keeps house.
//!
//! 1. Every [`POLL`] the log is read, and what its new entries touch leaves the snapshot.
//! 2. As long as that was done lately, verify answers from memory. Otherwise (the process was
//!    stopped, the database is locked or gone) verify reads the log itself, briefly, or refuses.
//! 3. Every [`MAINTENANCE`] uses are written, memory is trimmed, what has ended is forgotten, and what was committed is moved
//!    into the database's file.

use crate::{Engine, Error, Lane, Result, audit, engine::Inner, error::chain};
use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

/// Between two looks at the audit log.
const POLL: Duration = Duration::from_millis(250);

/// A look that takes longer is given up: what it says may be too old.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);

/// Between two rounds of housekeeping.
const MAINTENANCE: Duration = Duration::from_secs(10);

/// Looks that fail one after another before it is an error: a machine that stood still for a second goes on by itself.
const MAX_FAILED_POLLS: u32 = 4;

/// Entries read at once.
const BATCH: u64 = 500;

impl Engine {
    /// Starts following the audit log, so that changes by other processes are seen within a second,
    /// and keeping house. Call once in a process that answers `verify`. Ends when the engine is
    /// dropped.
    pub fn spawn_change_feed(&self) {
        tracing::debug!(seq = self.inner.snapshot.seen_seq(), "read the audit log");
        let (follower, keeper) = (Arc::downgrade(&self.inner), Arc::downgrade(&self.inner));
        tokio::spawn(async move {
            let mut polls = ticker(POLL);
            let mut misses = 0;
            loop {
                polls.tick().await;
                let Some(engine) = Weak::upgrade(&follower).map(Self::of_the_log) else {
                    return;
                };
                if engine.is_closed() {
                    return;
                }
                // What is written while we read may be missed: the news is as old as the question.
                let asked = Instant::now();
                let mark_fresh = engine
                    .poll(asked)
                    .await
                    .map(|()| engine.inner.snapshot.mark_fresh(asked));
                if engine.is_closed() {
                    return;
                }
                match (&mark_fresh, misses) {
                    (Ok(()), 1..) => {
                        tracing::info!("the audit log can be read again; verify answers")
                    }
                    (Err(cause), 0) => {
                        tracing::warn!(error = %chain(cause), "the audit log cannot be read; verify refuses until it can");
                    }
                    (Err(cause), MAX_FAILED_POLLS) => {
                        tracing::error!(error = %chain(cause), "the audit log still cannot be read; verify refuses until it can");
                    }
                    _ => {}
                }
                misses = mark_fresh.map_or(misses.saturating_add(1), |()| 0);
            }
        });
        tokio::spawn(async move {
            let mut rounds = ticker(MAINTENANCE);
            rounds.tick().await;
            loop {
                rounds.tick().await;
                let Some(engine) = Weak::upgrade(&keeper).map(Self::of_the_log) else {
                    return;
                };
                if engine.is_closed() {
                    return;
                }
                engine.keep_house().await;
            }
        });
    }

    /// Whether what is in memory is what the audit log says. When nobody follows the log, or it could
    /// not be read lately, it is read now; without an answer nothing is certain.
    pub(crate) async fn is_cache_fresh(&self) -> bool {
        self.inner.snapshot.is_fresh() || Box::pin(self.poll(Instant::now())).await.is_ok()
    }

    /// Reads the log, unless that takes too long, or somebody read it since `asked`: of thousands of
    /// questions that find it old at once, one reads and all are answered.
    async fn poll(&self, asked: Instant) -> Result<()> {
        let poll = async {
            let mut looked = self.inner.looked.lock().await;
            if looked.is_some_and(|began| began >= asked) {
                return Ok(());
            }
            let began = Instant::now();
            self.catch_up().await?;
            *looked = Some(began);
            Ok(())
        };
        timeout(POLL_TIMEOUT, poll)
            .await
            .unwrap_or_else(|late| Err(Error::internal(late)))
    }

    const fn of_the_log(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            lane: Lane::Verify,
        }
    }

    /// Reads what was written since the last time and drops it from the snapshot.
    async fn catch_up(&self) -> Result<()> {
        let snapshot = &self.inner.snapshot;
        self.check_database_file().await?;
        loop {
            let batch =
                audit::store::after(&self.inner.pools.log, snapshot.seen_seq(), BATCH).await?;
            let Some(last) = batch.last() else {
                return Ok(());
            };
            let end = last.seq;
            for row in &batch {
                snapshot.forget(row);
            }
            snapshot.set_seen_seq(end);
            tracing::debug!(seq = end, "read the audit log");
        }
    }

    /// Whether the embedded database is still where it was.
    ///
    /// # Errors
    /// Internal, in words for the operator.
    pub(crate) async fn check_database_file(&self) -> Result<()> {
        match &self.inner.database_file {
            Some(file) => file.check().await.map_err(Error::internal),
            None => Ok(()),
        }
    }

    /// Does at once what a serving process does every ten seconds; for tests.
    #[doc(hidden)]
    pub async fn tidy(&self) {
        self.keep_house().await;
    }

    async fn keep_house(&self) {
        self.write_uses().await;
        self.write_refusals(false).await;
        self.maintain_keys().await;
        let forgotten = async {
            let turn = self.write_turn().await?;
            self.delete_expired(turn.db()).await
        };
        if let Err(cause) = forgotten.await {
            tracing::warn!(error = %chain(&cause), "what has ended could not be forgotten");
        }
        if let Err(cause) = self.checkpoint_database().await {
            tracing::warn!(error = %chain(&cause), "the database's write-ahead log could not be emptied");
        }
        let engine = self.clone();
        // Looks at all that is in memory: not on a thread that answers.
        let trimmed = tokio::task::spawn_blocking(move || engine.inner.snapshot.trim());
        if let Err(cause) = trimmed.await {
            tracing::error!(%cause, "memory could not be trimmed");
        }
    }
}

/// Ticks that do not come in a heap after a pause.
fn ticker(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
