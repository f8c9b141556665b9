//! The dashboard's numbers.

use crate::{
    Engine, Result, Unsealed, access, audit, audit::store::filter::Selection, database, identity,
    tokens,
};
use latchkey_domain::{
    access::permission::{AuditRead, Authorizes, OverviewRead},
    audit::{
        event::{Action, EventView},
        filter::EventFilter,
    },
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
    /// The reason.
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
    /// Users who are not disabled.
    pub users: u64,
    /// Services.
    pub services: u64,
    /// Clients.
    pub clients: u64,
    /// Live devices of passkey assurance.
    pub devices_passkey: u64,
    /// Live devices that were only registered.
    pub devices_registered: u64,
    /// Sessions that have not ended.
    pub sessions: u64,
    /// Events that are not in the audit log's chain yet.
    pub unsealed: Unsealed,
}

impl Engine {
    /// The dashboard's numbers.
    ///
    /// # Errors
    /// Internal only.
    pub async fn dashboard(&self, _proof: &dyn Authorizes<OverviewRead>) -> Result<Dashboard> {
        self.seal_events_to_read().await;
        let (db, now) = (self.read(), self.now());
        let first = now.date() - Duration::days(DAYS - 1);
        let since = first.midnight().assume_utc().unix_timestamp();
        let refused = Action::SignInRefused;
        let mut days: Vec<DayCount> = (0..DAYS)
            .map(|day| DayCount {
                date: first + Duration::days(day),
                signed_in: 0,
                refused: 0,
            })
            .collect();
        let actions = [Action::SignedIn, Action::DeviceRegistered, refused];
        for (day, action, count) in audit::store::count_by_day(&db, &actions, since).await? {
            let day = (database::at(day).date() - first).whole_days();
            let count = u64::try_from(count).unwrap_or_default();
            if let Some(counts) = usize::try_from(day).ok().and_then(|day| days.get_mut(day)) {
                match action == refused.as_str() {
                    true => counts.refused += count,
                    false => counts.signed_in += count,
                }
            }
        }
        let mut refusals: Vec<ReasonCount> = audit::store::refusals(&db, refused.as_str(), since)
            .await?
            .into_iter()
            .map(|(reason, count)| ReasonCount {
                reason,
                count: u64::try_from(count).unwrap_or_default(),
            })
            .collect();
        refusals.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        let (devices_passkey, devices_registered) =
            identity::store::device::count_by_assurance(&db, now).await?;
        Ok(Dashboard {
            days,
            refusals,
            users: identity::store::user::count_enabled(&db).await?,
            services: access::store::service::count(&db).await?,
            clients: tokens::store::client::count(&db).await?,
            devices_passkey,
            devices_registered,
            sessions: self.inner.ephemeral.count_sessions(self.db(), now).await?,
            unsealed: self.count_unsealed_events().await?,
        })
    }

    /// The latest events, newest first; at most eight.
    ///
    /// # Errors
    /// Internal only.
    pub async fn latest_events(
        &self,
        _proof: &dyn Authorizes<AuditRead>,
    ) -> Result<Vec<EventView>> {
        self.seal_events_to_read().await;
        let (db, query) = (self.read(), ListQuery::default().bounded());
        let all = Selection::of(&db, None, &EventFilter::default()).await?;
        let mut latest = all.page(&db, &query).await?.items;
        latest.truncate(LATEST);
        Ok(latest)
    }
}
