//! The tombstone: one row, if entries were removed.

use crate::database::{Reads, Writes};
use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};

/// Its only id.
const ID: i32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_tombstone")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i32,
    /// A JWS; nothing of it is in a column of its own, where it could be changed.
    signed: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// It, if there is one.
pub(crate) async fn find(db: &impl Reads) -> Result<Option<String>, DbErr> {
    let row = Entity::find_by_id(ID).one(db.connection()).await?;
    Ok(row.map(|row| row.signed))
}

/// Puts it in the place of the former one.
pub(crate) async fn put(db: &impl Writes, signed: &str) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(ID),
        signed: Set(signed.to_owned()),
    };
    let replacing = OnConflict::column(Column::Id)
        .update_column(Column::Signed)
        .to_owned();
    Entity::insert(row)
        .on_conflict(replacing)
        .exec_without_returning(db.connection())
        .await
        .map(drop)
}

/// Removes the entries up to `seq`, of which it tells.
pub(crate) async fn remove_up_to(db: &impl Writes, seq: i64) -> Result<u64, DbErr> {
    use crate::audit::store::{Column, Entity};
    let removed = Entity::delete_many()
        .filter(Column::Seq.lte(seq))
        .exec(db.connection())
        .await?;
    Ok(removed.rows_affected)
}

/// The last of the entries from before a time, up to which all are from before it.
pub(crate) async fn last_before(db: &impl Reads, time: i64) -> Result<Option<i64>, DbErr> {
    use crate::audit::store::{Column, Entity, head};
    use sea_orm::QuerySelect;
    let first: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::Seq.min(), "first")
        .filter(Column::Time.gte(time))
        .into_tuple()
        .one(db.connection())
        .await?;
    if let Some(first) = first.flatten() {
        return Ok(Some(first - 1));
    }
    let head = head::Entity::find_by_id(1).one(db.connection()).await?;
    Ok(head.map(|head| head.seq))
}
