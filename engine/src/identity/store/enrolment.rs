//! One-time links' rows: only the digest of a code is kept.

use latchkey_domain::id::UserId;
use sea_orm::{Set, entity::prelude::*, sea_query::Expr};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolment_codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) purpose: String,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) expires_at: i64,
    pub(crate) used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    digest: &[u8],
    purpose: &str,
    user: Option<UserId>,
    expires_at: i64,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        digest: Set(digest.to_vec()),
        purpose: Set(purpose.to_owned()),
        user_id: Set(user.map(UserId::uuid)),
        expires_at: Set(expires_at),
        used_at: Set(None),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The live code of that digest.
pub(crate) async fn find_live(
    db: &impl ConnectionTrait,
    digest: &[u8],
    purpose: &str,
    now: i64,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(digest.to_vec())
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .one(db)
        .await
}

/// Uses a live code up; of racing requests, one statement changes the row. Returns whether this was it.
pub(crate) async fn take(
    db: &impl ConnectionTrait,
    digest: &[u8],
    now: i64,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now))
        .filter(Column::Digest.eq(digest))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Ends every unused link of a person; returns how many.
pub(crate) async fn void_all(db: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    let result = Entity::delete_many()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

/// Ends every unused link; returns how many.
pub(crate) async fn void_unused(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    let result = Entity::delete_many()
        .filter(Column::UsedAt.is_null())
        .exec(db)
        .await?;
    Ok(result.rows_affected)
}

/// Makes older codes of a purpose (and person) void, and forgets dead ones.
pub(crate) async fn void(
    db: &impl ConnectionTrait,
    purpose: &str,
    user: Option<UserId>,
) -> Result<(), DbErr> {
    let delete = Entity::delete_many().filter(Column::Purpose.eq(purpose));
    let delete = match user {
        Some(user) => delete.filter(Column::UserId.eq(user.uuid())),
        None => delete.filter(Column::UserId.is_null()),
    };
    delete.exec(db).await.map(drop)
}
