//! A walk along the chain of the audit log, which checks every entry.

use super::{
    chain::{self, Link},
    entry::{ChainEntry, Head},
    store,
    tombstone::{Beginning, Tombstone},
};
use crate::{Engine, Result, database::at};
use latchkey_domain::access::permission::{AuditRead, Authorizes};
use serde::Serialize;
use time::OffsetDateTime;

/// Entries read at once.
const BATCH: u64 = 500;

/// What a check of the audit chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainReport {
    /// Every entry follows from the one before.
    Intact {
        /// How many were checked.
        entries: u64,
        /// Those that were removed, which nobody can check any more.
        pruned: Option<PrunedEntries>,
    },
    /// The first entry that does not.
    Broken {
        /// Its place.
        seq: i64,
    },
}

/// Entries that were removed, as far as their tombstone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PrunedEntries {
    /// How many.
    pub entries: u64,
    /// The time of the last one.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
}

impl From<&Tombstone> for PrunedEntries {
    fn from(tombstone: &Tombstone) -> Self {
        Self {
            // The places of entries are consecutive.
            entries: u64::try_from(tombstone.seq).unwrap_or_default(),
            until: at(tombstone.until),
        }
    }
}

/// A way along the log, from one place in it to the head as it was at the start.
pub(crate) struct Walk<'e> {
    engine: &'e Engine,
    head: Head,
    at: Link,
    checked: u64,
    pruned: Option<PrunedEntries>,
    broken_at: Option<i64>,
    passes_retired: bool,
    /// A tombstone at the beginning, until the entry that announced it comes.
    unannounced: Option<Box<Tombstone>>,
}

impl Walk<'_> {
    /// From now on entries under keys that were taken away pass, if they are where they belong. Only for what a key vouches for
    /// in another way: whoever has no key can write such entries.
    pub(crate) const fn pass_retired(mut self) -> Self {
        self.passes_retired = true;
        self
    }

    /// The next entries with their places; none at the end. Goes on after an entry that does not fit, since a copy
    /// of a broken log is evidence.
    pub(crate) async fn next(&mut self) -> Result<Vec<(ChainEntry, Link)>> {
        if self.at.seq >= self.head.seq {
            return Ok(Vec::new());
        }
        let rows = store::after(&self.engine.read(), self.at.seq, BATCH).await?;
        // What comes next may have been removed meanwhile.
        if rows.first().is_some_and(|row| row.seq > self.at.seq + 1)
            && let Beginning::After(tombstone, link, _) = self.engine.beginning().await?
            && link.seq > self.at.seq
        {
            self.at = link;
            self.pruned = Some((&*tombstone).into());
            self.unannounced = Some(tombstone);
            return Box::pin(self.next()).await;
        }
        let mut steps = Vec::with_capacity(rows.len());
        for row in rows.into_iter().take_while(|row| row.seq <= self.head.seq) {
            let keys = &self.engine.inner.keys;
            let is_retired = self.passes_retired && !keys.knows_entry(&row.hash);
            let follows = self.at.leads_to(&row) && (is_retired || chain::is_ours(keys, &row));
            if !follows {
                self.broken_at.get_or_insert(self.at.seq + 1);
            }
            if follows && (self.unannounced.as_ref()).is_some_and(|it| it.is_announced_by(&row)) {
                self.unannounced = None;
            }
            self.at = self.at.next(&row);
            self.checked += 1;
            steps.push((row, self.at.clone()));
        }
        Ok(steps)
    }

    /// Where it has come to.
    pub(crate) const fn at(&self) -> &Link {
        &self.at
    }

    /// How many entries were checked so far.
    pub(crate) const fn checked(&self) -> u64 {
        self.checked
    }

    /// Whether an entry did not fit so far.
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken_at.is_some()
    }

    /// What was found, once there are no more entries.
    pub(crate) fn report(&self) -> ChainReport {
        // A log that was cut off at its end has a head that its last entry does not match.
        let at_end = match self.at.seq {
            seq if seq < self.head.seq => Some(seq + 1),
            seq if self.head.hash != self.at.hash => Some(seq),
            _ => self.unannounced.as_ref().map(|tombstone| tombstone.seq),
        };
        match self.broken_at.or(at_end) {
            Some(seq) => ChainReport::Broken { seq },
            None => ChainReport::Intact {
                entries: self.checked,
                pruned: self.pruned,
            },
        }
    }
}

impl Engine {
    /// Sets out along the log. A database whose file was taken away or replaced has nothing to say: what is
    /// still open of it is not what the next process finds.
    pub(crate) async fn walk(&self, from: Link) -> Result<Walk<'_>> {
        self.check_database_file().await?;
        Ok(Walk {
            engine: self,
            head: store::head(&self.read()).await?,
            at: from,
            checked: 0,
            pruned: None,
            broken_at: None,
            passes_retired: false,
            unannounced: None,
        })
    }

    /// Sets out at the beginning of the log: with its first entry, or after those that a tombstone stands for.
    pub(crate) async fn walk_all(&self) -> Result<Walk<'_>> {
        let walk = self.walk(Link::START).await?;
        Ok(match self.beginning().await? {
            Beginning::Whole => walk,
            Beginning::After(tombstone, link, _) => Walk {
                at: link,
                pruned: Some((&*tombstone).into()),
                unannounced: Some(tombstone),
                ..walk
            },
            Beginning::Forged => Walk {
                broken_at: Some(1),
                ..walk
            },
        })
    }

    /// Recomputes the hash chain from its beginning to the head. An end that was cut off together with the head
    /// does not show here: [`Engine::verify_audit_log`] takes checkpoints.
    ///
    /// # Errors
    /// Internal only.
    pub async fn verify_audit_chain(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
    ) -> Result<ChainReport> {
        self.seal_events_to_read().await;
        let mut walk = self.walk_all().await?;
        while !walk.is_broken() && !walk.next().await?.is_empty() {}
        Ok(walk.report())
    }
}
