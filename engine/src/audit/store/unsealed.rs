//! Events that wait for their place in the chain.

use crate::{
    audit::acted_from::ActedFrom,
    audit::entry::{EventRecord, UnsealedEvent},
    database::{Reads, Writes},
};
use latchkey_domain::id::{ClientId, DeviceId};
use sea_orm::{QueryOrder, QuerySelect, Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_unsealed")]
pub(crate) struct Model {
    /// In the order of writing.
    #[sea_orm(primary_key)]
    id: i64,
    event_id: Uuid,
    time: i64,
    actor: String,
    actor_name: String,
    action: String,
    target: String,
    target_name: String,
    subject: Option<Uuid>,
    ip: Option<String>,
    detail: String,
    changes: Option<String>,
    device: Option<Uuid>,
    device_name: Option<String>,
    session: Option<String>,
    client: Option<Uuid>,
    tag: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for (i64, UnsealedEvent) {
    fn from(row: Model) -> Self {
        let event = UnsealedEvent {
            event_id: row.event_id,
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
            tag: row.tag,
        };
        (row.id, event)
    }
}

impl From<UnsealedEvent> for ActiveModel {
    fn from(event: UnsealedEvent) -> Self {
        let record = event.record;
        Self {
            event_id: Set(event.event_id),
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
            tag: Set(event.tag),
            ..Default::default()
        }
    }
}

/// Adds events.
pub(crate) async fn insert(db: &impl Writes, events: Vec<UnsealedEvent>) -> Result<(), DbErr> {
    for event in events {
        Entity::insert(ActiveModel::from(event))
            .exec_without_returning(db.connection())
            .await?;
    }
    Ok(())
}

/// Whether there are any.
pub(crate) async fn exist(db: &impl Reads) -> Result<bool, DbErr> {
    let first: Option<i64> = Entity::find()
        .select_only()
        .column(Column::Id)
        .limit(1)
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(first.is_some())
}

/// At most `limit` events after the row `id`, in the order of writing, with the ids of their rows.
pub(crate) async fn after(
    db: &impl Reads,
    id: i64,
    limit: u64,
) -> Result<Vec<(i64, UnsealedEvent)>, DbErr> {
    let rows = Entity::find()
        .filter(Column::Id.gt(id))
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(db.connection())
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Removes rows whose events have a place in the chain.
pub(crate) async fn delete(db: &impl Writes, ids: Vec<i64>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Id.is_in(ids))
        .exec(db.connection())
        .await
        .map(drop)
}
