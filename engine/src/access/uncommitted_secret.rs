//! What is shown once, and the change that makes it valid.
//!
//! A token that nobody could read is worse than none: the name is taken, or the old token ends. So whoever makes one
//! gets the change before its commit, shows what was made, and commits when it has been written.

use crate::{Result, audit::log::Change};

/// A secret that is to be shown once, in a change that is not committed. Dropped, nothing happened.
///
/// It holds the turn to write: whoever shows it must not wait for long.
#[must_use = "nothing is made before the commit"]
pub struct UncommittedSecret<'e, T> {
    change: Change<'e>,
    made: T,
}

impl<'e, T> UncommittedSecret<'e, T> {
    pub(crate) const fn new(change: Change<'e>, made: T) -> Self {
        Self { change, made }
    }

    /// What is to be shown. It is not valid yet.
    pub const fn made(&self) -> &T {
        &self.made
    }

    /// Makes it valid.
    ///
    /// # Errors
    /// Internal only; then what was shown is void.
    pub async fn commit(self) -> Result<T> {
        self.change.commit().await?;
        Ok(self.made)
    }
}
