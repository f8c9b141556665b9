//! Browser sessions' rows, under the digest of their id.

use crate::{
    Result, SessionRow,
    database::{Reads, Writes, at},
};
use latchkey_domain::id::{DeviceId, UserId};
use sea_orm::{QuerySelect, QueryTrait, Set, entity::prelude::*, sea_query::Expr};
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

pub(crate) async fn insert(db: &impl Writes, digest: &[u8], session: SessionRow) -> Result<()> {
    let row = ActiveModel {
        digest: Set(digest.to_vec()),
        device_id: Set(session.device_id.map(DeviceId::uuid)),
        data: Set(session.data),
        expires_at: Set(session.expires_at.unix_timestamp()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Replaces the contents of a session that is there; one that has ended does not come back.
pub(crate) async fn replace(db: &impl Writes, digest: &[u8], session: SessionRow) -> Result<bool> {
    let expires_at = session.expires_at.unix_timestamp();
    let result = Entity::update_many()
        .col_expr(Column::Data, Expr::value(session.data))
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Digest.eq(digest))
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected == 1)
}

/// A session that has not ended.
pub(crate) async fn find(
    db: &impl Reads,
    digest: &[u8],
    now: OffsetDateTime,
) -> Result<Option<SessionRow>> {
    let row = Entity::find_by_id(digest.to_vec())
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .one(db.connection())
        .await?;
    Ok(row.map(SessionRow::from))
}

/// Whether a session has this digest, ended or not.
pub(crate) async fn is_taken(db: &impl Reads, digest: &[u8]) -> Result<bool> {
    let found = Entity::find_by_id(digest.to_vec())
        .count(db.connection())
        .await?;
    Ok(found > 0)
}

pub(crate) async fn delete(db: &impl Writes, digest: &[u8]) -> Result<()> {
    Entity::delete_by_id(digest.to_vec())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Ends all sessions; returns how many.
pub(crate) async fn delete_all(db: &impl Writes) -> Result<u64> {
    let result = Entity::delete_many().exec(db.connection()).await?;
    Ok(result.rows_affected)
}

/// Ends the sessions of a device; returns how many.
pub(crate) async fn delete_of_device(db: &impl Writes, device: DeviceId) -> Result<u64> {
    let result = Entity::delete_many()
        .filter(Column::DeviceId.eq(device.uuid()))
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected)
}

/// Ends the sessions of a user; returns how many.
pub(crate) async fn delete_of_user(db: &impl Writes, user: UserId) -> Result<u64> {
    use super::device::{Column as Device, Entity as Devices};
    let devices = Devices::find()
        .select_only()
        .column(Device::Id)
        .filter(Device::UserId.eq(user.uuid()));
    let result = Entity::delete_many()
        .filter(Column::DeviceId.in_subquery(devices.into_query()))
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected)
}

/// How many sessions on devices have not ended.
pub(crate) async fn count_live(db: &impl Reads, now: OffsetDateTime) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .filter(Column::DeviceId.is_not_null())
        .count(db.connection())
        .await?)
}

pub(crate) async fn forget_expired(db: &impl ConnectionTrait, now: i64) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    Ok(())
}
