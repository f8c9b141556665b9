//! Slowing down guesses: wrong codes are counted under a name whether or not there is such an
//! account, so that the delay tells nothing.

use crate::{Engine, Error, Result, keys, store};
use time::Duration;

/// Counting starts again after this long without a wrong code.
pub(crate) const WINDOW: Duration = Duration::minutes(15);

/// Wrong codes that cost nothing but the attempt.
const FREE: i32 = 4;

/// The longest wait.
const MAX_WAIT_SECONDS: i64 = 60;

/// Wrong codes, in all since the last right one, at which the factor is switched off.
pub(crate) const FACTOR_LIMIT: i32 = 20;

/// Seconds to wait after the `count`-th wrong code: 1, 2, 4 … from the fifth.
fn wait_seconds(count: i32) -> i64 {
    match u32::try_from(count - FREE - 1) {
        Ok(over) => 1_i64
            .checked_shl(over)
            .unwrap_or(MAX_WAIT_SECONDS)
            .min(MAX_WAIT_SECONDS),
        Err(_) => 0,
    }
}

/// A name for the row: what was typed is not kept in the clear.
fn row_of(what: &str, typed: &str) -> String {
    keys::digest(what, typed.as_bytes())[..16]
        .iter()
        .fold(format!("{what}:"), |name, byte| {
            name + &format!("{byte:02x}")
        })
}

impl Engine {
    /// Refuses while the wait after the last wrong code is not over.
    pub(crate) async fn check_throttle(&self, what: &str, typed: &str) -> Result<()> {
        let now = self.now().unix_timestamp();
        let Some(row) = store::throttle::find(self.db(), &row_of(what, typed)).await? else {
            return Ok(());
        };
        if row.last_at < now - WINDOW.whole_seconds() {
            return Ok(());
        }
        // A clock that ran backwards must not stretch the wait.
        let left = (row.last_at.min(now) + wait_seconds(row.count) - now).max(0);
        match u64::try_from(left) {
            Ok(0) | Err(_) => Ok(()),
            Ok(seconds) => Err(Error::Throttled {
                wait: std::time::Duration::from_secs(seconds),
            }),
        }
    }

    /// Counts a wrong code.
    pub(crate) async fn count_failure(&self, what: &str, typed: &str) -> Result<()> {
        let now = self.now();
        Ok(store::throttle::count(
            self.db(),
            &row_of(what, typed),
            now.unix_timestamp(),
            (now - WINDOW).unix_timestamp(),
        )
        .await?)
    }

    /// Forgets the count after a right code.
    pub(crate) async fn reset_throttle(&self, what: &str, typed: &str) -> Result<()> {
        Ok(store::throttle::reset(self.db(), &row_of(what, typed)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_from_the_fifth_wrong_code_and_ends_at_a_minute() {
        let waits: Vec<_> = (1..=13).map(wait_seconds).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_seconds(i32::MAX), MAX_WAIT_SECONDS);
    }
}
