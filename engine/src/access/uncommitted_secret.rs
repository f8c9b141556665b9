//! What is shown once, and the change that makes it valid.
//!
//! A token that nobody could read is worse than none: the name is taken, or the old token ends. So whoever makes one
//! gets the change before its commit, shows what was made, and commits when it has been written.

use crate::{Result, unit_of_work::Tx};

/// A secret that is to be shown once, in a change that is not committed. Dropped, nothing happened.
///
/// It holds the write permit: whoever shows it must not wait for long.
#[must_use = "nothing is made before the commit"]
pub struct UncommittedSecret<'e, T> {
    tx: Tx<'e>,
    made: T,
}

impl<'e, T> UncommittedSecret<'e, T> {
    pub(crate) const fn new(tx: Tx<'e>, made: T) -> Self {
        Self { tx, made }
    }

    /// What is to be shown. It is not valid yet.
    pub const fn made(&self) -> &T {
        &self.made
    }

    /// The change.
    pub(crate) const fn change(&self) -> &Tx<'e> {
        &self.tx
    }

    /// Makes it valid.
    ///
    /// # Errors
    /// Internal only; then what was shown is void.
    pub async fn commit(self) -> Result<T> {
        self.tx.commit().await?;
        Ok(self.made)
    }
}
