//! Services as lists and pages show them.

use super::{
    Column, Entity, access_tokens::StoredAccessTokens, by_service, host, policy, readable, risk,
    rules, token, without_doubles,
};
use crate::{
    Result, database,
    database::{Reads, at, page},
};
use latchkey_domain::{
    access::service::{ServiceName, ServiceView},
    id::ServiceId,
    pagination::{Batch, Cursor, ListQuery, Page},
};
use sea_orm::{
    Condition, FromQueryResult, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query},
};
use time::OffsetDateTime;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    passkey_max_age: Option<i32>,
    admins_enter: bool,
    rules: String,
    token_scopes: String,
    token_policy: String,
    token_native: bool,
    token_dpop_nonce: bool,
    created_at: i64,
    tells_risk: bool,
    passkey_from: Option<String>,
    device_bound_from: Option<String>,
    grants: i64,
}

/// Adds hosts and live tokens, by one query each for all rows.
async fn complete(
    db: &impl Reads,
    rows: Vec<Row>,
    now: OffsetDateTime,
) -> Result<Vec<ServiceView>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let found = host::Entity::find()
        .filter(host::Column::ServiceId.is_in(ids.iter().copied()))
        .order_by_asc(host::Column::Place)
        .all(db.connection())
        .await?;
    let hosts = by_service(found);
    let mut tokens = token::views(db, ids, now).await?;
    let view = |row: Row| ServiceView {
        id: ServiceId::from_uuid(row.id),
        name: ServiceName::from_stored(&row.name),
        hosts: without_doubles(readable(hosts.get(&row.id).into_iter().flatten())),
        policy: policy(row.passkey_max_age, row.admins_enter),
        rules: rules(&row.name, &row.rules),
        risk: risk(
            row.tells_risk,
            row.passkey_from.as_deref(),
            row.device_bound_from.as_deref(),
        ),
        access_tokens: StoredAccessTokens {
            scopes: &row.token_scopes,
            token_use: &row.token_policy,
            native: row.token_native,
            dpop_nonce: row.token_dpop_nonce,
        }
        .read(&row.name),
        created_at: at(row.created_at),
        grants: u64::try_from(row.grants).unwrap_or_default(),
        tokens: tokens.remove(&row.id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(view).collect())
}

fn view() -> Select<Entity> {
    use crate::access::store::access_grant::{Column as AccessGrant, Entity as Grants};
    let grants = Query::select()
        .expr(Expr::col((Grants, AccessGrant::Id)).count())
        .from(Grants)
        .and_where(Expr::col((Grants, AccessGrant::ServiceId)).equals((Entity, Column::Id)))
        .to_owned();
    Entity::find().expr_as(Expr::SubQuery(None, Box::new(grants.into())), "grants")
}

/// One service as pages show it.
pub(crate) async fn show(
    db: &impl Reads,
    name: &str,
    now: OffsetDateTime,
) -> Result<Option<ServiceView>> {
    let row = view()
        .filter(Column::Name.eq(name))
        .into_model::<Row>()
        .one(db.connection())
        .await?;
    Ok(complete(db, row.into_iter().collect(), now).await?.pop())
}

/// A page of services.
pub(crate) async fn list(
    db: &impl Reads,
    query: &ListQuery,
    now: OffsetDateTime,
) -> Result<Page<ServiceView>> {
    let mut rows = view();
    if !query.search.is_empty() {
        let with_host = Query::select()
            .column(host::Column::ServiceId)
            .from(host::Entity)
            .and_where(host::Column::Host.like(database::containing(&query.search)))
            .to_owned();
        rows = rows.filter(
            Condition::any()
                .add(Column::Name.like(database::containing(&query.search)))
                .add(Column::Id.in_subquery(with_host)),
        );
    }
    let order = page::order(query);
    let rows = match query.sort.as_str() {
        "created" => rows.order_by(Column::CreatedAt, order),
        "grants" => rows.order_by(Expr::col("grants"), order),
        _ => rows.order_by(Column::Name, order),
    };
    let page = page::page::<Row, _>(db, rows, query).await?;
    Ok(Page {
        items: complete(db, page.items, now).await?,
        total: page.total,
        page: page.page,
    })
}

/// A batch of services.
pub(crate) async fn batch(
    db: &impl Reads,
    cursor: Cursor<ServiceId>,
    now: OffsetDateTime,
) -> Result<Batch<ServiceView>> {
    let after = cursor.after.map(ServiceId::uuid);
    let batch = page::batch::<Row, _>(db, view(), Column::Id, after, cursor.limit).await?;
    Ok(Batch {
        items: complete(db, batch.items, now).await?,
        has_more: batch.has_more,
    })
}
