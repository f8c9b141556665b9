//! Lists in pages.

use super::Reads;
use crate::Result;
use latchkey_domain::pagination::{Batch, ListQuery, MAX_BATCH, PAGE_SIZE, Page};
use sea_orm::{FromQueryResult, Iterable, Order, QueryOrder, QuerySelect, entity::prelude::*};

/// The direction in which a query sorts.
pub(crate) fn order(query: &ListQuery) -> Order {
    match query.descending {
        true => Order::Desc,
        false => Order::Asc,
    }
}

/// The page that a query asks for, of rows that are filtered and sorted.
pub(crate) async fn page<R, E>(
    db: &impl Reads,
    rows: Select<E>,
    query: &ListQuery,
) -> Result<Page<R>>
where
    R: FromQueryResult + Send + Sync,
    E: EntityTrait,
{
    let key = || E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    // What else the rows have does not change their number.
    let counted = rows.clone().select_only().columns(key());
    let total = counted.into_model::<R>().count(db.connection()).await?;
    // The key settles ties, so that no row is on two pages or on none.
    let items = key()
        .fold(rows, |rows, column| rows.order_by_asc(column))
        .offset(query.offset())
        .limit(PAGE_SIZE)
        .into_model::<R>()
        .all(db.connection())
        .await?;
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}

/// A batch of rows that are filtered, in the order of their ids, which is that of their making (UUIDv7).
pub(crate) async fn batch<R, E>(
    db: &impl Reads,
    rows: Select<E>,
    key: E::Column,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Batch<R>>
where
    R: FromQueryResult + Send + Sync,
    E: EntityTrait,
{
    let limit = limit.clamp(1, MAX_BATCH);
    let rows = match after {
        Some(after) => rows.filter(key.gt(after)),
        None => rows,
    };
    let rows = rows.order_by_asc(key).limit(limit + 1);
    Ok(Batch::of(
        rows.into_model::<R>().all(db.connection()).await?,
        limit,
    ))
}
