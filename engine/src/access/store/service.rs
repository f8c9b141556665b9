//! Services' rows, with their hosts and tokens.

mod access_tokens;
mod risk_policy;
pub(crate) mod token;
pub(crate) mod view;

use crate::{
    Result,
    database::{Reads, Writes, at},
};
use access_tokens::StoredAccessTokens;
use latchkey_domain::{
    access::rule::Rules,
    access::service::{Policy, Requirement, Service, ServiceName, ServiceToken},
    id::ServiceId,
    request::host::HostPattern,
    tokens::scope::TokenScopes,
};
use risk_policy::{level, risk};
use sea_orm::{QueryOrder, QuerySelect, Set, entity::prelude::*, sea_query::Expr};
use std::collections::HashMap;

/// Hosts; one host belongs to one service.
pub(crate) mod host {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "service_hosts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) host: String,
        pub(crate) service_id: Uuid,
        pub(crate) place: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "services")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn policy(passkey_max_age: Option<i32>, admins_enter: bool) -> Policy {
    let requirement = match passkey_max_age {
        None => Requirement::Device,
        // A negative age would be a mistake; zero is the strictest reading of it.
        Some(seconds) => Requirement::Passkey {
            max_age_seconds: u32::try_from(seconds).unwrap_or(0),
        },
    };
    Policy {
        requirement,
        admins_enter,
    }
}

/// Stored rules. What an older version read and this one refuses closes the service, and only this one.
fn rules(service: &str, stored: &str) -> Rules {
    Rules::parse(stored).unwrap_or_else(|wrong| {
        tracing::error!(service, %wrong, "the rules of this service cannot be read, so it is closed; write them anew");
        Rules::closed()
    })
}

fn max_age(policy: &Policy) -> Option<i32> {
    match policy.requirement {
        Requirement::Device => None,
        Requirement::Passkey { max_age_seconds } => {
            Some(i32::try_from(max_age_seconds).unwrap_or(i32::MAX))
        }
    }
}

/// Stored hosts. One that does not parse, because an older version stored it or somebody changed it, is left out: it
/// matches no request, and its service keeps the others.
fn readable<'a>(stored: impl IntoIterator<Item = &'a String>) -> Vec<HostPattern> {
    let parse = |host: &'a String| host.parse().ok();
    stored.into_iter().filter_map(parse).collect()
}

/// The same hosts, in order, by service.
fn by_service(rows: Vec<host::Model>) -> HashMap<Uuid, Vec<String>> {
    let mut hosts: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        hosts.entry(row.service_id).or_default().push(row.host);
    }
    hosts
}

/// A service may have stored one host in two spellings.
fn without_doubles(hosts: Vec<HostPattern>) -> Vec<HostPattern> {
    let mut single = Vec::with_capacity(hosts.len());
    for host in hosts {
        if !single.contains(&host) {
            single.push(host);
        }
    }
    single
}

fn access_tokens(row: &Model) -> StoredAccessTokens<'_> {
    StoredAccessTokens {
        scopes: &row.token_scopes,
        token_use: &row.token_policy,
        native: row.token_native,
        dpop_nonce: row.token_dpop_nonce,
    }
}

/// A service of its row and its hosts.
fn service(row: Model, hosts: &[String]) -> Service {
    Service {
        id: ServiceId::from_uuid(row.id),
        name: ServiceName::from_stored(&row.name),
        hosts: readable(hosts),
        policy: policy(row.passkey_max_age, row.admins_enter),
        rules: rules(&row.name, &row.rules),
        risk: risk(
            row.tells_risk,
            row.passkey_from.as_deref(),
            row.device_bound_from.as_deref(),
        ),
        access_tokens: access_tokens(&row).read(&row.name),
        created_at: at(row.created_at),
    }
}

pub(crate) async fn insert(db: &impl Writes, service: &Service) -> Result<()> {
    let row = ActiveModel {
        id: Set(service.id.uuid()),
        name: Set(service.name.to_string()),
        passkey_max_age: Set(max_age(&service.policy)),
        admins_enter: Set(service.policy.admins_enter),
        rules: Set(service.rules.to_string()),
        token_scopes: Set(service.access_tokens.scopes.to_string()),
        token_policy: Set(service.access_tokens.token_use.as_str().to_owned()),
        token_native: Set(service.access_tokens.native),
        token_dpop_nonce: Set(service.access_tokens.dpop_nonce),
        created_at: Set(service.created_at.unix_timestamp()),
        tells_risk: Set(service.risk.tells_level),
        passkey_from: Set(level(service.risk.passkey_from)),
        device_bound_from: Set(level(service.risk.device_bound_from)),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    set_hosts(db, service).await
}

/// Writes everything but its name and tokens.
pub(crate) async fn save(db: &impl Writes, service: &Service) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PasskeyMaxAge, Expr::value(max_age(&service.policy)))
        .col_expr(
            Column::AdminsEnter,
            Expr::value(service.policy.admins_enter),
        )
        .col_expr(Column::Rules, Expr::value(service.rules.to_string()))
        .col_expr(
            Column::TokenScopes,
            Expr::value(service.access_tokens.scopes.to_string()),
        )
        .col_expr(
            Column::TokenPolicy,
            Expr::value(service.access_tokens.token_use.as_str()),
        )
        .col_expr(
            Column::TokenNative,
            Expr::value(service.access_tokens.native),
        )
        .col_expr(
            Column::TokenDpopNonce,
            Expr::value(service.access_tokens.dpop_nonce),
        )
        .col_expr(Column::TellsRisk, Expr::value(service.risk.tells_level))
        .col_expr(
            Column::PasskeyFrom,
            Expr::value(level(service.risk.passkey_from)),
        )
        .col_expr(
            Column::DeviceBoundFrom,
            Expr::value(level(service.risk.device_bound_from)),
        )
        .filter(Column::Id.eq(service.id.uuid()))
        .exec(db.connection())
        .await?;
    set_hosts(db, service).await
}

/// Replaces a service's hosts, in order.
async fn set_hosts(db: &impl Writes, service: &Service) -> Result<()> {
    host::Entity::delete_many()
        .filter(host::Column::ServiceId.eq(service.id.uuid()))
        .exec(db.connection())
        .await?;
    if service.hosts.is_empty() {
        return Ok(());
    }
    let rows = (0..)
        .zip(&service.hosts)
        .map(|(place, host)| host::ActiveModel {
            host: Set(host.to_string()),
            service_id: Set(service.id.uuid()),
            place: Set(place),
        });
    host::Entity::insert_many(rows)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// The services that accept native devices, with the scopes that tokens for them can have.
pub(crate) async fn native(db: &impl Reads) -> Result<Vec<(ServiceId, TokenScopes)>> {
    let rows = Entity::find()
        .filter(Column::TokenNative.eq(true))
        .all(db.connection())
        .await?;
    let service = |row: &Model| {
        let tokens = access_tokens(row).read(&row.name);
        (ServiceId::from_uuid(row.id), tokens.scopes, tokens.native)
    };
    let services = rows.iter().map(service);
    Ok(services
        .filter(|(.., is_native)| *is_native)
        .map(|(id, scopes, _)| (id, scopes))
        .collect())
}

/// The first of `hosts` that belongs to a service other than `id`, in whichever spelling it was stored.
pub(crate) async fn taken_host(
    db: &impl Reads,
    id: Option<ServiceId>,
    hosts: &[HostPattern],
) -> Result<Option<String>> {
    let mut select = host::Entity::find()
        .filter(host::Column::Host.is_in(hosts.iter().flat_map(HostPattern::spellings)));
    if let Some(id) = id {
        select = select.filter(host::Column::ServiceId.ne(id.uuid()));
    }
    Ok(select.one(db.connection()).await?.map(|row| row.host))
}

pub(crate) async fn find(db: &impl Reads, id: ServiceId) -> Result<Option<Service>> {
    let row = Entity::find_by_id(id.uuid()).one(db.connection()).await?;
    with_hosts(db, row).await
}

pub(crate) async fn find_by_name(db: &impl Reads, name: &str) -> Result<Option<Service>> {
    let row = Entity::find()
        .filter(Column::Name.eq(name))
        .one(db.connection())
        .await?;
    with_hosts(db, row).await
}

/// The names of these services.
pub(crate) async fn names(
    db: &impl Reads,
    ids: impl Iterator<Item = ServiceId>,
) -> Result<HashMap<ServiceId, ServiceName>> {
    let rows: Vec<(Uuid, String)> = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Name])
        .filter(Column::Id.is_in(ids.map(ServiceId::uuid)))
        .into_tuple()
        .all(db.connection())
        .await?;
    let named =
        |(id, name): (Uuid, String)| (ServiceId::from_uuid(id), ServiceName::from_stored(&name));
    Ok(rows.into_iter().map(named).collect())
}

async fn with_hosts(db: &impl Reads, row: Option<Model>) -> Result<Option<Service>> {
    let Some(row) = row else {
        return Ok(None);
    };
    let hosts: Vec<String> = host::Entity::find()
        .select_only()
        .column(host::Column::Host)
        .filter(host::Column::ServiceId.eq(row.id))
        .order_by_asc(host::Column::Place)
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(Some(service(row, &hosts)))
}

/// Deletes a service, and by foreign keys its hosts, tokens and grants.
pub(crate) async fn delete(db: &impl Writes, id: ServiceId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// All services that a request can name, and all tokens: they are few.
pub(crate) async fn all(db: &impl Reads) -> Result<(Vec<Service>, Vec<ServiceToken>)> {
    let hosts = host::Entity::find()
        .order_by_asc(host::Column::Place)
        .all(db.connection())
        .await?;
    let mut hosts = by_service(hosts);
    let mut services = Vec::new();
    for row in Entity::find().all(db.connection()).await? {
        let (name, hosts) = (&row.name, hosts.remove(&row.id).unwrap_or_default());
        for host in hosts
            .iter()
            .filter(|host| host.parse::<HostPattern>().is_err())
        {
            tracing::error!(
                service = ?name,
                ?host,
                "this host cannot be read, so requests for it are denied; write the hosts of its service anew"
            );
        }
        if let Err(wrong) = ServiceName::parse(name) {
            tracing::error!(service = ?name, %wrong, "the name of this service cannot be read, so it is closed; delete it and add it anew");
            continue;
        }
        services.push(service(row, &hosts));
    }
    Ok((services, token::all(db).await?))
}

/// Every host of every service.
pub(crate) async fn all_hosts(db: &impl Reads) -> Result<Vec<HostPattern>> {
    let hosts: Vec<String> = host::Entity::find()
        .select_only()
        .column(host::Column::Host)
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(readable(&hosts))
}

/// How many services there are.
pub(crate) async fn count(db: &impl Reads) -> Result<u64> {
    Ok(Entity::find().count(db.connection()).await?)
}

#[cfg(test)]
mod tests;
