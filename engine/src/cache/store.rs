//! The feed of invalidations: what every process has to drop from memory.
//!
//! Their ids have the order of commits, because SQLite has one writer; a database with several needs a lock before the
//! first row of a transaction. The newest row is never pruned: a process that does not find the row it read last has missed others.

use crate::{
    Result,
    database::{Reads, Writes},
};
use latchkey_domain::event::CacheKey;
use sea_orm::{QueryOrder, QuerySelect, Set, entity::prelude::*};
use std::collections::BTreeSet;
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invalidations")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    id: i64,
    time: i64,
    cache_key: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Rows of one statement: databases bound the number of values.
const CHUNK: usize = 500;

pub(crate) async fn insert(
    db: &impl Writes,
    keys: &BTreeSet<CacheKey>,
    now: OffsetDateTime,
) -> Result<()> {
    let rows: Vec<_> = keys
        .iter()
        .map(|key| ActiveModel {
            time: Set(now.unix_timestamp()),
            cache_key: Set(key.to_string()),
            ..Default::default()
        })
        .collect();
    for chunk in rows.chunks(CHUNK) {
        Entity::insert_many(chunk.to_vec())
            .exec_without_returning(db.connection())
            .await?;
    }
    Ok(())
}

/// The id of the newest row.
pub(crate) async fn newest(db: &impl Reads) -> Result<i64, DbErr> {
    let newest: Option<Option<i64>> = Entity::find()
        .select_only()
        .column_as(Column::Id.max(), "id")
        .into_tuple()
        .one(db.connection())
        .await?;
    Ok(newest.flatten().unwrap_or_default())
}

/// What came after a row.
pub(crate) enum News {
    /// The keys of the next rows, in order, and the id of the last. `None` for a key that this version does not know.
    Keys(Vec<Option<CacheKey>>, i64),
    /// The row was pruned, and others with it.
    Missed,
}

/// At most `limit` rows after the row `seen`.
pub(crate) async fn after(db: &impl Reads, seen: i64, limit: u64) -> Result<News> {
    let rows = Entity::find()
        .filter(Column::Id.gte(seen))
        .order_by_asc(Column::Id)
        .limit(limit + 1)
        .all(db.connection())
        .await?;
    let Some((_, news)) = rows.split_first().filter(|(first, _)| first.id == seen) else {
        return Ok(News::Missed);
    };
    let last = news.last().map_or(seen, |row| row.id);
    let keys = news.iter().map(|row| row.cache_key.parse().ok()).collect();
    Ok(News::Keys(keys, last))
}

/// Forgets rows from before `before`, but the newest.
pub(crate) async fn prune(db: &impl Writes, before: OffsetDateTime) -> Result<()> {
    let newest = newest(db).await?;
    Entity::delete_many()
        .filter(Column::Time.lt(before.unix_timestamp()))
        .filter(Column::Id.lt(newest))
        .exec(db.connection())
        .await?;
    Ok(())
}
