//! Tells the operator that a user's device cookie does not come back.

use latchkey_app::{device_cookie::CookieProblem, messages::Language};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// Each cause is logged this often: many users run into it, and anonymous clients can pretend to.
const INTERVAL: Duration = Duration::minutes(10);

/// When each cause was last logged.
#[derive(Debug, Default)]
pub(super) struct CookieProblemLog(Mutex<BTreeMap<&'static str, OffsetDateTime>>);

impl CookieProblemLog {
    /// Logs it, unless the same cause was logged within the interval.
    pub(super) fn log(&self, problem: &CookieProblem, now: OffsetDateTime) {
        if self.is_due(problem, now) {
            tracing::warn!(
                cause = problem.word(),
                remedy = problem.remedy().text_in(Language::default()),
                "a user signed in and is not recognised, because the device cookie does not come back"
            );
        }
    }

    fn is_due(&self, problem: &CookieProblem, now: OffsetDateTime) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = logged
            .get(problem.word())
            .is_none_or(|last| now - *last >= INTERVAL);
        if is_due {
            logged.insert(problem.word(), now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_3_a_cause_is_logged_once_in_ten_minutes_for_all_users() {
        let log = CookieProblemLog::default();
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
        let lost = |host: &str| CookieProblem::NotForwarded {
            host: host.to_owned(),
        };
        assert!(log.is_due(&lost("a.example"), at(0)));
        assert!(!log.is_due(&lost("b.example"), at(1)));
        assert!(log.is_due(&CookieProblem::Blocked, at(2)));
        assert!(!log.is_due(&lost("a.example"), at(599)));
        assert!(log.is_due(&lost("a.example"), at(600)));
    }
}
