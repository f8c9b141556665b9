//! Cache of missing devices, so that replayed cookies of deleted devices do not hit the database.

use super::{
    bounded_cache::{BoundedCache, LastUsed},
    compact_time::CompactTime,
};
use latchkey_domain::id::DeviceId;

/// A new device's invalidation ends this at once; a row that somebody inserted by hand has none.
const LOOK_AGAIN_SECONDS: i64 = 60;

/// Devices kept. Only users who once had these devices can fill this.
const MAX_DEVICES: usize = 100_000;

/// Devices that are not there, and when that was seen.
pub(super) struct NegativeCache(BoundedCache<DeviceId, CompactTime>);

impl LastUsed for CompactTime {
    fn used_at(&self) -> i64 {
        self.seconds()
    }
}

impl NegativeCache {
    pub(super) fn new() -> Self {
        Self(BoundedCache::new(MAX_DEVICES))
    }

    /// Whether it was missing a short while ago. A clock that went back knows nothing.
    pub(super) fn has(&self, id: &DeviceId, now: i64) -> bool {
        let lately = |seen: &CompactTime| (0..LOOK_AGAIN_SECONDS).contains(&(now - seen.seconds()));
        self.0.read(id, lately) == Some(true)
    }

    pub(super) fn insert(&self, id: DeviceId, now: i64) {
        self.0.insert(id, CompactTime::at(now));
    }

    pub(super) fn remove(&self, id: &DeviceId) {
        self.0.remove(id);
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }

    pub(super) fn trim(&self) {
        self.0.trim();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_negative_entry_expires_after_a_minute_or_when_the_clock_is_set_back() {
        let [id, other] = [1, 2].map(|number| DeviceId::from_uuid(Uuid::from_u128(number)));
        let (gone, now) = (NegativeCache::new(), 1_800_000_000);
        gone.insert(id, now);
        assert!(gone.has(&id, now) && gone.has(&id, now + 59));
        assert!(!gone.has(&id, now + 60) && !gone.has(&id, now - 1));
        assert!(!gone.has(&other, now));
        gone.remove(&id);
        assert!(!gone.has(&id, now));
    }

    #[test]
    fn a_full_cache_keeps_the_devices_that_were_asked_for_last() {
        let id = |number: usize| DeviceId::from_uuid(Uuid::from_u128(number as u128));
        let (missing, now) = (NegativeCache::new(), 1_800_000_000);
        // Every second one was asked for just now.
        let seen = |number: usize| now - i64::from(number.is_multiple_of(2));
        for number in 0..=MAX_DEVICES {
            missing.insert(id(number), seen(number));
        }
        missing.trim();
        let kept = (0..=MAX_DEVICES).filter(|number| missing.has(&id(*number), now));
        let (new, old): (Vec<_>, Vec<_>) = kept.partition(|number| number % 2 == 1);
        assert_eq!(
            (new.len(), old.len()),
            (MAX_DEVICES / 2, MAX_DEVICES * 3 / 8)
        );
        missing.clear();
        assert!(!missing.has(&id(1), now));
    }
}
