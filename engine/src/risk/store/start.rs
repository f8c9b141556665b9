//! The row that says since when risk is assessed.

use crate::database::at;
use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_start")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i32,
    started_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The first start: now, if there was none.
pub(crate) async fn first(
    db: &impl ConnectionTrait,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, DbErr> {
    if let Some(row) = Entity::find_by_id(1).one(db).await? {
        return Ok(at(row.started_at));
    }
    let row = ActiveModel {
        id: Set(1),
        started_at: Set(now.unix_timestamp()),
    };
    let unchanged = OnConflict::column(Column::Id)
        .do_nothing_on([Column::Id])
        .to_owned();
    Entity::insert(row)
        .on_conflict(unchanged)
        .exec_without_returning(db)
        .await?;
    let row = Entity::find_by_id(1).one(db).await?;
    Ok(row.map_or(now, |row| at(row.started_at)))
}
