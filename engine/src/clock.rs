//! The only place that asks what time it is.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use time::OffsetDateTime;

/// Tells the time: the system's, or a fixed one that a test moves by hand.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until [`Clock::advance`].
    #[must_use]
    pub fn manual(start: OffsetDateTime) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(
            start.unix_timestamp(),
        ))))
    }

    /// Moves a manual clock (backwards too); does nothing to the system's.
    pub fn advance(&self, by: time::Duration) {
        if let Source::Manual(seconds) = &self.0 {
            seconds.fetch_add(by.whole_seconds(), Ordering::SeqCst);
        }
    }

    /// Now, in UTC, cut to whole seconds: rows keep no more.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that may ask the system"
    )]
    pub fn now(&self) -> OffsetDateTime {
        let seconds = match &self.0 {
            Source::System => OffsetDateTime::now_utc().unix_timestamp(),
            Source::Manual(seconds) => seconds.load(Ordering::SeqCst),
        };
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}
