//! Values and marks of use as rows, each under a digest.

use crate::{
    Result, database,
    ephemeral::purpose::{LookupDigest, ValuePurpose},
};
use sea_orm::{Condition, Set, entity::prelude::*, sea_query::OnConflict};
use std::collections::HashSet;
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ceremonies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: Vec<u8>,
    purpose: String,
    /// The sealed value; empty for a mark of use.
    #[sea_orm(column_type = "Blob")]
    state_sealed: Vec<u8>,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn row(
    purpose: ValuePurpose,
    digest: LookupDigest,
    value: Vec<u8>,
    expires_at: OffsetDateTime,
) -> ActiveModel {
    ActiveModel {
        digest: Set(digest.to_vec()),
        purpose: Set(purpose.as_str().to_owned()),
        state_sealed: Set(value),
        expires_at: Set(expires_at.unix_timestamp()),
    }
}

pub(crate) async fn put(
    db: &impl ConnectionTrait,
    purpose: ValuePurpose,
    digest: LookupDigest,
    value: Vec<u8>,
    expires_at: OffsetDateTime,
) -> Result<()> {
    let replaced = OnConflict::column(Column::Digest)
        .update_columns([Column::Purpose, Column::StateSealed, Column::ExpiresAt])
        .to_owned();
    Entity::insert(row(purpose, digest, value, expires_at))
        .on_conflict(replaced)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

pub(crate) async fn mark_all(
    db: &impl ConnectionTrait,
    marks: Vec<(ValuePurpose, LookupDigest, OffsetDateTime)>,
) -> Result<HashSet<Vec<u8>>> {
    let row = |(purpose, digest, expires_at)| row(purpose, digest, Vec::new(), expires_at);
    let mut new = HashSet::new();
    for marks in database::statements(marks) {
        let inserted = Entity::insert_many(marks.into_iter().map(row))
            .on_conflict(unless_marked())
            .exec_with_returning_keys(db);
        new.extend(inserted.await?);
    }
    Ok(new)
}

pub(crate) async fn mark_once(
    db: &impl ConnectionTrait,
    purpose: ValuePurpose,
    digest: LookupDigest,
    expires_at: OffsetDateTime,
) -> Result<bool> {
    let inserted = Entity::insert(row(purpose, digest, Vec::new(), expires_at))
        .on_conflict(unless_marked())
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

fn unless_marked() -> OnConflict {
    OnConflict::column(Column::Digest)
        .do_nothing_on([Column::Digest])
        .to_owned()
}

pub(crate) async fn peek(
    db: &impl ConnectionTrait,
    purpose: ValuePurpose,
    digest: LookupDigest,
    now: OffsetDateTime,
) -> Result<Option<Vec<u8>>> {
    let row = Entity::find()
        .filter(is_live(purpose, digest, now))
        .one(db)
        .await?;
    Ok(row.map(|row| row.state_sealed))
}

pub(crate) async fn take(
    db: &impl ConnectionTrait,
    purpose: ValuePurpose,
    digest: LookupDigest,
    now: OffsetDateTime,
) -> Result<Option<Vec<u8>>> {
    // Deleted and read in one statement: of racing requests, one gets the row.
    let mut rows = Entity::delete_many()
        .filter(is_live(purpose, digest, now))
        .exec_with_returning(db)
        .await?;
    Ok(rows.pop().map(|row| row.state_sealed))
}

fn is_live(purpose: ValuePurpose, digest: LookupDigest, now: OffsetDateTime) -> Condition {
    Condition::all()
        .add(Column::Digest.eq(digest.to_vec()))
        .add(Column::Purpose.eq(purpose.as_str()))
        .add(Column::ExpiresAt.gt(now.unix_timestamp()))
}

/// Values that are sealed and have not ended.
pub(crate) fn sealed(now: OffsetDateTime) -> Select<Entity> {
    Entity::find()
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .filter(Column::Purpose.is_not_in(ValuePurpose::NOT_SEALED.map(ValuePurpose::as_str)))
}

pub(crate) async fn delete_unused(db: &impl ConnectionTrait) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Purpose.is_not_in(ValuePurpose::MARKS.map(ValuePurpose::as_str)))
        .exec(db)
        .await?;
    Ok(())
}

pub(crate) async fn delete_expired(db: &impl ConnectionTrait, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now.unix_timestamp()))
        .exec(db)
        .await?;
    Ok(())
}

#[cfg(test)]
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}
