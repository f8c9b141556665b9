//! What verify answers from: devices, people with their grants, and services, in memory.
//!
//! Nothing here is written by hand: a miss loads rows, an audit entry drops what it touches. A row
//! that was read before a change but arrives after it must not stay, so every drop raises a
//! generation, and a load that began in an older generation is used once and not kept.

pub(crate) use super::device::KnownDevice;
pub(crate) use super::user::{CachedGrant, CachedUser};

use super::bounded_cache::BoundedCache;
use super::device::CachedDevice;
use super::last_seen::LastSeenBuffer;
use super::negative_cache::NegativeCache;
use crate::{audit, cache::service_index::ServiceIndex};
use arc_swap::ArcSwapOption;
use latchkey_domain::id::{DeviceId, UserId};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Without news of the audit log for this long, nothing in here is certain.
const MAX_STALENESS: Duration = Duration::from_secs(1);

/// Devices kept. With their owners some 250 bytes each: half a gigabyte when it is full.
const MAX_DEVICES: usize = 2_000_000;

/// People kept; they weigh more, and have several devices each.
const MAX_USERS: usize = 500_000;

/// The memory that verify answers from.
pub(crate) struct Snapshot {
    pub(super) devices: BoundedCache<DeviceId, CachedDevice>,
    pub(super) users: BoundedCache<UserId, Arc<CachedUser>>,
    pub(super) missing: NegativeCache,
    pub(crate) service_index: ArcSwapOption<ServiceIndex>,
    generation: AtomicU64,
    /// Held while something is kept or dropped, so that the two cannot interleave.
    keeping: Mutex<()>,
    seen_seq: AtomicI64,
    started: Instant,
    /// Milliseconds after `started` of the last good look at the log; 0: nobody follows it.
    fresh_at: AtomicU64,
    pub(crate) uses: LastSeenBuffer,
}

impl Snapshot {
    pub(crate) fn new(seen_seq: i64) -> Self {
        Self {
            devices: BoundedCache::new(MAX_DEVICES),
            users: BoundedCache::new(MAX_USERS),
            missing: NegativeCache::new(),
            service_index: ArcSwapOption::empty(),
            generation: AtomicU64::new(0),
            keeping: Mutex::new(()),
            seen_seq: AtomicI64::new(seen_seq),
            started: Instant::now(),
            fresh_at: AtomicU64::new(0),
            uses: LastSeenBuffer::default(),
        }
    }

    pub(crate) fn seen_seq(&self) -> i64 {
        self.seen_seq.load(Ordering::SeqCst)
    }

    pub(crate) fn set_seen_seq(&self, seq: i64) {
        self.seen_seq.fetch_max(seq, Ordering::SeqCst);
    }

    /// Notes that the log was read as it stood at `asked`.
    pub(crate) fn mark_fresh(&self, asked: Instant) {
        let millis = asked.saturating_duration_since(self.started).as_millis();
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        self.fresh_at.store(millis.max(1), Ordering::SeqCst);
    }

    /// Whether the log is followed and was read within [`MAX_STALENESS`].
    pub(crate) fn is_fresh(&self) -> bool {
        match self.fresh_at.load(Ordering::SeqCst) {
            0 => false,
            mark_fresh => {
                self.started
                    .elapsed()
                    .saturating_sub(Duration::from_millis(mark_fresh))
                    <= MAX_STALENESS
            }
        }
    }

    /// Drops whatever an entry touches: the device that is its target, the person it concerns, the
    /// services if it is about one.
    pub(crate) fn forget(&self, row: &audit::store::Model) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        if let Some(device) = row
            .target
            .strip_prefix("device:")
            .and_then(|id| id.parse::<DeviceId>().ok())
        {
            self.devices.remove(&device);
            self.missing.remove(&device);
        }
        if let Some(subject) = row.subject {
            self.users.remove(&UserId::from_uuid(subject));
        }
        if row.action.starts_with("service.") {
            self.service_index.store(None);
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Runs `keep` unless something was dropped since `generation`.
    pub(crate) fn keep_if_current(&self, generation: u64, keep: impl FnOnce()) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        if self.generation() == generation {
            keep();
        }
    }

    /// Makes room where there is too much; see [`BoundedCache::trim`].
    pub(crate) fn trim(&self) {
        self.devices.trim();
        self.users.trim();
        self.missing.trim();
    }
}
