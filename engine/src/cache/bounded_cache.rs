//! A bounded map: the least recently used values are dropped first.

use std::{cmp::Reverse, hash::Hash};

/// A value that knows when it was last used.
pub(super) trait LastUsed {
    /// Seconds since the epoch; a few seconds late is fine.
    fn used_at(&self) -> i64;
}

/// The map. Reading takes no lock. It may grow beyond its limit until it is next trimmed.
pub(super) struct BoundedCache<K, V> {
    map: papaya::HashMap<K, V>,
    limit: usize,
}

impl<K: Hash + Eq + Copy, V: LastUsed> BoundedCache<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            map: papaya::HashMap::new(),
            limit,
        }
    }

    /// What `read` makes of the value, if there is one.
    pub(super) fn read<R>(&self, key: &K, read: impl FnOnce(&V) -> R) -> Option<R> {
        self.map.pin().get(key).map(read)
    }

    pub(super) fn insert(&self, key: K, value: V) {
        self.map.pin().insert(key, value);
    }

    pub(super) fn remove(&self, key: &K) {
        self.map.pin().remove(key);
    }

    pub(super) fn clear(&self) {
        self.map.pin().clear();
    }

    /// Where there are too many values, drops the oldest, and an eighth of the limit with them, so
    /// that the next trimming is not due at once. Looks at every value.
    pub(super) fn trim(&self) {
        let map = self.map.pin();
        if map.len() <= self.limit {
            return;
        }
        let mut ages: Vec<(i64, K)> = map
            .iter()
            .map(|(key, value)| (value.used_at(), *key))
            .collect();
        let kept = self.limit - self.limit / 8;
        // There may be fewer by now.
        if ages.get(kept).is_some() {
            ages.select_nth_unstable_by_key(kept, |(used_at, _)| Reverse(*used_at));
        }
        for (_, key) in ages.iter().skip(kept) {
            map.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl LastUsed for i64 {
        fn used_at(&self) -> i64 {
            *self
        }
    }

    #[test]
    fn the_least_recently_used_entry_is_evicted_first() {
        let recent = BoundedCache::new(16);
        for number in 0..16 {
            recent.insert(number, 100 - number);
        }
        recent.trim();
        assert!((0..16).all(|number| recent.read(&number, |_| ()).is_some()));

        recent.insert(16, 1000);
        recent.trim();
        let kept: Vec<i64> = (0..=16)
            .filter(|number| recent.read(number, |_| ()).is_some())
            .collect();
        assert_eq!(kept, (0..13).chain([16]).collect::<Vec<_>>());
    }
}
