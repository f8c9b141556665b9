//! The dashboard's numbers.

use crate::{Engine, Result, access, audit, database, identity};
use latchkey_domain::{
    access::permission::Administrator,
    audit::event::{Action, Event},
    pagination::ListQuery,
};
use time::{Date, Duration};

/// Days that the chart shows, today included.
const DAYS: i64 = 14;
/// Events that the page opens with.
const LATEST: usize = 8;

/// A day's sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// The day, in UTC.
    pub date: Date,
    /// Sign-ins and registrations.
    pub signed_in: u64,
    /// Refusals.
    pub refused: u64,
}

/// Refusals of one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonCount {
    /// The reason, in words.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// What the dashboard opens with.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// The last 14 days, oldest first, today last.
    pub days: Vec<DayCount>,
    /// Refusals of those days by reason, most first.
    pub refusals: Vec<ReasonCount>,
    /// People who are not disabled.
    pub users: u64,
    /// Services.
    pub services: u64,
    /// Live devices of passkey assurance.
    pub devices_passkey: u64,
    /// Live devices that were only registered.
    pub devices_registered: u64,
    /// Sessions that have not ended.
    pub sessions: u64,
    /// The latest events, newest first; at most eight.
    pub latest: Vec<Event>,
}

impl Engine {
    /// The dashboard's numbers.
    ///
    /// # Errors
    /// Internal only.
    pub async fn dashboard(&self, _administrator: &Administrator) -> Result<Dashboard> {
        let (db, now) = (self.db(), self.now());
        let first = now.date() - Duration::days(DAYS - 1);
        let since = first.midnight().assume_utc().unix_timestamp();
        let good = [Action::SignedIn.as_str(), Action::DeviceRegistered.as_str()];
        let bad = Action::SignInRefused.as_str();
        let mut days: Vec<DayCount> = (0..DAYS)
            .map(|day| DayCount {
                date: first + Duration::days(day),
                signed_in: 0,
                refused: 0,
            })
            .collect();
        for (action, time) in audit::store::times(db, &[good[0], good[1], bad], since).await? {
            let day = (database::at(time).date() - first).whole_days();
            if let Some(count) = usize::try_from(day).ok().and_then(|day| days.get_mut(day)) {
                if action == bad {
                    count.refused += 1
                } else {
                    count.signed_in += 1
                }
            }
        }
        let mut refusals: Vec<ReasonCount> = audit::store::refusals(db, bad, since)
            .await?
            .into_iter()
            .map(|(reason, count)| ReasonCount {
                reason,
                count: u64::try_from(count).unwrap_or_default(),
            })
            .collect();
        refusals.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        let (devices_passkey, devices_registered) =
            identity::store::device::count_by_assurance(db, now.unix_timestamp()).await?;
        let mut latest = audit::store::list(db, None, &ListQuery::default().bounded())
            .await?
            .items;
        latest.truncate(LATEST);
        Ok(Dashboard {
            days,
            refusals,
            users: identity::store::user::count_enabled(db).await?,
            services: access::store::service::count(db).await?,
            devices_passkey,
            devices_registered,
            sessions: self.inner.ephemeral.count_sessions(db, now).await?,
            latest,
        })
    }
}
