//! Times in memory, small: there may be millions.

use crate::database;
use std::sync::atomic::{AtomicU32, Ordering};
use time::{OffsetDateTime, macros::datetime};

/// A time in four bytes: seconds since 2020, until 2156. What lies outside moves to the nearest end,
/// where everything has ended long ago, or ends sooner than it should.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CompactTime(u32);

impl CompactTime {
    const ZERO: i64 = datetime!(2020-01-01 00:00 UTC).unix_timestamp();
    const NEVER: Self = Self(u32::MAX);

    pub(super) fn at(seconds: i64) -> Self {
        let since = seconds
            .saturating_sub(Self::ZERO)
            .clamp(0, i64::from(u32::MAX) - 1);
        Self(u32::try_from(since).unwrap_or_default())
    }

    pub(super) fn maybe(seconds: Option<i64>) -> Self {
        seconds.map_or(Self::NEVER, Self::at)
    }

    pub(super) fn seconds(self) -> i64 {
        Self::ZERO + i64::from(self.0)
    }

    pub(super) fn time(self) -> Option<OffsetDateTime> {
        (self != Self::NEVER).then(|| database::at(self.seconds()))
    }
}

/// A moment that moves on while others read it.
pub(super) struct AtomicCompactTime(AtomicU32);

impl AtomicCompactTime {
    pub(super) fn new(moment: CompactTime) -> Self {
        Self(AtomicU32::new(moment.0))
    }

    pub(super) fn load(&self) -> CompactTime {
        CompactTime(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn store(&self, moment: CompactTime) {
        self.0.store(moment.0, Ordering::Relaxed);
    }

    /// Whether it was `before`, and this call made it `now`.
    pub(super) fn moves(&self, before: CompactTime, now: CompactTime) -> bool {
        self.0
            .compare_exchange(before.0, now.0, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_out_of_range_is_rounded_down() {
        for (seconds, kept) in [
            (1_795_262_400, 1_795_262_400),
            (0, CompactTime::ZERO),
            (i64::MIN / 2, CompactTime::ZERO),
            (i64::MAX, CompactTime::ZERO + i64::from(u32::MAX) - 1),
        ] {
            assert_eq!(CompactTime::at(seconds).seconds(), kept);
            assert!(
                CompactTime::maybe(Some(seconds)).time().is_some(),
                "never never"
            );
        }
        assert_eq!(CompactTime::maybe(None).time(), None);
    }

    #[test]
    fn of_those_who_move_a_time_at_once_one_does() {
        let [first, second, third] =
            [1, 2, 3].map(|number| CompactTime::at(1_800_000_000 + number));
        let time = AtomicCompactTime::new(first);
        assert!(time.moves(first, second));
        assert!(!time.moves(first, third));
        assert_eq!(time.load().seconds(), second.seconds());
        time.store(third);
        assert_eq!(time.load().seconds(), third.seconds());
    }
}
