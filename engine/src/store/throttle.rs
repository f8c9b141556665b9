//! Counted attempts under a name, such as an address; atomic SQL only.

use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    pub(crate) count: i32,
    pub(crate) last_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(name.to_owned()).one(db).await
}

/// Counts one more; starts again at one when the last was before `window_start`.
pub(crate) async fn count(
    db: &impl ConnectionTrait,
    name: &str,
    now: i64,
    window_start: i64,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        name: Set(name.to_owned()),
        count: Set(1),
        last_at: Set(now),
    };
    let next = CaseStatement::new()
        .case(Expr::col((Entity, Column::LastAt)).lt(window_start), 1)
        .finally(Expr::col((Entity, Column::Count)).add(1));
    let add = OnConflict::column(Column::Name)
        .value(Column::Count, next)
        .value(Column::LastAt, Expr::value(now))
        .to_owned();
    Entity::insert(row)
        .on_conflict(add)
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(crate) async fn reset(db: &impl ConnectionTrait, name: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(name.to_owned())
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn forget_before(db: &impl ConnectionTrait, time: i64) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::LastAt.lt(time))
        .exec(db)
        .await
        .map(drop)
}
