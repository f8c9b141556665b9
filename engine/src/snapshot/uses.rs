//! When devices were last seen, gathered in memory and written in batches.

use crate::{Engine, store};
use latchkey_domain::id::DeviceId;
use sea_orm::{DbErr, TransactionTrait};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Rows written in one transaction: a sign-in that waits for its turn waits for no more than these.
const BATCH: usize = 500;

/// A use: when, in seconds since the epoch, and from where if that is known.
type Use = (i64, Option<String>);

/// Uses that are not yet written.
#[derive(Default)]
pub(crate) struct Uses(Mutex<HashMap<DeviceId, Use>>);

impl Uses {
    /// Notes that a device was seen, to be written with the next batch.
    pub(crate) fn note(&self, device: DeviceId, now: i64, ip: Option<String>) {
        let mut uses = self.lock();
        let entry = uses.entry(device).or_insert((now, None));
        entry.0 = entry.0.max(now);
        if ip.is_some() {
            entry.1 = ip;
        }
    }

    fn take(&self) -> Vec<(DeviceId, Use)> {
        std::mem::take(&mut *self.lock()).into_iter().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeviceId, Use>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// Writes the uses noted since the last time. What cannot be written is noted again.
    pub(crate) async fn write_uses(&self) {
        for batch in self.inner.snapshot.uses.take().chunks(BATCH) {
            if let Err(cause) = self.write_batch(batch).await {
                tracing::warn!(%cause, "the last uses of devices could not be written");
                for (device, (when, ip)) in batch {
                    self.inner.snapshot.uses.note(*device, *when, ip.clone());
                }
            }
        }
    }

    async fn write_batch(&self, batch: &[(DeviceId, Use)]) -> Result<(), DbErr> {
        let _turn = self.inner.writing.lock().await;
        let tx = self.inner.db.begin().await?;
        for (device, (when, ip)) in batch {
            store::device::seen(&tx, *device, *when, ip.clone()).await?;
        }
        tx.commit().await
    }
}
