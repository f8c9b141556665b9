//! Access tokens that were revoked before they expired, as rows: digests of their ids.

use crate::{
    Result,
    database::{Reads, Writes},
};
use sea_orm::{QuerySelect, Set, entity::prelude::*, sea_query::OnConflict};
use std::collections::HashSet;
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "revoked_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: Vec<u8>,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(
    db: &impl Writes,
    digest: [u8; 32],
    expires_at: OffsetDateTime,
) -> Result<()> {
    let row = ActiveModel {
        digest: Set(digest.to_vec()),
        expires_at: Set(expires_at.unix_timestamp()),
    };
    let unchanged = OnConflict::column(Column::Digest)
        .do_nothing_on([Column::Digest])
        .to_owned();
    Entity::insert(row)
        .on_conflict(unchanged)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// The digests of all.
pub(crate) async fn all(db: &impl Reads) -> Result<HashSet<[u8; 32]>> {
    let digests: Vec<Vec<u8>> = Entity::find()
        .select_only()
        .column(Column::Digest)
        .into_tuple()
        .all(db.connection())
        .await?;
    let digests = digests.into_iter();
    Ok(digests
        .filter_map(|digest| digest.try_into().ok())
        .collect())
}

pub(crate) async fn delete_expired(db: &impl Writes, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
