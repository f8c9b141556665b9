//! Clients' rows, with their audiences and secrets.

pub(crate) mod secret;
pub(crate) mod view;

use crate::{
    Result, access,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    access::access_grant::Scopes,
    id::{ClientId, ServiceId},
    tokens::{client::Client, device_key::COMMAND_LINE},
};
use sea_orm::{Set, entity::prelude::*};
use std::collections::{BTreeSet, HashMap};
use time::Duration;

/// Which services a client gets tokens for.
mod audience {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client_audiences")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) client_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) service_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clients")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    kind: String,
    /// Separated by spaces, as scopes and redirect URIs are.
    grant_types: String,
    scopes: String,
    redirect_uris: String,
    algorithm: String,
    token_seconds: i32,
    jwks: Option<String>,
    requires_dpop: bool,
    created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Values with spaces between.
fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(" ")
}

/// The same read again.
fn separated<T: std::str::FromStr, All: FromIterator<T>>(text: &str) -> Result<All>
where
    T::Err: std::fmt::Display,
{
    text.split(' ')
        .filter(|value| !value.is_empty())
        .map(parsed)
        .collect()
}

fn client(row: &Model, audiences: BTreeSet<ServiceId>) -> Result<Client> {
    Ok(Client {
        id: ClientId::from_uuid(row.id),
        name: parsed(&row.name)?,
        kind: parsed(&row.kind)?,
        grant_types: separated(&row.grant_types)?,
        audiences,
        scopes: parsed(&row.scopes)?,
        redirect_uris: separated(&row.redirect_uris)?,
        algorithm: parsed(&row.algorithm)?,
        token_lifetime: Duration::seconds(row.token_seconds.into()),
        keys: row.jwks.clone(),
        requires_dpop: row.requires_dpop,
        created_at: at(row.created_at),
    })
}

pub(crate) async fn insert(db: &impl Writes, client: &Client) -> Result<()> {
    let row = ActiveModel {
        id: Set(client.id.uuid()),
        name: Set(client.name.to_string()),
        kind: Set(client.kind.as_str().to_owned()),
        grant_types: Set(joined(client.grant_types.iter().map(|one| one.as_str()))),
        scopes: Set(client.scopes.to_string()),
        redirect_uris: Set(joined(client.redirect_uris.iter().map(|uri| uri.as_str()))),
        algorithm: Set(client.algorithm.as_str().to_owned()),
        token_seconds: Set(i32::try_from(client.token_lifetime.whole_seconds()).unwrap_or(0)),
        jwks: Set(client.keys.clone()),
        requires_dpop: Set(client.requires_dpop),
        created_at: Set(client.created_at.unix_timestamp()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    let audiences = client
        .audiences
        .iter()
        .map(|service| audience::ActiveModel {
            client_id: Set(client.id.uuid()),
            service_id: Set(service.uuid()),
        });
    audience::Entity::insert_many(audiences)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

async fn audiences(
    db: &impl Reads,
    client: Option<Uuid>,
) -> Result<HashMap<Uuid, BTreeSet<ServiceId>>> {
    let mut select = audience::Entity::find();
    if let Some(client) = client {
        select = select.filter(audience::Column::ClientId.eq(client));
    }
    let mut found: HashMap<_, BTreeSet<_>> = HashMap::new();
    for row in select.all(db.connection()).await? {
        let services = found.entry(row.client_id).or_default();
        services.insert(ServiceId::from_uuid(row.service_id));
    }
    Ok(found)
}

/// What the client of the command line may do follows from the services that accept native devices.
async fn complete(db: &impl Reads, client: Client) -> Result<Client> {
    if client.id != COMMAND_LINE {
        return Ok(client);
    }
    let services = access::store::service::native(db).await?;
    let own = Scopes::ALL.into();
    Ok(Client {
        scopes: (services.iter()).fold(own, |all, (_, scopes)| scopes.union(&all)),
        audiences: services.into_iter().map(|(id, _)| id).collect(),
        ..client
    })
}

fn select(id_or_name: &str) -> Select<Entity> {
    match id_or_name.parse::<ClientId>() {
        Ok(id) => Entity::find_by_id(id.uuid()),
        Err(_) => Entity::find().filter(Column::Name.eq(id_or_name)),
    }
}

/// A client by id or by name.
pub(crate) async fn find(db: &impl Reads, id_or_name: &str) -> Result<Option<Client>> {
    let Some(row) = select(id_or_name).one(db.connection()).await? else {
        return Ok(None);
    };
    let audiences = audiences(db, Some(row.id)).await?.remove(&row.id);
    let client = client(&row, audiences.unwrap_or_default())?;
    complete(db, client).await.map(Some)
}

/// All clients that can be read; of others it is logged, and they get no tokens.
pub(crate) async fn all(db: &impl Reads) -> Result<Vec<Client>> {
    let mut audiences = audiences(db, None).await?;
    let mut clients = Vec::new();
    for row in Entity::find().all(db.connection()).await? {
        match client(&row, audiences.remove(&row.id).unwrap_or_default()) {
            Ok(client) => clients.push(complete(db, client).await?),
            Err(cause) => {
                tracing::error!(client = %row.id, error = %crate::error::chain(&cause), "this client cannot be read, so it gets no tokens; delete it and add it anew");
            }
        }
    }
    Ok(clients)
}

/// Clients that administrators added.
fn added() -> Select<Entity> {
    Entity::find().filter(Column::Id.ne(COMMAND_LINE.uuid()))
}

/// The number of clients that administrators added.
pub(crate) async fn count(db: &impl Reads) -> Result<u64> {
    Ok(added().count(db.connection()).await?)
}

/// Deletes a client, and by foreign keys its audiences and secrets.
pub(crate) async fn delete(db: &impl Writes, id: ClientId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}
