//! Throttling: how often a code may be tried (NIST SP 800-63B-4 §3.2.2).
//!
//! An attempt is counted before its code is checked, in one conditional statement, so that of many
//! simultaneous attempts no more are checked than the limit allows. A right code does not count.

use time::{Duration, OffsetDateTime};

/// After this long without an attempt, there is no delay again.
pub const QUIET_PERIOD: Duration = Duration::minutes(15);

/// The longest delay between two attempts.
pub const MAX_DELAY_SECONDS: i64 = 60;

/// How long an attempt may take. If its process is killed, the next attempt has to wait that long.
pub const LEASE: Duration = Duration::seconds(3);

/// The limits of one counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Attempts without a delay.
    pub free: i32,
    /// Attempts per window; `None` if there are delays only.
    pub most: Option<i32>,
    /// The length of a window, from its first attempt. After it, counting starts again.
    pub window: Duration,
    /// Whether one attempt must end before the next begins.
    pub is_exclusive: bool,
}

impl Limits {
    /// For all guesses of one user's code: 20 a day, so that guessing for a year finds a six-digit code (of
    /// which three are right at a time) with a probability of 2 %.
    pub const ACCOUNT: Self = Self {
        free: 4,
        most: Some(20),
        window: Duration::DAY,
        is_exclusive: true,
    };
    /// For guesses of one user's code from one network: half of the user's limit, so that one attacker cannot
    /// exhaust it.
    pub const NETWORK_AND_ACCOUNT: Self = Self {
        free: 4,
        most: Some(10),
        window: Duration::DAY,
        is_exclusive: false,
    };
    /// For mails that confirm a user's recoveries: with five tries each, fifty of a hundred million codes a day.
    pub const RECOVERY_MAIL: Self = Self {
        free: 3,
        most: Some(10),
        window: Duration::DAY,
        is_exclusive: false,
    };
    /// For all guesses from one network: many users of one company may share an address.
    pub const NETWORK: Self = Self {
        free: 20,
        most: None,
        window: Duration::DAY,
        is_exclusive: false,
    };
}

/// The state of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counter {
    /// Attempts since the last quiet period, which determine the delay.
    pub recent: i32,
    /// Attempts in this window, to which the limit applies.
    pub total: i32,
    /// When the window began, in Unix seconds like all times here.
    pub window_started_at: i64,
    /// When the last attempt was.
    pub last_at: i64,
    /// When the next attempt may be.
    pub next_at: i64,
    /// Until when an attempt may be under way.
    pub busy_until: i64,
}

impl Counter {
    /// How long the next attempt has to wait; zero when it may be made now.
    #[must_use]
    pub fn wait(&self, limits: &Limits, now: OffsetDateTime) -> Duration {
        let now = now.unix_timestamp();
        let window = limits.window.whole_seconds();
        let is_full = limits.most.is_some_and(|most| self.total >= most);
        let until_window_ends = match is_full {
            true => self.window_started_at.saturating_add(window) - now,
            false => 0,
        };
        // A time further away than any wait was stored before the clock was set back, and is ignored.
        let bounded = |until: i64, most: i64| match until - now {
            left if left > most => 0,
            left => left.max(0),
        };
        let busy = match limits.is_exclusive {
            true => bounded(self.busy_until, LEASE.whole_seconds()).min(1),
            false => 0,
        };
        Duration::seconds(
            until_window_ends
                .clamp(0, window)
                .max(bounded(self.next_at, MAX_DELAY_SECONDS))
                .max(busy),
        )
    }

    /// The same counter without an attempt under way.
    #[must_use]
    pub const fn idle(self) -> Self {
        Self {
            busy_until: 0,
            ..self
        }
    }

    /// Whether the limit is reached, so that no other code is checked before the window ends.
    #[must_use]
    pub fn is_locked_out(&self, limits: &Limits, now: OffsetDateTime) -> bool {
        limits.most.is_some_and(|most| self.total >= most)
            && now.unix_timestamp() < self.window_started_at + limits.window.whole_seconds()
    }
}

/// Seconds to wait after the `count`-th attempt in a row: 1, 2, 4 … after the free ones.
#[must_use]
pub fn delay_seconds(limits: &Limits, count: i32) -> i64 {
    match u32::try_from(count - limits.free - 1) {
        Ok(over) => 1_i64
            .checked_shl(over)
            .unwrap_or(MAX_DELAY_SECONDS)
            .min(MAX_DELAY_SECONDS),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-25 12:00 UTC);

    #[test]
    fn the_delay_grows_from_the_fifth_attempt_to_one_minute() {
        let delays: Vec<_> = (1..=13)
            .map(|count| delay_seconds(&Limits::ACCOUNT, count))
            .collect();
        assert_eq!(delays, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(delay_seconds(&Limits::ACCOUNT, i32::MAX), MAX_DELAY_SECONDS);
    }

    #[test]
    fn an_exhausted_limit_resets_after_its_window() {
        let full = Counter {
            total: 20,
            window_started_at: NOW.unix_timestamp(),
            ..Counter::default()
        };
        for (hours, wait) in [
            (0, Duration::DAY),
            (23, Duration::HOUR),
            (24, Duration::ZERO),
        ] {
            let now = NOW + Duration::hours(hours);
            assert_eq!(full.wait(&Limits::ACCOUNT, now), wait, "after {hours} h");
            assert_eq!(full.is_locked_out(&Limits::ACCOUNT, now), hours < 24);
        }
        assert_eq!(full.wait(&Limits::NETWORK, NOW), Duration::ZERO);
        let almost = Counter { total: 19, ..full };
        assert!(!almost.is_locked_out(&Limits::ACCOUNT, NOW));
        assert_eq!(almost.wait(&Limits::ACCOUNT, NOW), Duration::ZERO);
    }

    #[test]
    fn must_survive_29_a_clock_set_back_does_not_extend_a_wait() {
        let later = NOW.unix_timestamp() + 3600;
        let counter = Counter {
            next_at: later,
            busy_until: later,
            ..Counter::default()
        };
        assert_eq!(counter.wait(&Limits::ACCOUNT, NOW), Duration::ZERO);
        let full = Counter {
            total: 20,
            window_started_at: later,
            ..Counter::default()
        };
        assert_eq!(full.wait(&Limits::ACCOUNT, NOW), Duration::DAY);
    }

    #[test]
    fn a_wait_is_the_rest_of_the_delay_or_of_the_attempt_under_way() {
        let now = NOW.unix_timestamp();
        let waits = |counter: &Counter, limits: &Limits| counter.wait(limits, NOW).whole_seconds();
        for (left, wait) in [(-1, 0), (0, 0), (1, 1), (59, 59), (60, 60), (61, 0)] {
            let delayed = Counter {
                next_at: now + left,
                ..Counter::default()
            };
            assert_eq!(waits(&delayed, &Limits::NETWORK), wait, "delay {left}");
        }
        for (left, wait) in [(-1, 0), (0, 0), (1, 1), (3, 1), (4, 0)] {
            let busy = Counter {
                busy_until: now + left,
                ..Counter::default()
            };
            assert_eq!(waits(&busy, &Limits::ACCOUNT), wait, "busy {left}");
            assert_eq!(waits(&busy.idle(), &Limits::ACCOUNT), 0);
            // Several attempts of one network may be under way at once.
            assert_eq!(waits(&busy, &Limits::NETWORK), 0);
        }
        // The longest of several waits counts.
        let both = Counter {
            next_at: now + 30,
            busy_until: now + 3,
            total: 20,
            window_started_at: now - 86_400 + 10,
            ..Counter::default()
        };
        assert_eq!(waits(&both, &Limits::ACCOUNT), 30);
    }
}
