//! What verify answers from: devices, users with their grants, and services, in memory.
//!
//! A miss loads rows, an invalidation drops what it names. A row that was read before a change but arrives after it must
//! not stay, so every drop raises a generation, and a load that began in an older generation is used once and not kept.

pub(crate) use super::device::KnownDevice;
pub(crate) use super::user::{CachedGrant, CachedUser};

use super::bounded_cache::BoundedCache;
use super::device::CachedDevice;
use super::last_seen::LastSeenBuffer;
use super::negative_cache::NegativeCache;
use super::token_family::CachedFamily;
use crate::{cache::service_index::ServiceIndex, tokens::client_index::ClientIndex};
use arc_swap::ArcSwapOption;
use latchkey_domain::{
    event::CacheKey,
    id::{DeviceId, TokenFamilyId, UserId},
};
use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// If invalidations could not be read for this long, nothing in here is certain.
const MAX_STALENESS: Duration = Duration::from_secs(1);

/// Devices kept. With their owners some 270 bytes each: half a gigabyte when it is full.
const MAX_DEVICES: usize = 2_000_000;

/// Users kept; they weigh more, and have several devices each.
const MAX_USERS: usize = 500_000;

/// Token families kept, of programs in use.
const MAX_TOKEN_FAMILIES: usize = 200_000;

/// The memory that verify answers from.
pub(crate) struct Snapshot {
    pub(super) devices: BoundedCache<DeviceId, CachedDevice>,
    pub(super) users: BoundedCache<UserId, Arc<CachedUser>>,
    pub(super) missing: NegativeCache,
    pub(crate) service_index: ArcSwapOption<ServiceIndex>,
    pub(crate) client_index: ArcSwapOption<ClientIndex>,
    pub(crate) revoked_tokens: ArcSwapOption<HashSet<[u8; 32]>>,
    pub(super) token_families: BoundedCache<TokenFamilyId, CachedFamily>,
    generation: AtomicU64,
    /// Held while something is kept or dropped, so that the two cannot interleave.
    keeping: Mutex<()>,
    /// The last invalidation that was read.
    seen: AtomicI64,
    started: Instant,
    /// Milliseconds after `started` when the last successful read of invalidations began; 0: nobody polls.
    fresh_at: AtomicU64,
    pub(crate) uses: LastSeenBuffer,
}

impl Snapshot {
    pub(crate) fn new(seen: i64) -> Self {
        Self {
            devices: BoundedCache::new(MAX_DEVICES),
            users: BoundedCache::new(MAX_USERS),
            missing: NegativeCache::new(),
            service_index: ArcSwapOption::empty(),
            client_index: ArcSwapOption::empty(),
            revoked_tokens: ArcSwapOption::empty(),
            token_families: BoundedCache::new(MAX_TOKEN_FAMILIES),
            generation: AtomicU64::new(0),
            keeping: Mutex::new(()),
            seen: AtomicI64::new(seen),
            started: Instant::now(),
            fresh_at: AtomicU64::new(0),
            uses: LastSeenBuffer::default(),
        }
    }

    /// The last invalidation that was read.
    pub(crate) fn seen(&self) -> i64 {
        self.seen.load(Ordering::SeqCst)
    }

    pub(crate) fn set_seen(&self, id: i64) {
        self.seen.store(id, Ordering::SeqCst);
    }

    /// Notes that invalidations were read as they stood at `asked`.
    pub(crate) fn mark_fresh(&self, asked: Instant) {
        let millis = asked.saturating_duration_since(self.started).as_millis();
        let millis = u64::try_from(millis).unwrap_or(u64::MAX);
        self.fresh_at.store(millis.max(1), Ordering::SeqCst);
    }

    /// Whether invalidations are polled and were read within [`MAX_STALENESS`].
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

    /// Drops what these keys name.
    pub(crate) fn forget(&self, keys: impl IntoIterator<Item = CacheKey>) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        for key in keys {
            match key {
                CacheKey::Device(device) => {
                    self.devices.remove(&device);
                    self.missing.remove(&device);
                }
                CacheKey::User(user) => self.users.remove(&user),
                CacheKey::Services => self.service_index.store(None),
                CacheKey::Clients => self.client_index.store(None),
                CacheKey::RevokedTokens => self.revoked_tokens.store(None),
                CacheKey::TokenFamily(family) => self.token_families.remove(&family),
            }
        }
    }

    /// Drops everything.
    pub(crate) fn forget_all(&self) {
        let _keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.devices.clear();
        self.missing.clear();
        self.users.clear();
        self.service_index.store(None);
        self.client_index.store(None);
        self.revoked_tokens.store(None);
        self.token_families.clear();
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
        self.token_families.trim();
    }
}
