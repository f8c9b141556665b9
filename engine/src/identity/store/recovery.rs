//! Recovery codes' rows: only their digests are kept.

use crate::{
    Result,
    database::{Reads, Writes, at},
    identity::store::user,
};
use latchkey_domain::{
    id::UserId,
    identity::recovery::{RecoveryCodes, RecoveryCodesView},
};
use sea_orm::{
    PaginatorTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: Vec<u8>,
    user_id: Uuid,
    made_at: i64,
    used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Inserts codes; older ones of their user are deleted.
pub(crate) async fn replace(db: &impl Writes, codes: &RecoveryCodes) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(codes.user.uuid()))
        .exec(db.connection())
        .await?;
    let rows = codes.digests.iter().map(|digest| ActiveModel {
        digest: Set(digest.clone()),
        user_id: Set(codes.user.uuid()),
        made_at: Set(codes.made_at.unix_timestamp()),
        used_at: Set(None),
    });
    Entity::insert_many(rows)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Whose unused code has this digest.
pub(crate) async fn owner_of_unused(db: &impl Reads, digest: &[u8]) -> Result<Option<UserId>> {
    let row = Entity::find_by_id(digest.to_vec())
        .filter(Column::UsedAt.is_null())
        .one(db.connection())
        .await?;
    Ok(row.map(|row| UserId::from_uuid(row.user_id)))
}

/// Uses a code of this user up; of racing requests, one statement changes the row. Returns whether this was it.
pub(crate) async fn take(
    db: &impl Writes,
    digest: &[u8],
    user: UserId,
    now: OffsetDateTime,
) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.unix_timestamp()))
        .filter(Column::Digest.eq(digest))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::UsedAt.is_null())
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected == 1)
}

/// How many codes of a user were not used.
pub(crate) async fn count_unused(db: &impl Reads, user: UserId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::UsedAt.is_null())
        .count(db.connection())
        .await?)
}

/// The same for the user in a column, as a sub-select.
pub(crate) fn left(user: (user::Entity, user::Column)) -> SelectStatement {
    SelectStatement::new()
        .expr(Expr::col((Entity, Column::Digest)).count())
        .from(Entity)
        .and_where(Expr::col((Entity, Column::UserId)).equals(user))
        .and_where(Expr::col((Entity, Column::UsedAt)).is_null())
        .to_owned()
}

/// The codes of a user; `None` if they never made any.
pub(crate) async fn show(db: &impl Reads, user: UserId) -> Result<Option<RecoveryCodesView>> {
    let row = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .one(db.connection())
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(RecoveryCodesView {
        left: count_unused(db, user).await?,
        made_at: at(row.made_at),
    }))
}

/// Deletes every code; returns how many were not used.
pub(crate) async fn delete_all(db: &impl Writes) -> Result<u64> {
    let unused = Entity::find()
        .filter(Column::UsedAt.is_null())
        .count(db.connection())
        .await?;
    Entity::delete_many().exec(db.connection()).await?;
    Ok(unused)
}
