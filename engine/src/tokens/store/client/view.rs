//! Clients as lists and pages show them.

use super::{Column, Entity, Model, audience, client, secret};
use crate::{
    Result, access,
    database::{self, Reads, page},
};
use latchkey_domain::{
    access::service::ServiceName,
    id::{ClientId, ServiceId},
    pagination::{Batch, Cursor, ListQuery, Page},
    tokens::client::ClientView,
};
use sea_orm::{QueryOrder, entity::prelude::*, sea_query::Query};
use std::collections::{BTreeSet, HashMap};
use time::OffsetDateTime;

/// Adds audiences and live secrets, by one query each for all rows.
async fn complete(
    db: &impl Reads,
    rows: Vec<Model>,
    now: OffsetDateTime,
) -> Result<Vec<ClientView>> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let found = audience::Entity::find()
        .filter(audience::Column::ClientId.is_in(ids.iter().copied()))
        .all(db.connection())
        .await?;
    let mut audiences: HashMap<Uuid, BTreeSet<ServiceId>> = HashMap::new();
    for row in found {
        let services = audiences.entry(row.client_id).or_default();
        services.insert(ServiceId::from_uuid(row.service_id));
    }
    let mut clients = Vec::with_capacity(rows.len());
    for row in rows {
        let client = client(&row, audiences.remove(&row.id).unwrap_or_default())?;
        clients.push(super::complete(db, client).await?);
    }
    let services = clients
        .iter()
        .flat_map(|client| client.audiences.iter().copied());
    let names = access::store::service::names(db, services).await?;
    let mut secrets = secret::views(db, ids, now).await?;
    let mut views = Vec::with_capacity(clients.len());
    for client in clients {
        let mut named: Vec<ServiceName> = (client.audiences.iter())
            .filter_map(|service| names.get(service).cloned())
            .collect();
        named.sort();
        views.push(ClientView {
            id: client.id,
            name: client.name,
            kind: client.kind,
            grant_types: client.grant_types.into_iter().collect(),
            audiences: named,
            scopes: client.scopes,
            redirect_uris: client.redirect_uris.into_iter().collect(),
            algorithm: client.algorithm,
            token_seconds: client.token_lifetime.whole_seconds(),
            has_keys: client.keys.is_some(),
            requires_dpop: client.requires_dpop,
            created_at: client.created_at,
            secrets: secrets.remove(&client.id.uuid()).unwrap_or_default(),
        });
    }
    Ok(views)
}

/// A client by id or by name, as pages show it.
pub(crate) async fn show(
    db: &impl Reads,
    id_or_name: &str,
    now: OffsetDateTime,
) -> Result<Option<ClientView>> {
    let row = super::select(id_or_name).one(db.connection()).await?;
    Ok(complete(db, row.into_iter().collect(), now).await?.pop())
}

/// The clients that get tokens for a service, by name.
pub(crate) async fn of_service(
    db: &impl Reads,
    service: ServiceId,
    now: OffsetDateTime,
) -> Result<Vec<ClientView>> {
    let of_service = Query::select()
        .column(audience::Column::ClientId)
        .from(audience::Entity)
        .and_where(audience::Column::ServiceId.eq(service.uuid()))
        .to_owned();
    let rows = Entity::find()
        .filter(Column::Id.in_subquery(of_service))
        .order_by_asc(Column::Name)
        .all(db.connection())
        .await?;
    complete(db, rows, now).await
}

/// A page of clients.
pub(crate) async fn list(
    db: &impl Reads,
    query: &ListQuery,
    now: OffsetDateTime,
) -> Result<Page<ClientView>> {
    let mut rows = super::added();
    if !query.search.is_empty() {
        rows = rows.filter(Column::Name.like(database::containing(&query.search)));
    }
    let order = page::order(query);
    let rows = match query.sort.as_str() {
        "created" => rows.order_by(Column::CreatedAt, order),
        "kind" => rows.order_by(Column::Kind, order),
        _ => rows.order_by(Column::Name, order),
    };
    let page = page::page::<Model, _>(db, rows, query).await?;
    Ok(Page {
        items: complete(db, page.items, now).await?,
        total: page.total,
        page: page.page,
    })
}

/// A batch of clients.
pub(crate) async fn batch(
    db: &impl Reads,
    cursor: Cursor<ClientId>,
    now: OffsetDateTime,
) -> Result<Batch<ClientView>> {
    let after = cursor.after.map(ClientId::uuid);
    let batch =
        page::batch::<Model, _>(db, Entity::find(), Column::Id, after, cursor.limit).await?;
    Ok(Batch {
        items: complete(db, batch.items, now).await?,
        has_more: batch.has_more,
    })
}
