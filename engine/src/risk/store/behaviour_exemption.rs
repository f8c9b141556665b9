//! Rows of users whose typing is not compared. Why not is nobody's business, and in no column.

use crate::{
    Result,
    database::{Reads, Writes, at},
};
use latchkey_domain::id::UserId;
use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "behaviour_exemptions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: Uuid,
    created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Since when a user is exempt, if they are.
pub(crate) async fn find(db: &impl Reads, user: UserId) -> Result<Option<OffsetDateTime>> {
    let row = Entity::find_by_id(user.uuid()).one(db.connection()).await?;
    Ok(row.map(|row| at(row.created_at)))
}

/// Exempts a user.
pub(crate) async fn insert(db: &impl Writes, user: UserId, now: OffsetDateTime) -> Result<()> {
    let row = ActiveModel {
        user_id: Set(user.uuid()),
        created_at: Set(now.unix_timestamp()),
    };
    let unchanged = OnConflict::column(Column::UserId)
        .do_nothing_on([Column::UserId])
        .to_owned();
    Entity::insert(row)
        .on_conflict(unchanged)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Ends the exemption of a user.
pub(crate) async fn delete(db: &impl Writes, user: UserId) -> Result<()> {
    Entity::delete_by_id(user.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}
