//! The entries that have an assessment, as far as they are counted.

use super::{Column, Entity, filter::views};
use crate::{
    Result,
    database::{Reads, at},
};
use latchkey_domain::{
    audit::event::{Action, EventView, FieldChange},
    id::{DeviceId, UserId},
    risk::{Occasion, RiskNote},
};
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr};
use std::net::IpAddr;
use time::OffsetDateTime;

/// The actions that are assessed.
pub(crate) const ASSESSED: [Action; 3] = [
    Action::SignedIn,
    Action::DeviceRegistered,
    Action::DeviceAssessed,
];

/// The most about devices that are read: one that owes something is not assessed until it has given that.
const MOST: u64 = 1000;

/// Assessed entries about devices since a time, oldest first.
pub(crate) async fn about(
    db: &impl Reads,
    devices: &[DeviceId],
    since: OffsetDateTime,
) -> Result<Vec<EventView>> {
    let targets = devices.iter().map(|device| format!("device:{device}"));
    let rows = Entity::find()
        .filter(Column::Target.is_in(targets))
        .filter(Column::Action.is_in(ASSESSED.map(Action::as_str)))
        .filter(Column::Time.gte(since.unix_timestamp()))
        .order_by_asc(Column::Seq)
        .limit(MOST)
        .all(db.connection())
        .await?;
    Ok(views(rows))
}

/// Entries that may be of a sign-in that was unusual, in the words of the index of
/// `m20261127_000040_risk_indices.rs`: SQLite compares them as they are written.
const UNUSUAL: &str = r#"changes LIKE '%"risk"%' AND (changes LIKE '% medium %' OR changes LIKE '% high %' OR changes LIKE '% held %')"#;

#[derive(FromQueryResult)]
struct Row {
    time: i64,
    action: String,
    subject: Option<Uuid>,
    ip: Option<String>,
    changes: Option<String>,
}

/// An assessment of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assessed {
    pub(crate) time: OffsetDateTime,
    pub(crate) occasion: Occasion,
    pub(crate) user: UserId,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) note: RiskNote,
}

/// `None` for an entry without an assessment, as before there were any.
fn assessed(row: Row) -> Option<Assessed> {
    let occasion = match Action::from_word(&row.action)? {
        Action::SignedIn => Occasion::SignIn,
        Action::DeviceRegistered => Occasion::Registration,
        Action::DeviceAssessed => Occasion::Return,
        _ => return None,
    };
    let changes: Vec<FieldChange> = serde_json::from_str(&row.changes?).ok()?;
    let note = changes
        .into_iter()
        .find(|change| change.field == RiskNote::FIELD)?;
    Some(Assessed {
        time: at(row.time),
        occasion,
        user: UserId::from_uuid(row.subject?),
        ip: row.ip.and_then(|ip| ip.parse().ok()),
        note: note.after?.parse().ok()?,
    })
}

async fn read(db: &impl Reads, some: Select<Entity>) -> Result<Vec<Assessed>> {
    let rows = some
        .select_only()
        .columns([
            Column::Time,
            Column::Action,
            Column::Subject,
            Column::Ip,
            Column::Changes,
        ])
        .into_model::<Row>()
        .all(db.connection())
        .await?;
    Ok(rows.into_iter().filter_map(assessed).collect())
}

/// The newest unusual ones since a time, at most `most`.
pub(crate) async fn unusual(
    db: &impl Reads,
    since: OffsetDateTime,
    most: u64,
) -> Result<Vec<Assessed>> {
    let some = Entity::find()
        .filter(Expr::cust(UNUSUAL))
        .filter(Column::Time.gte(since.unix_timestamp()))
        .order_by_desc(Column::Time)
        .limit(most);
    read(db, some).await
}

/// How many of an action there are between two times, by its index alone.
pub(crate) async fn count(
    db: &impl Reads,
    action: Action,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<u64> {
    let count: Option<i64> = Entity::find()
        .select_only()
        .expr(Expr::cust("COUNT(*)"))
        .filter(Column::Action.eq(action.as_str()))
        .filter(Column::Time.gte(from.unix_timestamp()))
        .filter(Column::Time.lt(until.unix_timestamp()))
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(count.unwrap_or_default().unsigned_abs())
}

/// The newest of an action between two times, at most `most`.
pub(crate) async fn newest(
    db: &impl Reads,
    action: Action,
    from: OffsetDateTime,
    until: OffsetDateTime,
    most: u64,
) -> Result<Vec<Assessed>> {
    let some = Entity::find()
        .filter(Column::Action.eq(action.as_str()))
        .filter(Column::Time.gte(from.unix_timestamp()))
        .filter(Column::Time.lt(until.unix_timestamp()))
        .order_by_desc(Column::Time)
        .limit(most);
    read(db, some).await
}
