//! Counters by a clock that tests set.

use super::Quota;
use governor::{
    Quota as Governed, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed, keyed::HashMapStateStore},
};
use std::{hash::Hash, sync::Arc, time::Duration};

/// Tells the time since some beginning.
#[derive(Clone)]
pub(super) struct Ticks(pub(super) Arc<dyn Fn() -> Duration + Send + Sync>);

impl Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

/// One for each key.
pub(super) type Each<K> = RateLimiter<K, HashMapStateStore<K>, Ticks, NoOpMiddleware<Duration>>;

/// One for all.
pub(super) type All = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>;

pub(super) fn each<K: Clone + Eq + Hash>(quota: Quota, ticks: &Ticks) -> Each<K> {
    Each::hashmap_with_clock(quota.governed(), ticks.clone())
}

pub(super) fn all(quota: Governed, ticks: &Ticks) -> All {
    All::direct_with_clock(quota, ticks.clone())
}
