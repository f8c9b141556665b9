//! Gives events their place in the chain.
//!
//! 1. A change of authority has the log's head for itself. Its entries are sealed when it commits, after all events that were
//!    written before it.
//! 2. Sign-ins and refusals do not wait for each other: their events are written beside the log, each with a tag under a key
//!    that the database does not have. A serving process seals them in batches, every [`INTERVAL`]; so does whoever reads
//!    the log, and a process before it ends.
//! 3. An event is sealed once: its entry keeps its id. One without a valid tag, or with an id that the chain has, was not
//!    written by Latchkey. It is never sealed, and `latchkey audit verify` and the dashboard tell of it.

use super::{
    chain,
    entry::{ChainEntry, EventRecord, Head, UnsealedEvent},
    store,
};
use crate::{
    Engine, Lane, Result,
    database::{Reads, Writes},
    engine::Inner,
    error,
    keys::keyring::Keyring,
};
use latchkey_domain::access::permission::{AuditRead, Authorizes, Operator};
use sea_orm::DatabaseTransaction;
use std::{
    collections::HashSet,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};

/// Between two rounds of a serving process.
pub(crate) const INTERVAL: Duration = Duration::from_secs(2);

/// Events sealed at once.
const BATCH: usize = 500;

/// Events that have no place in the chain yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Unsealed {
    /// They wait for the next round.
    pub waiting: u64,
    /// They were not written by Latchkey, or under a master key that was removed.
    pub rejected: u64,
}

/// Rows of events, with those that may be sealed.
struct Batch {
    due: Vec<(i64, UnsealedEvent)>,
    rejected: u64,
    /// The last row, if there may be more.
    more_after: Option<i64>,
}

impl Batch {
    async fn read(keys: &Keyring, db: &impl Reads, after: i64) -> Result<Self> {
        let rows = store::unsealed::after(db, after, BATCH as u64).await?;
        let more_after = rows
            .last()
            .map(|(id, _)| *id)
            .filter(|_| rows.len() == BATCH);
        let ids = rows.iter().map(|(_, event)| event.event_id).collect();
        let mut seen: HashSet<_> = store::sealed_among(db, ids).await?.into_iter().collect();
        let count = rows.len();
        let due: Vec<_> = rows
            .into_iter()
            .filter(|(_, event)| chain::is_tagged(keys, event) && seen.insert(event.event_id))
            .collect();
        Ok(Self {
            rejected: (count - due.len()) as u64,
            due,
            more_after,
        })
    }

    /// The first rows with something to seal.
    async fn first_due(keys: &Keyring, db: &impl Reads) -> Result<Self> {
        let mut batch = Self::read(keys, db, 0).await?;
        while let (true, Some(after)) = (batch.due.is_empty(), batch.more_after) {
            batch = Self::read(keys, db, after).await?;
        }
        Ok(batch)
    }
}

/// Seals a batch of waiting events, and `records` after them. Returns how many were waiting. The transaction has the head.
pub(crate) async fn seal(
    keys: &Keyring,
    tx: &DatabaseTransaction,
    head: Head,
    records: Vec<EventRecord>,
) -> Result<usize> {
    let due = match store::unsealed::exist(tx).await? {
        true => Batch::first_due(keys, tx).await?.due,
        false => Vec::new(),
    };
    let (ids, waiting): (Vec<_>, Vec<_>) = due.into_iter().unzip();
    let waiting = waiting
        .into_iter()
        .map(|event| (Some(event.event_id), event.record));
    let records = records.into_iter().map(|record| (None, record));
    let mut at = head;
    let mut entries = Vec::new();
    for (event_id, record) in waiting.chain(records) {
        let mut entry = ChainEntry {
            seq: at.seq + 1,
            record,
            event_id,
            prev_hash: at.hash,
            hash: Vec::new(),
        };
        entry.hash = chain::hash(keys, &entry);
        at = Head {
            seq: entry.seq,
            hash: entry.hash.clone(),
        };
        entries.push(entry);
    }
    if entries.is_empty() {
        return Ok(0);
    }
    store::set_head(tx, at).await?;
    store::append(tx, entries).await?;
    let sealed = ids.len();
    if sealed > 0 {
        store::unsealed::delete(tx, ids).await?;
    }
    Ok(sealed)
}

/// Writes events beside the log.
pub(crate) async fn write_unsealed(
    engine: &Engine,
    tx: &impl Writes,
    records: Vec<EventRecord>,
) -> Result<()> {
    engine.inner.has_unsealed.store(true, Ordering::Relaxed);
    let events = records.into_iter().map(|record| {
        let mut event = UnsealedEvent {
            event_id: engine.inner.settings.rng.uuid(engine.now()),
            record,
            tag: Vec::new(),
        };
        event.tag = chain::tag(&engine.inner.keys, &event);
        event
    });
    Ok(store::unsealed::insert(tx, events.collect()).await?)
}

impl Engine {
    /// Seals what waits, every [`INTERVAL`], until the engine is closed or dropped.
    pub(crate) fn spawn_sequencer(&self) {
        let inner = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            let mut rejected = 0;
            loop {
                tokio::time::sleep(INTERVAL).await;
                let Some(engine) = Weak::upgrade(&inner).map(Self::in_known_lane) else {
                    return;
                };
                if engine.is_closed() {
                    return;
                }
                engine.seal_events_to_read().await;
                let left = engine.unsealed_events(&Operator).await;
                let left = left.unwrap_or_default().rejected;
                if left > rejected {
                    tracing::error!(
                        events = left,
                        "audit events were not written by Latchkey, or their master key was removed; they are not sealed"
                    );
                }
                rejected = left;
            }
        });
    }

    const fn in_known_lane(inner: Arc<Inner>) -> Self {
        Self::of(inner, Lane::Known)
    }

    /// Seals what waits.
    ///
    /// # Errors
    /// Internal only.
    pub(crate) async fn seal_events(&self) -> Result<()> {
        self.inner.has_unsealed.store(false, Ordering::Relaxed);
        while store::unsealed::exist(&self.read()).await? {
            let permit = self.acquire_write_permit().await?;
            let tx = permit.begin().await?;
            let head = store::take_head(&tx).await?;
            let sealed = seal(&self.inner.keys, &tx, head, Vec::new()).await?;
            tx.commit().await?;
            if sealed < BATCH {
                break;
            }
        }
        Ok(())
    }

    /// Seals what waits, for whoever reads the log now. What cannot be sealed now is sealed later, so reading goes on.
    pub(crate) async fn seal_events_to_read(&self) {
        if let Err(cause) = self.seal_events().await {
            tracing::warn!(error = %error::chain(&cause), "audit events could not be sealed; they wait");
        }
    }

    /// Events that have no place in the chain yet.
    ///
    /// # Errors
    /// Internal only.
    pub async fn unsealed_events(&self, _proof: &dyn Authorizes<AuditRead>) -> Result<Unsealed> {
        self.count_unsealed_events().await
    }

    /// [`Engine::unsealed_events`], for whoever may know the number alone.
    pub(crate) async fn count_unsealed_events(&self) -> Result<Unsealed> {
        let mut found = Unsealed::default();
        let mut next = Some(0);
        while let Some(after) = next {
            let batch = Batch::read(&self.inner.keys, &self.read(), after).await?;
            found.waiting += batch.due.len() as u64;
            found.rejected += batch.rejected;
            next = batch.more_after;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
