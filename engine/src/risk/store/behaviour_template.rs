//! Rows of how users type: sealed, one for each user and field.

use crate::{
    Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{id::UserId, risk::behaviour::report::Field};
use sea_orm::{QueryOrder, Set, entity::prelude::*, sea_query::OnConflict};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "behaviour_templates")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) field: String,
    pub(crate) sealed: Vec<u8>,
    created_at: i64,
    updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[cfg(test)]
impl Model {
    /// A row, for tests of what reads rows of any table.
    pub(crate) fn of(user: UserId, field: Field, sealed: Vec<u8>) -> Self {
        Self {
            id: Uuid::from_u128(1),
            user_id: user.uuid(),
            field: field.as_str().to_owned(),
            sealed,
            created_at: 0,
            updated_at: 0,
        }
    }
}

/// A row as it is stored.
pub(crate) struct Row {
    pub(crate) field: Field,
    pub(crate) sealed: Vec<u8>,
    /// Since when there are samples of this shape.
    pub(crate) since: OffsetDateTime,
}

/// What is kept of a user, by field.
pub(crate) async fn list(db: &impl Reads, user: UserId) -> Result<Vec<Row>> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .order_by_asc(Column::Field)
        .all(db.connection())
        .await?;
    let row = |row: Model| {
        Ok(Row {
            field: parsed(&row.field)?,
            sealed: row.sealed,
            since: at(row.created_at),
        })
    };
    rows.into_iter().map(row).collect()
}

/// Writes a row that was read in the same transaction, or a new one with this id.
pub(crate) async fn save(
    db: &impl Writes,
    id: Uuid,
    user: UserId,
    row: Row,
    now: OffsetDateTime,
) -> Result<()> {
    let row = ActiveModel {
        id: Set(id),
        user_id: Set(user.uuid()),
        field: Set(row.field.as_str().to_owned()),
        sealed: Set(row.sealed),
        created_at: Set(row.since.unix_timestamp()),
        updated_at: Set(now.unix_timestamp()),
    };
    let replace = OnConflict::columns([Column::UserId, Column::Field])
        .update_columns([Column::Sealed, Column::CreatedAt, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Erases what is kept of a user.
pub(crate) async fn delete(db: &impl Writes, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Erases what is kept of everybody.
pub(crate) async fn delete_all(db: &impl Writes) -> Result<()> {
    Entity::delete_many().exec(db.connection()).await?;
    Ok(())
}
