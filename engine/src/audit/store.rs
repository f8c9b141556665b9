//! The audit log's rows.

pub(crate) mod assessed;
pub(crate) mod filter;
pub(crate) mod tombstone;
pub(crate) mod unsealed;

use crate::{
    audit::acted_from::ActedFrom,
    audit::entry::{ChainEntry, EventRecord, Head},
    database,
    database::{Reads, Writes},
};
use latchkey_domain::{
    audit::event::Action,
    id::{ClientId, DeviceId},
};
use sea_orm::{
    QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};

/// The last link of the chain; one row.
pub(crate) mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i32,
        pub(crate) seq: i64,
        pub(crate) hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    seq: i64,
    time: i64,
    actor: String,
    actor_name: String,
    action: String,
    target: String,
    target_name: String,
    subject: Option<Uuid>,
    ip: Option<String>,
    detail: String,
    /// A JSON list of what became different; `None` where nothing is told, as in entries before there was any.
    changes: Option<String>,
    event_id: Option<Uuid>,
    device: Option<Uuid>,
    device_name: Option<String>,
    session: Option<String>,
    client: Option<Uuid>,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for ChainEntry {
    fn from(row: Model) -> Self {
        Self {
            seq: row.seq,
            record: EventRecord {
                time: row.time,
                actor: row.actor,
                actor_name: row.actor_name,
                action: row.action,
                target: row.target,
                target_name: row.target_name,
                subject: row.subject,
                ip: row.ip,
                detail: row.detail,
                changes: row.changes,
                from: ActedFrom {
                    device: row.device.map(DeviceId::from_uuid),
                    device_name: row.device_name,
                    session: row.session,
                    client: row.client.map(ClientId::from_uuid),
                },
            },
            event_id: row.event_id,
            prev_hash: row.prev_hash,
            hash: row.hash,
        }
    }
}

impl From<ChainEntry> for ActiveModel {
    fn from(entry: ChainEntry) -> Self {
        let record = entry.record;
        Self {
            seq: Set(entry.seq),
            time: Set(record.time),
            actor: Set(record.actor),
            actor_name: Set(record.actor_name),
            action: Set(record.action),
            target: Set(record.target),
            target_name: Set(record.target_name),
            subject: Set(record.subject),
            ip: Set(record.ip),
            detail: Set(record.detail),
            changes: Set(record.changes),
            device: Set(record.from.device.map(DeviceId::uuid)),
            device_name: Set(record.from.device_name),
            session: Set(record.from.session),
            client: Set(record.from.client.map(ClientId::uuid)),
            event_id: Set(entry.event_id),
            prev_hash: Set(entry.prev_hash),
            hash: Set(entry.hash),
        }
    }
}

impl From<head::Model> for Head {
    fn from(row: head::Model) -> Self {
        Self {
            seq: row.seq,
            hash: row.hash,
        }
    }
}

/// Takes the head for writing: the first statement of every change of authority, and the lock that puts those of all
/// processes in one order. Returns the head as it was.
pub(crate) async fn take_head(db: &impl Writes) -> Result<Head, DbErr> {
    head::Entity::update_many()
        .col_expr(head::Column::Seq, Expr::col(head::Column::Seq))
        .filter(head::Column::Id.eq(1))
        .exec(db.connection())
        .await?;
    head(db).await
}

/// Shares the head with others that do not move it, until the transaction ends: changes that take it wait.
pub(crate) async fn share_head(db: &impl Writes) -> Result<(), DbErr> {
    head::Entity::find_by_id(1)
        .lock_shared()
        .one(db.connection())
        .await?
        .map(drop)
        .ok_or_else(|| DbErr::RecordNotFound("audit head".to_owned()))
}

/// Which of these events have a place in the chain already.
pub(crate) async fn sealed_among(db: &impl Reads, ids: Vec<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::EventId)
        .filter(Column::EventId.is_in(ids))
        .into_tuple()
        .all(db.connection())
        .await
}

/// Moves the head.
pub(crate) async fn set_head(db: &impl Writes, head: Head) -> Result<(), DbErr> {
    head::Entity::update_many()
        .col_expr(head::Column::Seq, Expr::value(head.seq))
        .col_expr(head::Column::Hash, Expr::value(head.hash))
        .filter(head::Column::Id.eq(1))
        .exec(db.connection())
        .await
        .map(drop)
}

/// Appends entries.
pub(crate) async fn append(db: &impl Writes, entries: Vec<ChainEntry>) -> Result<(), DbErr> {
    for entries in database::statements(entries) {
        Entity::insert_many(entries.into_iter().map(ActiveModel::from))
            .exec_without_returning(db.connection())
            .await?;
    }
    Ok(())
}

/// Entries after `seq`, oldest first, at most `limit`.
pub(crate) async fn after(db: &impl Reads, seq: i64, limit: u64) -> Result<Vec<ChainEntry>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(limit)
        .all(db.connection())
        .await?;
    Ok(rows.into_iter().map(ChainEntry::from).collect())
}

/// The end of the log.
pub(crate) async fn head(db: &impl Reads) -> Result<Head, DbErr> {
    head::Entity::find_by_id(1)
        .one(db.connection())
        .await?
        .map(Head::from)
        .ok_or_else(|| DbErr::RecordNotFound("audit head".to_owned()))
}

/// Reasons of refusals and their number since `since`.
pub(crate) async fn refusals(
    db: &impl Reads,
    action: &str,
    since: i64,
) -> Result<Vec<(String, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Detail)
        .column_as(Column::Seq.count(), "count")
        .filter(Column::Action.eq(action))
        .filter(Column::Time.gte(since))
        .group_by(Column::Detail)
        .into_tuple()
        .all(db.connection())
        .await
}

/// Seconds of a day.
const DAY: i64 = 86_400;

/// How many entries with these actions there are by day since `since`, a midnight in UTC: the beginning of the day, the
/// action and the count.
pub(crate) async fn count_by_day(
    db: &impl Reads,
    actions: &[Action],
    since: i64,
) -> Result<Vec<(i64, String, i64)>, DbErr> {
    let day = || Expr::col(Column::Time).sub(Expr::col(Column::Time).modulo(DAY));
    Entity::find()
        .select_only()
        .column_as(day(), "day")
        .column(Column::Action)
        .column_as(Column::Seq.count(), "count")
        .filter(Column::Action.is_in(actions.iter().map(|action| action.as_str())))
        .filter(Column::Time.gte(since))
        .group_by(day())
        .group_by(Column::Action)
        .into_tuple()
        .all(db.connection())
        .await
}
