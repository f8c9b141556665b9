//! Baselines' rows: sealed, because they say where users were and when.

use crate::{
    Result,
    database::{Reads, Writes},
};
use latchkey_domain::id::UserId;
use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_baselines")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    pub(crate) sealed: Vec<u8>,
    updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The sealed baseline of a user.
pub(crate) async fn find(db: &impl Reads, user: UserId) -> Result<Option<Vec<u8>>> {
    let row = Entity::find_by_id(user.uuid()).one(db.connection()).await?;
    Ok(row.map(|row| row.sealed))
}

/// Writes a baseline that was read in the same transaction.
pub(crate) async fn save(
    db: &impl Writes,
    user: UserId,
    sealed: Vec<u8>,
    now: OffsetDateTime,
) -> Result<()> {
    let row = ActiveModel {
        user_id: Set(user.uuid()),
        sealed: Set(sealed),
        updated_at: Set(now.unix_timestamp()),
    };
    let replace = OnConflict::column(Column::UserId)
        .update_columns([Column::Sealed, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Erases the baseline of a user.
pub(crate) async fn delete(db: &impl Writes, user: UserId) -> Result<()> {
    Entity::delete_by_id(user.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}
