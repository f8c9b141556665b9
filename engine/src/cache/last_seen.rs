//! When devices were last seen, gathered in memory and written in batches.

use super::compact_time::CompactTime;
use crate::{Engine, Result, identity};
use latchkey_domain::id::DeviceId;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::sync::Mutex as AsyncMutex;

/// Rows written in one transaction: a sign-in that waits for its turn waits for no more than these.
const BATCH: usize = 500;

/// Uses that are not yet written. There may be a million of them.
#[derive(Default)]
pub(crate) struct LastSeenBuffer {
    noted: Mutex<PendingUses>,
    /// Held while they are written: whoever stops the process waits for those under way.
    writing: AsyncMutex<()>,
}

#[derive(Default)]
struct PendingUses {
    when: HashMap<DeviceId, CompactTime>,
    /// From where, for the few of which that is known: proxies ask without it.
    from: HashMap<DeviceId, String>,
}

/// A device, when it was used, and from where if that is known.
type Use = (DeviceId, CompactTime, Option<String>);

impl LastSeenBuffer {
    /// Notes that a device was seen, to be written with the next batch.
    pub(crate) fn note(&self, device: DeviceId, now: i64, ip: Option<String>) {
        self.add((device, CompactTime::at(now), ip));
    }

    fn add(&self, (device, when, ip): Use) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.when.entry(device).or_insert(when);
        if when < *last {
            return;
        }
        *last = when;
        if let Some(ip) = ip {
            noted.from.insert(device, ip);
        }
    }

    fn take(&self) -> impl Iterator<Item = Use> {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let PendingUses { when, mut from } = std::mem::take(&mut *noted);
        when.into_iter()
            .map(move |(device, when)| (device, when, from.remove(&device)))
    }
}

impl Engine {
    /// Writes the uses noted since the last time. What cannot be written is noted again.
    pub(crate) async fn write_uses(&self) {
        let uses = &self.inner.snapshot.uses;
        let _writing = uses.writing.lock().await;
        let mut left = uses.take();
        loop {
            let batch: Vec<_> = left.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return;
            }
            if let Err(cause) = self.write_batch(&batch).await {
                tracing::warn!(%cause, "the last uses of devices could not be written");
                batch
                    .into_iter()
                    .chain(left)
                    .for_each(|used| uses.add(used));
                return;
            }
        }
    }

    async fn write_batch(&self, batch: &[Use]) -> Result<()> {
        let permit = self.acquire_write_permit().await?;
        let tx = permit.begin().await?;
        for (device, when, ip) in batch {
            identity::store::device::save_last_seen(&tx, *device, when.seconds(), ip.clone())
                .await?;
        }
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{VerifyDecision, test_engine::TestEngine};
    use std::{
        pin::pin,
        task::{Context, Waker},
    };
    use uuid::Uuid;

    #[test]
    fn the_latest_use_counts_in_any_order() {
        let (uses, device) = (
            LastSeenBuffer::default(),
            DeviceId::from_uuid(Uuid::from_u128(1)),
        );
        let (early, late) = (1_800_000_000, 1_800_000_010);
        uses.note(device, early, Some("192.0.2.1".to_owned()));
        let unwritten: Vec<_> = uses.take().collect();
        uses.note(device, late, Some("192.0.2.2".to_owned()));
        unwritten.into_iter().for_each(|used| uses.add(used));
        let noted: Vec<_> = uses.take().collect();
        assert!(
            matches!(&noted[..], [(_, when, Some(ip))] if when.seconds() == late && ip == "192.0.2.2")
        );
    }

    #[tokio::test]
    async fn closing_waits_for_pending_last_seen_writes() {
        let test = TestEngine::new().await;
        let [cookie] = test.users(["guest@example.com"]).await;
        test.clock.advance(time::Duration::minutes(1));
        assert!(matches!(
            test.ask(&cookie).await,
            VerifyDecision::Granted(_)
        ));

        let mut context = Context::from_waker(Waker::noop());
        let permit = test.engine.acquire_write_permit().await.unwrap();
        let mut housekeeping = pin!(test.engine.write_uses());
        assert!(housekeeping.as_mut().poll(&mut context).is_pending());
        let mut stop = pin!(test.engine.flush());
        assert!(stop.as_mut().poll(&mut context).is_pending());
        drop(permit);
        tokio::join!(housekeeping, stop);
    }
}
