//! What lives for a while: ceremonies under way and what is kept for somebody, sealed, and marks of use; each under a digest.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ceremonies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) purpose: String,
    #[sea_orm(column_type = "Blob")]
    pub(crate) state_sealed: Vec<u8>,
    pub(crate) expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        digest: Set(row.digest),
        purpose: Set(row.purpose),
        state_sealed: Set(row.state_sealed),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Inserts a row unless there is one of that digest; returns whether it was the first.
pub(crate) async fn insert_new(db: &impl ConnectionTrait, row: Model) -> Result<bool, DbErr> {
    let row = ActiveModel {
        digest: Set(row.digest),
        purpose: Set(row.purpose),
        state_sealed: Set(row.state_sealed),
        expires_at: Set(row.expires_at),
    };
    let leave_it = OnConflict::column(Column::Digest)
        .do_nothing_on([Column::Digest])
        .to_owned();
    let inserted = Entity::insert(row)
        .on_conflict(leave_it)
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// Inserts a row, or puts it in the place of the one of that digest.
pub(crate) async fn replace(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        digest: Set(row.digest),
        purpose: Set(row.purpose),
        state_sealed: Set(row.state_sealed),
        expires_at: Set(row.expires_at),
    };
    let replaced = OnConflict::column(Column::Digest)
        .update_columns([Column::Purpose, Column::StateSealed, Column::ExpiresAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replaced)
        .exec_without_returning(db)
        .await
        .map(drop)
}

#[cfg(test)]
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}

pub(crate) async fn find(db: &impl ConnectionTrait, digest: &[u8]) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(digest.to_vec()).one(db).await
}

/// Takes a ceremony out; of racing requests, one delete removes the row. Whoever gets the state has it alone.
/// Ends all of them.
pub(crate) async fn delete_all(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    Entity::delete_many().exec(db).await.map(drop)
}

pub(crate) async fn take(db: &impl ConnectionTrait, digest: &[u8]) -> Result<Option<Model>, DbErr> {
    let Some(row) = find(db, digest).await? else {
        return Ok(None);
    };
    let removed = Entity::delete_by_id(digest.to_vec())
        .exec(db)
        .await?
        .rows_affected;
    Ok((removed == 1).then_some(row))
}

pub(crate) async fn forget_expired(db: &impl ConnectionTrait, now: i64) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await
        .map(drop)
}
