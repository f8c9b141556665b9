//! The only place that asks what time it is.

#[cfg(debug_assertions)]
use std::path::PathBuf;
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
    #[cfg(debug_assertions)]
    Shifted(Arc<PathBuf>),
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

    /// The machine's clock plus the seconds that stand in `file`, which is read each time. End-to-end tests move the time of a
    /// running server with it; release builds do not have it.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn shifted_by(file: PathBuf) -> Self {
        Self(Source::Shifted(Arc::new(file)))
    }

    /// Moves a manual clock (backwards too); does nothing to the others.
    pub fn advance(&self, by: time::Duration) {
        if let Source::Manual(seconds) = &self.0 {
            seconds.fetch_add(by.whole_seconds(), Ordering::SeqCst);
        }
    }

    /// Now, in UTC, cut to whole seconds: rows keep no more.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let seconds = match &self.0 {
            Source::System => system_seconds(),
            Source::Manual(seconds) => seconds.load(Ordering::SeqCst),
            #[cfg(debug_assertions)]
            Source::Shifted(file) => system_seconds() + seconds_in(file),
        };
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that may ask the system"
)]
fn system_seconds() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// The number that a file holds; 0 where there is none.
#[cfg(debug_assertions)]
fn seconds_in(file: &std::path::Path) -> i64 {
    std::fs::read_to_string(file)
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}
