//! Which returns of devices were assessed already: memory of this process, so that a page costs one look-up in it.

use latchkey_domain::{id::DeviceId, identity::device::DeviceKind, risk::NetworkKey};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// The most devices that are remembered. What is forgotten is assessed once more.
const MOST: usize = 100_000;

/// How long after an entry about a device no other one is written: whoever has its cookie could fill the log.
const QUIET: Duration = Duration::minutes(10);

/// After this long, a device is assessed again although nothing changed: habits and lists do.
const FRESH: Duration = Duration::hours(1);

/// What a return is told from another by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Return {
    pub(super) network: Option<NetworkKey>,
    pub(super) claimed: DeviceKind,
}

struct Remembered {
    last: Return,
    assessed_at: OffsetDateTime,
    written_at: Option<OffsetDateTime>,
}

/// The returns that were assessed.
#[derive(Default)]
pub(super) struct Returns(Mutex<HashMap<DeviceId, Remembered>>);

impl Returns {
    /// Whether this return of a device was assessed lately.
    pub(super) fn knows(&self, device: DeviceId, this: Return, now: OffsetDateTime) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&device).is_some_and(|known| {
            known.last == this && known.assessed_at <= now && now - known.assessed_at < FRESH
        })
    }

    /// Notes that a return was assessed, and whether an entry about it may be written.
    pub(super) fn note(
        &self,
        device: DeviceId,
        this: Return,
        is_told: bool,
        now: OffsetDateTime,
    ) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(&device) {
            known.clear();
        }
        let written_at = known.get(&device).and_then(|known| known.written_at);
        let may_write =
            is_told && written_at.is_none_or(|before| now < before || now - before >= QUIET);
        known.insert(
            device,
            Remembered {
                last: this,
                assessed_at: now,
                written_at: if may_write { Some(now) } else { written_at },
            },
        );
        may_write
    }

    /// Forgets a device: what comes of it next is assessed.
    pub(super) fn forget(&self, device: DeviceId) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&device);
    }
}
