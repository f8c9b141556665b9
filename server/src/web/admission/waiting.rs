//! Anonymous requests that wait for a turn.

use std::sync::atomic::{AtomicUsize, Ordering};

/// One of those who wait.
pub(super) struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    /// One more, unless there are so many already.
    pub(super) fn begin(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        count
            .try_update(Ordering::SeqCst, Ordering::SeqCst, |count| {
                (count < most).then_some(count + 1)
            })
            .ok()
            .map(|_| Self(count))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
