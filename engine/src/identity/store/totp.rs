//! Authenticator apps' rows.

use latchkey_domain::id::UserId;
use sea_orm::{
    Condition, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "totp_factors")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    pub(crate) secret_sealed: Vec<u8>,
    pub(crate) confirmed_at: i64,
    pub(crate) last_step: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn find(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(user.uuid()).one(db).await
}

/// Sets a person's authenticator app; a former one is forgotten.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().all(db).await
}

pub(crate) async fn set(
    db: &impl ConnectionTrait,
    user: UserId,
    secret_sealed: Vec<u8>,
    now: i64,
    last_step: Option<i64>,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        user_id: Set(user.uuid()),
        secret_sealed: Set(secret_sealed),
        confirmed_at: Set(now),
        last_step: Set(last_step),
    };
    let replace = OnConflict::column(Column::UserId)
        .update_columns([Column::SecretSealed, Column::ConfirmedAt, Column::LastStep])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Accepts a code's step, once: of many parallel requests with one code, one statement changes the row.
/// Returns whether this was it.
pub(crate) async fn use_step(
    db: &impl ConnectionTrait,
    user: UserId,
    step: i64,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(
            Condition::any()
                .add(Column::LastStep.is_null())
                .add(Column::LastStep.lt(step)),
        )
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Removes a person's authenticator app; returns whether there was one.
pub(crate) async fn delete(db: &impl ConnectionTrait, user: UserId) -> Result<bool, DbErr> {
    let result = Entity::delete_by_id(user.uuid()).exec(db).await?;
    Ok(result.rows_affected == 1)
}
