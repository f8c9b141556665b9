//! What a serving process does besides answering: it polls invalidations, which tell what other processes changed, and
//! runs maintenance.
//!
//! 1. Every [`POLL`] new invalidations are read, and what they name is dropped from memory.
//! 2. As long as that was done lately, verify answers from memory. Otherwise (the process was stopped, the database is
//!    locked or deleted) verify reads invalidations itself, briefly, or denies.
//! 3. A process that was away for longer than invalidations are kept drops everything.
//! 4. Every [`MAINTENANCE`] uses are written, memory is trimmed, what has ended is forgotten, and what was committed is moved
//!    into the database's file.

use super::store::{self, News};
use crate::{
    Engine, Error, Lane, Result, database::Reader, engine::Inner, error::chain, identity,
    notification, risk, tokens,
};
use latchkey_domain::{
    mail::KEPT_AFTER_FAILURE, notification::LIFETIME, tokens::device_authorization,
};
use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

/// Between two polls.
const POLL: Duration = Duration::from_millis(250);

/// A poll that takes longer is given up: what it says may be too old.
const POLL_TIMEOUT: Duration = Duration::from_secs(1);

/// Between two rounds of maintenance.
const MAINTENANCE: Duration = Duration::from_secs(10);

/// Polls that fail one after another before it is an error: a machine that stood still for a second recovers by itself.
const MAX_FAILED_POLLS: u32 = 4;

/// Invalidations read at once.
const BATCH: u64 = 500;

/// Between two rounds of reminders of what ends in days.
const REMINDERS: Duration = Duration::from_secs(600);

/// How long invalidations are kept.
const KEPT: time::Duration = time::Duration::HOUR;

/// How long an enrolment link stays after its end: a clock that is set back must not make it look as if it never was.
const LINK_GRACE: time::Duration = time::Duration::DAY;

impl Engine {
    /// Starts polling invalidations, so that changes by other processes are seen within a second,
    /// and maintenance. Call once in a process that answers `verify`. Ends when the engine is
    /// dropped.
    pub fn spawn_change_feed(&self) {
        tracing::debug!(id = self.inner.snapshot.seen(), "read invalidations");
        let (follower, keeper) = (Arc::downgrade(&self.inner), Arc::downgrade(&self.inner));
        let reminder = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            let mut polls = ticker(POLL);
            let mut misses = 0;
            loop {
                polls.tick().await;
                let Some(engine) = Weak::upgrade(&follower).map(Self::in_verify_lane) else {
                    return;
                };
                if engine.is_closed() {
                    return;
                }
                // Freshness counts from when the read began.
                let asked = Instant::now();
                let mark_fresh = engine
                    .poll(asked)
                    .await
                    .map(|()| engine.inner.snapshot.mark_fresh(asked));
                tracing::trace!("polled invalidations");
                if engine.is_closed() {
                    return;
                }
                match (&mark_fresh, misses) {
                    (Ok(()), 1..) => {
                        tracing::info!("invalidations can be read again; verify answers")
                    }
                    (Err(cause), 0) => {
                        tracing::warn!(error = %chain(cause), "invalidations cannot be read; verify denies every request until they can");
                    }
                    (Err(cause), MAX_FAILED_POLLS) => {
                        tracing::error!(error = %chain(cause), "invalidations still cannot be read; verify denies every request until they can");
                    }
                    _ => {}
                }
                misses = mark_fresh.map_or(misses.saturating_add(1), |()| 0);
            }
        });
        self.spawn_sequencer();
        tokio::spawn(async move {
            let mut rounds = ticker(REMINDERS);
            loop {
                rounds.tick().await;
                // Not in the lane of verify: it may read many rows.
                let Some(engine) =
                    Weak::upgrade(&reminder).map(|inner| Self::of(inner, Lane::Known))
                else {
                    return;
                };
                if engine.is_closed() {
                    return;
                }
                if let Err(cause) = engine.remind_of_ends().await {
                    tracing::warn!(error = %chain(&cause), "users could not be reminded of what ends");
                }
            }
        });
        tokio::spawn(async move {
            let mut rounds = ticker(MAINTENANCE);
            rounds.tick().await;
            // Before the first sign-in, which would read them otherwise.
            if let Some(engine) = Weak::upgrade(&keeper).map(Self::in_verify_lane) {
                engine.reload_risk_files().await;
            }
            loop {
                rounds.tick().await;
                let Some(engine) = Weak::upgrade(&keeper).map(Self::in_verify_lane) else {
                    return;
                };
                if engine.is_closed() {
                    return;
                }
                engine.run_maintenance().await;
            }
        });
    }

    /// Whether what is in memory is up to date. When nobody polls invalidations, or they could not be read lately, they are
    /// read now; without an answer nothing is certain.
    pub(crate) async fn is_cache_fresh(&self) -> bool {
        self.inner.snapshot.is_fresh() || Box::pin(self.poll(Instant::now())).await.is_ok()
    }

    /// Reads invalidations, unless that takes too long, or somebody read them since `asked`: of thousands of requests that
    /// find memory out of date at once, one reads and all are answered.
    async fn poll(&self, asked: Instant) -> Result<()> {
        let poll = async {
            let mut polled = self.inner.polled.lock().await;
            if polled.is_some_and(|began| began >= asked) {
                return Ok(());
            }
            let began = Instant::now();
            self.apply_pending().await?;
            *polled = Some(began);
            Ok(())
        };
        timeout(POLL_TIMEOUT, poll)
            .await
            .unwrap_or_else(|late| Err(Error::internal(late)))
    }

    const fn in_verify_lane(inner: Arc<Inner>) -> Self {
        Self::of(inner, Lane::Verify)
    }

    /// Reads what was written since the last time and drops it from memory.
    async fn apply_pending(&self) -> Result<()> {
        let snapshot = &self.inner.snapshot;
        self.check_database_file().await?;
        let db = Reader::from(&self.inner.pools.log);
        loop {
            let seen = snapshot.seen();
            match store::after(&db, seen, BATCH).await? {
                News::Keys(_, last) if last == seen => return Ok(()),
                News::Keys(keys, last) => {
                    match keys.into_iter().collect::<Option<Vec<_>>>() {
                        Some(keys) => snapshot.forget(keys),
                        // A newer version beside this one dropped something that this one does not know.
                        None => snapshot.forget_all(),
                    }
                    snapshot.set_seen(last);
                    tracing::debug!(id = last, "read invalidations");
                }
                News::Missed => {
                    // Read before everything is dropped: what comes after it is read next.
                    let newest = store::newest(&db).await?;
                    snapshot.forget_all();
                    snapshot.set_seen(newest);
                    return Ok(());
                }
            }
        }
    }

    /// Whether the embedded database is still where it was.
    ///
    /// # Errors
    /// Internal only.
    pub(crate) async fn check_database_file(&self) -> Result<()> {
        match &self.inner.database_file {
            Some(file) => file.check().await.map_err(Error::internal),
            None => Ok(()),
        }
    }

    /// Does at once what a serving process does every ten seconds; for tests.
    #[doc(hidden)]
    pub async fn tidy(&self) {
        self.run_maintenance().await;
    }

    async fn run_maintenance(&self) {
        self.write_uses().await;
        self.write_refusals(false).await;
        self.maintain_keys().await;
        self.reload_risk_files().await;
        let forgotten = async {
            let permit = self.acquire_write_permit().await?;
            self.delete_expired(permit.db()).await?;
            let now = self.now();
            identity::store::enrolment::forget_expired(&permit, now - LINK_GRACE).await?;
            risk::store::network_rule::delete_expired(&permit, now).await?;
            tokens::store::family::delete_expired(&permit, now).await?;
            tokens::store::revoked_token::delete_expired(&permit, now).await?;
            notification::store::notification::delete_older(&permit, now - LIFETIME).await?;
            notification::store::mail::delete_expired(&permit, now, now - KEPT_AFTER_FAILURE)
                .await?;
            // For as long again, a program is told that its code expired.
            let before = now - device_authorization::LIFETIME;
            tokens::store::device_authorization::delete_expired(&permit, before).await?;
            // Denials are a signal of risk for a day.
            identity::store::approval::delete_expired(
                &permit,
                now - risk::assessment::RECENT_DENIALS,
            )
            .await?;
            identity::store::recovery_mail::delete_expired(&permit, now).await?;
            notification::store::reminder::delete_expired(&permit, now).await?;
            store::prune(&permit, now - KEPT).await
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

#[cfg(test)]
mod tests;
