//! When devices were last seen, gathered in memory and written in batches.

use super::moment::Moment;
use crate::{Engine, store};
use latchkey_domain::id::DeviceId;
use sea_orm::{DbErr, TransactionTrait};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Rows written in one transaction: a sign-in that waits for its turn waits for no more than these.
const BATCH: usize = 500;

/// Uses that are not yet written. There may be a million of them.
#[derive(Default)]
pub(crate) struct Uses(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    when: HashMap<DeviceId, Moment>,
    /// From where, for the few of which that is known: proxies ask without it.
    from: HashMap<DeviceId, String>,
}

/// A device, when it was used, and from where if that is known.
type Use = (DeviceId, Moment, Option<String>);

impl Uses {
    /// Notes that a device was seen, to be written with the next batch.
    pub(crate) fn note(&self, device: DeviceId, now: i64, ip: Option<String>) {
        self.add((device, Moment::at(now), ip));
    }

    fn add(&self, (device, when, ip): Use) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = noted.when.entry(device).or_insert(when);
        *last = when.max(*last);
        if let Some(ip) = ip {
            noted.from.insert(device, ip);
        }
    }

    fn take(&self) -> impl Iterator<Item = Use> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Noted { when, mut from } = std::mem::take(&mut *noted);
        when.into_iter()
            .map(move |(device, when)| (device, when, from.remove(&device)))
    }
}

impl Engine {
    /// Writes the uses noted since the last time. What cannot be written is noted again.
    pub(crate) async fn write_uses(&self) {
        let uses = &self.inner.snapshot.uses;
        let mut left = uses.take();
        loop {
            let batch: Vec<_> = left.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return;
            }
            if let Err(cause) = self.write_batch(&batch).await {
                tracing::warn!(%cause, "the last uses of devices could not be written");
                batch.into_iter().for_each(|used| uses.add(used));
            }
        }
    }

    async fn write_batch(&self, batch: &[Use]) -> Result<(), DbErr> {
        let _turn = self.inner.writing.lock().await;
        let tx = self.inner.db.begin().await?;
        for (device, when, ip) in batch {
            store::device::seen(&tx, *device, when.seconds(), ip.clone()).await?;
        }
        tx.commit().await
    }
}
