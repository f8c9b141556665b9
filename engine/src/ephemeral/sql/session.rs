//! Browser sessions as rows, under the digest of their id.

use crate::{
    Result,
    database::at,
    ephemeral::purpose::LookupDigest,
    ephemeral::session::{SessionError, SessionRow},
    identity::store::{device, user},
};
use latchkey_domain::{
    id::{DeviceId, UserId},
    pagination::Cursor,
};
use sea_orm::{
    JoinType, QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, Query, SelectStatement},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: Vec<u8>,
    device_id: Option<Uuid>,
    #[sea_orm(column_type = "Blob")]
    data: Vec<u8>,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for SessionRow {
    fn from(row: Model) -> Self {
        Self {
            device_id: row.device_id.map(DeviceId::from_uuid),
            data: row.data,
            expires_at: at(row.expires_at),
        }
    }
}

/// The device, if it is signed in and its user enabled.
fn live_device(id: Uuid) -> Select<device::Entity> {
    device::Entity::find_by_id(id)
        .join(JoinType::InnerJoin, device::Relation::User.def())
        .filter(device::Column::RevokedAt.is_null())
        .filter(device::Column::SignedOutAt.is_null())
        .filter(user::Column::DisabledAt.is_null())
}

pub(crate) async fn create(
    db: &impl ConnectionTrait,
    digest: LookupDigest,
    session: SessionRow,
) -> Result<(), SessionError> {
    let device = session.device_id.map(DeviceId::uuid);
    let mut select = match device {
        Some(device) => live_device(device).select_only().into_query(),
        None => Query::select().and_where(Expr::value(true)).to_owned(),
    };
    for value in [
        Expr::value(digest.to_vec()),
        Expr::value(device),
        Expr::value(session.data),
        Expr::value(session.expires_at.unix_timestamp()),
    ] {
        select.expr(value);
    }
    let unchanged = OnConflict::column(Column::Digest)
        .do_nothing_on([Column::Digest])
        .to_owned();
    // One statement: a device that is revoked meanwhile gets no session after its end.
    let mut insert = Query::insert();
    insert
        .into_table(Entity)
        .columns([
            Column::Digest,
            Column::DeviceId,
            Column::Data,
            Column::ExpiresAt,
        ])
        .on_conflict(unchanged);
    insert
        .select_from(select)
        .map_err(|cause| SessionError::Engine(crate::Error::internal(cause)))?;
    if db.execute(&insert).await?.rows_affected() == 1 {
        return Ok(());
    }
    let is_taken = Entity::find_by_id(digest.to_vec()).count(db).await? > 0;
    Err(match is_taken {
        true => SessionError::IdTaken,
        false => SessionError::Ended,
    })
}

pub(crate) async fn save(
    db: &impl ConnectionTrait,
    digest: LookupDigest,
    session: SessionRow,
) -> Result<(), SessionError> {
    let expires_at = session.expires_at.unix_timestamp();
    let result = Entity::update_many()
        .col_expr(Column::Data, Expr::value(session.data))
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Digest.eq(digest.to_vec()))
        .exec(db)
        .await?;
    match result.rows_affected {
        1 => Ok(()),
        _ => Err(SessionError::Ended),
    }
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    digest: LookupDigest,
    now: OffsetDateTime,
) -> Result<Option<SessionRow>> {
    let row = Entity::find_by_id(digest.to_vec())
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .one(db)
        .await?;
    Ok(row.map(SessionRow::from))
}

pub(crate) async fn count(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .filter(Column::DeviceId.is_not_null())
        .count(db)
        .await?)
}

pub(crate) async fn delete(db: &impl ConnectionTrait, digest: LookupDigest) -> Result<()> {
    Entity::delete_by_id(digest.to_vec()).exec(db).await?;
    Ok(())
}

pub(crate) async fn delete_of_device(db: &impl ConnectionTrait, device: DeviceId) -> Result<u64> {
    let result = Entity::delete_many()
        .filter(Column::DeviceId.eq(device.uuid()))
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

pub(crate) async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<u64> {
    let result = Entity::delete_many()
        .filter(Column::DeviceId.in_subquery(devices_of(user)))
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

pub(crate) async fn delete_others_of_user(
    db: &impl ConnectionTrait,
    user: UserId,
    here: DeviceId,
) -> Result<u64> {
    let result = Entity::delete_many()
        .filter(Column::DeviceId.in_subquery(devices_of(user)))
        .filter(Column::DeviceId.ne(here.uuid()))
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

pub(crate) async fn delete_all(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::delete_many().exec(db).await?.rows_affected)
}

pub(crate) async fn delete_expired(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now.unix_timestamp()))
        .exec(db)
        .await?;
    Ok(())
}

/// Devices with a session that has not ended, in the order of their ids, each with when it ends.
pub(crate) async fn live_devices(
    db: &impl ConnectionTrait,
    cursor: Cursor<DeviceId>,
    user: Option<UserId>,
    now: OffsetDateTime,
) -> Result<Vec<(DeviceId, OffsetDateTime)>> {
    let mut rows = Entity::find()
        .select_only()
        .column(Column::DeviceId)
        .column_as(Column::ExpiresAt.max(), "expires_at")
        .filter(Column::DeviceId.is_not_null())
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()));
    if let Some(after) = cursor.after {
        rows = rows.filter(Column::DeviceId.gt(after.uuid()));
    }
    if let Some(user) = user {
        rows = rows.filter(Column::DeviceId.in_subquery(devices_of(user)));
    }
    let found: Vec<(Uuid, i64)> = rows
        .group_by(Column::DeviceId)
        .order_by_asc(Column::DeviceId)
        .limit(cursor.limit + 1)
        .into_tuple()
        .all(db)
        .await?;
    let found = found.into_iter();
    Ok(found
        .map(|(id, end)| (DeviceId::from_uuid(id), at(end)))
        .collect())
}

fn devices_of(user: UserId) -> SelectStatement {
    device::Entity::find()
        .select_only()
        .column(device::Column::Id)
        .filter(device::Column::UserId.eq(user.uuid()))
        .into_query()
}
