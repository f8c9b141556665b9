//! How unusual sign-ins were, as users, administrators and the operator see it.

use crate::{
    BehaviourView, Engine, Error, Noun, Result,
    audit::store::{assessed::ASSESSED, filter::Selection},
    identity::user::require_user,
};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, RiskRead},
    audit::{event::EventView, filter::EventFilter},
    id::UserId,
    identity::email::Email,
    pagination::ListQuery,
    risk::{BaselineView, Demand, Level, Mode, Reason, RiskNote},
};
use serde::Serialize;
use time::OffsetDateTime;

/// Assessed entries of a user that are shown.
const SHOWN: usize = 20;

/// An entry of the audit log with its assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssessedEvent {
    /// Its place in the log.
    pub seq: i64,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// What was done.
    pub action: String,
    /// On which device.
    pub device: String,
    /// From which address.
    pub ip: Option<String>,
    /// The score.
    pub score: u8,
    /// How high it is.
    pub level: Level,
    /// Whether it had an effect.
    pub mode: Mode,
    /// What it asked for, or would have.
    pub demand: Demand,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What is usual for a user, and how unusual their last sign-ins were.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UserRisk {
    /// The user.
    pub email: Email,
    /// What scores do now.
    pub mode: Mode,
    /// When they begin to ask for something, if they do not yet.
    #[serde(with = "time::serde::rfc3339::option")]
    pub enforced_from: Option<OffsetDateTime>,
    /// What was learnt.
    pub baseline: BaselineView,
    /// What is kept of how they type.
    pub behaviour: BehaviourView,
    /// The last assessed entries, newest first.
    pub events: Vec<AssessedEvent>,
}

/// What is usual for a user, as they see it.
#[derive(Debug, Clone, PartialEq)]
pub struct UsualSignIns {
    /// What scores do now.
    pub mode: Mode,
    /// When they begin to ask for something, if they do not yet.
    pub enforced_from: Option<OffsetDateTime>,
    /// What was learnt.
    pub baseline: BaselineView,
}

impl AssessedEvent {
    fn of(event: EventView) -> Option<Self> {
        let note = event.risk()?;
        Some(Self {
            seq: event.seq,
            time: event.time,
            action: event.action,
            device: event.target_name,
            ip: event.ip,
            score: note.assessment.score,
            level: note.assessment.level,
            mode: note.mode,
            demand: note.demand,
            reasons: note.assessment.reasons,
        })
    }
}

impl From<&AssessedEvent> for RiskNote {
    fn from(event: &AssessedEvent) -> Self {
        Self {
            assessment: latchkey_domain::risk::Assessment {
                score: event.score,
                level: event.level,
                reasons: event.reasons.clone(),
            },
            mode: event.mode,
            demand: event.demand,
        }
    }
}

impl Engine {
    /// What is usual for a user, and how unusual their last sign-ins were.
    ///
    /// # Errors
    /// Not found.
    pub async fn user_risk(
        &self,
        _proof: &dyn Authorizes<RiskRead>,
        user: UserId,
    ) -> Result<UserRisk> {
        self.risk_of(user).await
    }

    /// What is usual for this user.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_usual_sign_ins(&self, current_user: &CurrentUser) -> Result<UsualSignIns> {
        let baseline = self.baseline_of(&self.read(), current_user.user_id).await?;
        Ok(UsualSignIns {
            mode: self.risk_mode(),
            enforced_from: self.risk_enforced_from(),
            baseline: baseline.view(self.now()),
        })
    }

    pub(crate) async fn risk_of(&self, user: UserId) -> Result<UserRisk> {
        self.seal_events_to_read().await;
        let db = self.read();
        let user = require_user(&db, user).await?;
        let mut events = Vec::new();
        for action in ASSESSED {
            let filter = EventFilter {
                action: action.as_str().to_owned(),
                ..EventFilter::default()
            };
            let selection = Selection::of(&db, Some(user.id), &filter).await?;
            let page = selection.page(&db, &ListQuery::default()).await?;
            events.extend(page.items.into_iter().filter_map(AssessedEvent::of));
        }
        events.sort_by_key(|event: &AssessedEvent| -event.seq);
        events.truncate(SHOWN);
        Ok(UserRisk {
            behaviour: self.behaviour_of(&db, user.id).await?,
            baseline: self.baseline_of(&db, user.id).await?.view(self.now()),
            mode: self.risk_mode(),
            enforced_from: self.risk_enforced_from(),
            email: user.email,
            events,
        })
    }

    /// An entry of the audit log with its assessment.
    ///
    /// # Errors
    /// Not found when there is no such entry, or it has none.
    pub async fn assessed_event(
        &self,
        _proof: &dyn Authorizes<RiskRead>,
        seq: i64,
    ) -> Result<AssessedEvent> {
        self.seal_events_to_read().await;
        let db = self.read();
        let all = Selection::of(&db, None, &EventFilter::default()).await?;
        let found = all.between(&db, seq.saturating_sub(1), seq, 1).await?;
        (found.into_iter().find_map(AssessedEvent::of)).ok_or(Error::NotFound(Noun::Event))
    }
}
