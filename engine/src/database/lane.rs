//! Lanes: who shares database connections with whom, and who writes when.
//!
//! Anybody can ask for pages and ceremonies, as often as they like. So that they only ever wait for each
//! other:
//!
//! 1. Each [`Lane`] has connections of its own to read with, and the audit log has one that nothing else uses.
//! 2. All of this process's writes go over one connection, one after another, first come first served. (SQLite
//!    has one writer anyway; but whom its busy handler lets through is chance.)
//! 3. An anonymous writer waits for the other anonymous ones first and only then, alone, for the common
//!    permit: a revocation has at most one of them in front of it. It also leaves the permit free for as long as it
//!    had it, for other processes, which can only knock now and then (the command line beside a server).

#[cfg(test)]
mod tests;

use crate::{Engine, Error, Result, database::Pools};
use sea_orm::DatabaseConnection;
use std::time::Duration;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep_until, timeout},
};

/// Anonymous writers that wait longer are told to come again.
const POLL_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest that one anonymous write makes the next one wait beyond its own end.
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// When somebody is told to come again who could not be served now.
pub(crate) const COME_AGAIN: Duration = Duration::from_secs(2);

/// For whom work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// Proxies and services: `/verify`, `/forward-auth`.
    Verify,
    /// Browsers with a genuine device cookie, and the command line.
    #[default]
    Known,
    /// Everybody else.
    Anonymous,
}

/// Who may write next in this process.
#[derive(Default)]
pub(crate) struct WriteQueue {
    common: Mutex<()>,
    /// Until when the last anonymous writer leaves the permit to others.
    anonymous: Mutex<Option<Instant>>,
}

/// The permission to write; given back when dropped.
pub(crate) struct WritePermit<'e> {
    db: &'e DatabaseConnection,
    // Dropped in this order: the common permit is free before the next anonymous writer may ask for it.
    _common: MutexGuard<'e, ()>,
    #[expect(dead_code, reason = "held as long as the permit")]
    anonymous: Option<AnonymousPermit<'e>>,
}

struct AnonymousPermit<'e> {
    rest_until: MutexGuard<'e, Option<Instant>>,
    begun: Instant,
}

impl WritePermit<'_> {
    /// The connection to write with.
    pub(crate) const fn db(&self) -> &DatabaseConnection {
        self.db
    }
}

impl Drop for AnonymousPermit<'_> {
    fn drop(&mut self) {
        let now = Instant::now();
        *self.rest_until = Some(now + (now - self.begun).min(MAX_PAUSE));
    }
}

impl Engine {
    /// The same engine, with the connections and the permit of a lane.
    #[must_use]
    pub fn in_lane(&self, lane: Lane) -> Self {
        Self {
            lane,
            ..self.clone()
        }
    }

    /// The connections with which this lane reads.
    pub(crate) fn db(&self) -> &DatabaseConnection {
        let Pools {
            verify,
            known,
            anonymous,
            ..
        } = &self.inner.pools;
        match self.lane {
            Lane::Verify => verify,
            Lane::Known => known,
            Lane::Anonymous => anonymous,
        }
    }

    /// Waits for the write permit. Every statement that changes something holds it; a second request for it while it is
    /// held would wait for ever.
    ///
    /// # Errors
    /// [`Error::Busy`] in the anonymous lane, when too many write; internal when the database's file is
    /// gone, because what is written then goes nowhere.
    pub(crate) async fn acquire_write_permit(&self) -> Result<WritePermit<'_>> {
        let permit = match self.lane {
            Lane::Verify | Lane::Known => self.common_permit().await,
            Lane::Anonymous => timeout(POLL_TIMEOUT, self.anonymous_permit())
                .await
                .map_err(|_| Error::Busy { wait: COME_AGAIN })?,
        };
        self.check_database_file().await?;
        Ok(permit)
    }

    async fn anonymous_permit(&self) -> WritePermit<'_> {
        let rest_until = self.inner.writing.anonymous.lock().await;
        if let Some(rest_until) = *rest_until {
            sleep_until(rest_until).await;
        }
        let permit = self.common_permit().await;
        WritePermit {
            anonymous: Some(AnonymousPermit {
                rest_until,
                begun: Instant::now(),
            }),
            ..permit
        }
    }

    async fn common_permit(&self) -> WritePermit<'_> {
        WritePermit {
            _common: self.inner.writing.common.lock().await,
            db: &self.inner.pools.write,
            anonymous: None,
        }
    }
}
