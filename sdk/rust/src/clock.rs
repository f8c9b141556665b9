//! What time it is.

use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime},
};

/// Tells the time; tests have their own.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since the Unix epoch.
    fn now(&self) -> i64;

    /// Time since any moment, never set back.
    fn monotonic(&self) -> Duration;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that may ask the system"
    )]
    fn now(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since_epoch.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        START.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_s_clock_goes_on() {
        let before = (SystemClock.now(), SystemClock.monotonic());
        std::thread::sleep(Duration::from_millis(10));
        assert!(SystemClock.monotonic() >= before.1 + Duration::from_millis(10));
        assert!(SystemClock.now() >= before.0);
        assert!(before.0 > 1_700_000_000, "since the epoch");
    }
}
