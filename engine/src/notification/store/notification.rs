//! Notifications as rows.

use crate::{
    Result,
    database::{self, Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::{DeviceId, NotificationId, UserId},
    notification::{Notification, NotificationKind, NotificationView},
    pagination::{ListQuery, Page},
};
use sea_orm::{
    Condition, FromQueryResult, QueryOrder, QuerySelect, Set, entity::prelude::*, sea_query::Expr,
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    kind: String,
    subject: String,
    ip: Option<String>,
    done_on: Option<Uuid>,
    created_at: i64,
    read_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// As it is seen on a device: what was done there was read there.
fn seen_on(here: DeviceId, row: Model) -> Result<NotificationView> {
    Ok(NotificationView {
        id: NotificationId::from_uuid(row.id),
        kind: parsed(&row.kind)?,
        subject: row.subject,
        ip: row.ip,
        at: at(row.created_at),
        is_read: row.read_at.is_some() || row.done_on == Some(here.uuid()),
    })
}

pub(crate) async fn insert(
    db: &impl Writes,
    id: NotificationId,
    notification: &Notification,
    ip: Option<&str>,
    now: OffsetDateTime,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(id.uuid()),
        user_id: Set(notification.user.uuid()),
        kind: Set(notification.kind.as_str().to_owned()),
        subject: Set(notification.subject.clone()),
        ip: Set(ip.map(str::to_owned)),
        done_on: Set(notification.done_on.map(DeviceId::uuid)),
        created_at: Set(now.unix_timestamp()),
        read_at: Set(None),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Those of a user, the newest first.
pub(crate) async fn list(
    db: &impl Reads,
    user: UserId,
    here: DeviceId,
    query: &ListQuery,
) -> Result<Page<NotificationView>> {
    let mut rows = of(user);
    match query.filter.as_str() {
        "unread" => rows = rows.filter(Column::ReadAt.is_null()),
        "read" => rows = rows.filter(Column::ReadAt.is_not_null()),
        _ => {}
    }
    database::page::page::<Model, _>(db, newest_first(rows), query)
        .await?
        .try_map(|row| seen_on(here, row))
}

/// The newest ones that a user has not read, and did not cause on the device that they use.
pub(crate) async fn unread(
    db: &impl Reads,
    user: UserId,
    here: DeviceId,
    limit: u64,
) -> Result<Vec<NotificationView>> {
    let rows = newest_first(news(user, here))
        .limit(limit)
        .all(db.connection())
        .await?;
    rows.into_iter().map(|row| seen_on(here, row)).collect()
}

/// How many of these there are, counted up to `most`.
pub(crate) async fn count_unread(
    db: &impl Reads,
    user: UserId,
    here: DeviceId,
    most: u64,
) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Id {}
    let found = news(user, here)
        .select_only()
        .column(Column::Id)
        .limit(most)
        .into_model::<Id>()
        .all(db.connection())
        .await?;
    Ok(found.len() as u64)
}

/// Whether a user was told something of this kind since.
pub(crate) async fn has_since(
    db: &impl Reads,
    user: UserId,
    kind: NotificationKind,
    since: OffsetDateTime,
) -> Result<bool> {
    let found = of(user)
        .filter(Column::Kind.eq(kind.as_str()))
        .filter(Column::CreatedAt.gt(since.unix_timestamp()))
        .count(db.connection())
        .await?;
    Ok(found > 0)
}

/// Marks as read: one of a user, or all of theirs.
pub(crate) async fn mark_read(
    db: &impl Writes,
    user: UserId,
    id: Option<NotificationId>,
    now: OffsetDateTime,
) -> Result<()> {
    let mut update = Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(now.unix_timestamp()))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ReadAt.is_null());
    if let Some(id) = id {
        update = update.filter(Column::Id.eq(id.uuid()));
    }
    update.exec(db.connection()).await?;
    Ok(())
}

pub(crate) async fn delete_older(db: &impl Writes, than: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::CreatedAt.lte(than.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// All of a user, the newest first, as none of their devices sees them.
pub(crate) async fn all(db: &impl Reads, user: UserId) -> Result<Vec<NotificationView>> {
    let rows = newest_first(of(user)).all(db.connection()).await?;
    let nowhere = DeviceId::from_uuid(Uuid::nil());
    rows.into_iter().map(|row| seen_on(nowhere, row)).collect()
}

fn of(user: UserId) -> Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user.uuid()))
}

fn news(user: UserId, here: DeviceId) -> Select<Entity> {
    let elsewhere = Condition::any()
        .add(Column::DoneOn.is_null())
        .add(Column::DoneOn.ne(here.uuid()));
    of(user).filter(Column::ReadAt.is_null()).filter(elsewhere)
}

fn newest_first(rows: Select<Entity>) -> Select<Entity> {
    rows.order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
}
