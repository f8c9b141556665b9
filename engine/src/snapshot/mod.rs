//! What verify answers from: devices, people with their grants, and services, in memory.
//!
//! Nothing here is written by hand: a miss loads rows, an audit entry drops what it touches. A row
//! that was read before a change but arrives after it must not stay, so every drop raises a
//! generation, and a load that began in an older generation is used once and not kept.

mod device;
mod gone;
mod moment;
mod person;
mod recent;
mod uses;

pub(crate) use device::KnownDevice;
pub(crate) use person::{CachedGrant, CachedUser};

use crate::{directory::Directory, store};
use arc_swap::ArcSwapOption;
use device::DeviceEntry;
use gone::Gone;
use latchkey_domain::id::{DeviceId, UserId};
use recent::Recent;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uses::Uses;

/// Without news of the audit log for this long, nothing in here is certain.
const MAX_SILENCE: Duration = Duration::from_secs(1);

/// Devices kept. With their owners some 250 bytes each: half a gigabyte when it is full.
const MAX_DEVICES: usize = 2_000_000;

/// People kept; they weigh more, and have several devices each.
const MAX_PEOPLE: usize = 500_000;

/// The memory that verify answers from.
pub(crate) struct Snapshot {
    devices: Recent<DeviceId, DeviceEntry>,
    people: Recent<UserId, Arc<CachedUser>>,
    gone: Gone,
    pub(crate) directory: ArcSwapOption<Directory>,
    generation: AtomicU64,
    /// Held while something is kept or dropped, so that the two cannot interleave.
    keeping: Mutex<()>,
    seen_seq: AtomicI64,
    started: Instant,
    /// Milliseconds after `started` of the last good look at the log; 0: nobody follows it.
    news_at: AtomicU64,
    pub(crate) uses: Uses,
}

impl Snapshot {
    pub(crate) fn new(seen_seq: i64) -> Self {
        Self {
            devices: Recent::new(MAX_DEVICES),
            people: Recent::new(MAX_PEOPLE),
            gone: Gone::new(),
            directory: ArcSwapOption::empty(),
            generation: AtomicU64::new(0),
            keeping: Mutex::new(()),
            seen_seq: AtomicI64::new(seen_seq),
            started: Instant::now(),
            news_at: AtomicU64::new(0),
            uses: Uses::default(),
        }
    }

    pub(crate) fn seen_seq(&self) -> i64 {
        self.seen_seq.load(Ordering::SeqCst)
    }

    pub(crate) fn set_seen_seq(&self, seq: i64) {
        self.seen_seq.fetch_max(seq, Ordering::SeqCst);
    }

    /// Notes that the log was read as it stood at `asked`.
    pub(crate) fn heard(&self, asked: Instant) {
        let millis = asked.saturating_duration_since(self.started).as_millis();
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        self.news_at.store(millis.max(1), Ordering::SeqCst);
    }

    /// Whether the log is followed and was read within [`MAX_SILENCE`].
    pub(crate) fn is_current(&self) -> bool {
        match self.news_at.load(Ordering::SeqCst) {
            0 => false,
            heard => {
                self.started
                    .elapsed()
                    .saturating_sub(Duration::from_millis(heard))
                    <= MAX_SILENCE
            }
        }
    }

    /// Drops whatever an entry touches: the device that is its target, the person it concerns, the
    /// services if it is about one.
    pub(crate) fn forget(&self, row: &store::audit::Model) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        if let Some(device) = row
            .target
            .strip_prefix("device:")
            .and_then(|id| id.parse::<DeviceId>().ok())
        {
            self.devices.remove(&device);
            self.gone.remove(&device);
        }
        if let Some(subject) = row.subject {
            self.people.remove(&UserId::from_uuid(subject));
        }
        if row.action.starts_with("service.") {
            self.directory.store(None);
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

    /// Makes room where there is too much; see [`Recent::trim`].
    pub(crate) fn trim(&self) {
        self.devices.trim();
        self.people.trim();
        self.gone.trim();
    }
}
