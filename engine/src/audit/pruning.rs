//! Removing old entries of the log.
//!
//! 1. The whole chain is checked: nothing is signed of one that does not hold.
//! 2. The first transaction writes an entry that says what is going to be removed. Each one replaces the tombstone and removes
//!    entries, so that a process that is killed leaves a chain that holds, with fewer entries removed; the next one goes on.

use super::{
    chain::Link,
    store::{self, tombstone},
    tombstone::Beginning,
};
use crate::{
    ChainReport, Engine, Error, RequestOrigin, Result,
    database::{Writes, lane::COME_AGAIN},
    unit_of_work::{Actor, Authority},
};
use latchkey_domain::{access::permission::Operator, event::AuditPruned};
use time::OffsetDateTime;

/// Entries that one transaction removes: others wait for it.
const STEP: usize = 2_000;

/// What came of removing old entries.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pruned {
    /// There are none as old as that.
    Nothing,
    /// These were removed.
    Removed {
        /// How many.
        entries: u64,
        /// The last one.
        last: i64,
    },
    /// The chain does not hold at this entry, so nothing more was removed.
    Broken {
        /// Its place.
        seq: i64,
    },
}

impl Engine {
    /// Removes the entries from before a time. One that is from before it and comes after one that is not stays.
    ///
    /// # Errors
    /// Internal only.
    pub async fn prune_events(
        &self,
        operator: &Operator,
        before: OffsetDateTime,
    ) -> Result<Pruned> {
        self.prune(operator.into(), before).await
    }

    /// The same as the setting says.
    ///
    /// # Errors
    /// Internal only.
    pub async fn prune_events_as_configured(
        &self,
        _operator: &Operator,
        before: OffsetDateTime,
    ) -> Result<Pruned> {
        self.prune(Actor::System.into(), before).await
    }

    async fn prune(&self, authority: Authority, before: OffsetDateTime) -> Result<Pruned> {
        self.seal_events_to_read().await;
        let last = tombstone::last_before(&self.read(), before.unix_timestamp()).await?;
        let (first, mut since, mut former) = match self.beginning().await? {
            Beginning::Whole => (0, None, None),
            Beginning::After(tombstone, _, text) => {
                (tombstone.seq, Some(tombstone.since), Some(text))
            }
            Beginning::Forged => return Ok(Pruned::Broken { seq: 1 }),
        };
        let Some(last) = last.filter(|last| *last > first) else {
            return Ok(Pruned::Nothing);
        };
        let mut whole = self.walk_all().await?;
        while !whole.is_broken() && !whole.next().await?.is_empty() {}
        if let ChainReport::Broken { seq } = whole.report() {
            return Ok(Pruned::Broken { seq });
        }
        let mut walk = self.walk_all().await?;
        let mut is_announced = false;
        let mut removed = 0;
        let (mut count, mut until): (usize, i64) = (0, 0);
        let mut at: Option<Link> = None;
        loop {
            let steps = walk.next().await?;
            if walk.is_broken() {
                break;
            }
            let is_end = steps.is_empty() || steps.last().is_some_and(|(_, link)| link.seq >= last);
            for (entry, link) in steps.into_iter().take_while(|(_, link)| link.seq <= last) {
                since.get_or_insert(entry.record.time);
                until = entry.record.time;
                count += 1;
                at = Some(link);
            }
            if count < STEP && !is_end {
                continue;
            }
            if let Some(link) = at.take() {
                let since = since.unwrap_or(until);
                let signed = self.sign_tombstone(&link, since, until).await?;
                if is_announced {
                    let permit = self.acquire_write_permit().await?;
                    let tx = permit.begin().await?;
                    store::take_head(&tx).await?;
                    removed += remove(&tx, former.as_deref(), &signed, link.seq).await?;
                    tx.commit().await?;
                } else {
                    let mut tx = (self.begin(authority.clone(), &RequestOrigin::default())).await?;
                    tx.apply(AuditPruned { before, last }).await?;
                    removed += remove(&tx, former.as_deref(), &signed, link.seq).await?;
                    tx.commit().await?;
                    is_announced = true;
                }
                count = 0;
                former = Some(signed);
            }
            if is_end {
                return Ok(Pruned::Removed {
                    entries: removed,
                    last,
                });
            }
        }
        match walk.report() {
            ChainReport::Broken { seq } => Ok(Pruned::Broken { seq }),
            ChainReport::Intact { .. } => Ok(Pruned::Nothing),
        }
    }
}

/// Refuses if another process removes entries too: its tombstone may be of more of them.
async fn remove(tx: &impl Writes, former: Option<&str>, signed: &str, last: i64) -> Result<u64> {
    if tombstone::find(tx).await?.as_deref() != former {
        return Err(Error::Busy { wait: COME_AGAIN });
    }
    tombstone::put(tx, signed).await?;
    Ok(tombstone::remove_up_to(tx, last).await?)
}
