//! Tells the operator that somebody's device cookie does not come back.

use latchkey_app::device_cookie::CookieProblem;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// Each cause once in a while: many people run into it, and anonymous clients can pretend to.
const SILENCE: Duration = Duration::minutes(10);

/// When each cause was last told.
#[derive(Debug, Default)]
pub(super) struct CookieProblemLog(Mutex<BTreeMap<&'static str, OffsetDateTime>>);

impl CookieProblemLog {
    /// Writes it into the log, unless the same cause was told a moment ago.
    pub(super) fn tell(&self, trouble: &CookieProblem, now: OffsetDateTime) {
        if self.is_news(trouble, now) {
            tracing::warn!(
                cause = trouble.word(),
                remedy = %trouble,
                "somebody signed in and is taken for a stranger, because their device cookie does not come back"
            );
        }
    }

    fn is_news(&self, trouble: &CookieProblem, now: OffsetDateTime) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = told
            .get(trouble.word())
            .is_none_or(|last| now - *last >= SILENCE);
        if is_news {
            told.insert(trouble.word(), now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_3_a_cause_is_told_once_in_a_while_whoever_runs_into_it() {
        let stuck = CookieProblemLog::default();
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
        let lost = |host: &str| CookieProblem::NotHandedOn {
            host: host.to_owned(),
        };
        assert!(stuck.is_news(&lost("a.example"), at(0)));
        assert!(!stuck.is_news(&lost("b.example"), at(1)));
        assert!(stuck.is_news(&CookieProblem::Blocked, at(2)));
        assert!(!stuck.is_news(&lost("a.example"), at(599)));
        assert!(stuck.is_news(&lost("a.example"), at(600)));
    }
}
