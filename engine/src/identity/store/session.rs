//! Browser sessions' rows, under the digest of their id.

use latchkey_domain::id::{DeviceId, UserId};
use sea_orm::{QuerySelect, QueryTrait, Set, entity::prelude::*, sea_query::Expr};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) device_id: Option<Uuid>,
    #[sea_orm(column_type = "Blob")]
    pub(crate) data: Vec<u8>,
    pub(crate) expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    Entity::insert(active(row))
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Replaces the contents of a session that is there; one that has ended does not come back.
pub(crate) async fn replace(db: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::Data, Expr::value(row.data))
        .col_expr(Column::ExpiresAt, Expr::value(row.expires_at))
        .filter(Column::Digest.eq(row.digest))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    digest: &[u8],
    now: i64,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(digest.to_vec())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

pub(crate) async fn delete(db: &impl ConnectionTrait, digest: &[u8]) -> Result<(), DbErr> {
    Entity::delete_by_id(digest.to_vec())
        .exec(db)
        .await
        .map(drop)
}

/// Ends all sessions; returns how many.
pub(crate) async fn delete_all(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let result = Entity::delete_many().exec(db).await?;
    Ok(result.rows_affected)
}

/// Ends the sessions of a device; returns how many.
pub(crate) async fn delete_of_device(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<u64, DbErr> {
    let result = Entity::delete_many()
        .filter(Column::DeviceId.eq(device.uuid()))
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

/// Ends the sessions of a person; returns how many.
pub(crate) async fn delete_of_user(db: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    use super::device::{Column as Device, Entity as Devices};
    let devices = Devices::find()
        .select_only()
        .column(Device::Id)
        .filter(Device::UserId.eq(user.uuid()));
    Entity::delete_many()
        .filter(Column::DeviceId.in_subquery(devices.into_query()))
        .exec(db)
        .await
        .map(|result| result.rows_affected)
}

pub(crate) async fn count_live(db: &impl ConnectionTrait, now: i64) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::DeviceId.is_not_null())
        .count(db)
        .await
}

pub(crate) async fn forget_expired(db: &impl ConnectionTrait, now: i64) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await
        .map(drop)
}

fn active(row: Model) -> ActiveModel {
    ActiveModel {
        digest: Set(row.digest),
        device_id: Set(row.device_id),
        data: Set(row.data),
        expires_at: Set(row.expires_at),
    }
}
