//! Services' rows, with their hosts and tokens.

use crate::database::{at, parsed};
use crate::{Error, database};
use latchkey_domain::{
    access::rule::Rules,
    access::service::{Policy, Requirement, Service, ServiceName, ServiceToken},
    id::ServiceId,
    pagination::{ListQuery, PAGE_SIZE, Page},
    request::host::HostPattern,
};
use sea_orm::{
    Condition, FromQueryResult, Order, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query},
};

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

/// Tokens: a public label to find the row by, and a salted digest of the secret half.
pub(crate) mod token {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "service_tokens")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) label: String,
        pub(crate) service_id: Uuid,
        pub(crate) salt: Vec<u8>,
        pub(crate) digest: Vec<u8>,
        pub(crate) created_at: i64,
        pub(crate) expires_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "services")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) passkey_max_age: Option<i32>,
    pub(crate) admins_enter: bool,
    pub(crate) rules: String,
    pub(crate) created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(crate) fn policy(&self) -> Policy {
        policy(self.passkey_max_age, self.admins_enter)
    }

    pub(crate) fn rules(&self) -> Rules {
        rules(&self.name, &self.rules)
    }
}

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

pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    id: ServiceId,
    name: &ServiceName,
    policy: &Policy,
    rules: &Rules,
    now: i64,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(id.uuid()),
        name: Set(name.to_string()),
        passkey_max_age: Set(max_age(policy)),
        admins_enter: Set(policy.admins_enter),
        rules: Set(rules.to_string()),
        created_at: Set(now),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(crate) async fn set_policy(
    db: &impl ConnectionTrait,
    id: ServiceId,
    policy: &Policy,
    rules: &Rules,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PasskeyMaxAge, Expr::value(max_age(policy)))
        .col_expr(Column::AdminsEnter, Expr::value(policy.admins_enter))
        .col_expr(Column::Rules, Expr::value(rules.to_string()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
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

/// Replaces a service's hosts, in order.
pub(crate) async fn set_hosts(
    db: &impl ConnectionTrait,
    id: ServiceId,
    hosts: &[HostPattern],
) -> Result<(), DbErr> {
    host::Entity::delete_many()
        .filter(host::Column::ServiceId.eq(id.uuid()))
        .exec(db)
        .await?;
    for (place, name) in hosts.iter().enumerate() {
        let row = host::ActiveModel {
            host: Set(name.to_string()),
            service_id: Set(id.uuid()),
            place: Set(i32::try_from(place).unwrap_or(i32::MAX)),
        };
        host::Entity::insert(row).exec_without_returning(db).await?;
    }
    Ok(())
}

/// The first of `hosts` that belongs to a service other than `id`, in whichever spelling it was stored.
pub(crate) async fn taken_host(
    db: &impl ConnectionTrait,
    id: Option<ServiceId>,
    hosts: &[HostPattern],
) -> Result<Option<String>, DbErr> {
    let mut select = host::Entity::find()
        .filter(host::Column::Host.is_in(hosts.iter().flat_map(HostPattern::spellings)));
    if let Some(id) = id {
        select = select.filter(host::Column::ServiceId.ne(id.uuid()));
    }
    Ok(select.one(db).await?.map(|row| row.host))
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: ServiceId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await
}

pub(crate) async fn find_by_name(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Name.eq(name)).one(db).await
}

pub(crate) async fn delete(db: &impl ConnectionTrait, id: ServiceId) -> Result<(), DbErr> {
    Entity::delete_by_id(id.uuid()).exec(db).await.map(drop)
}

/// How many tokens and grants end with a service.
pub(crate) async fn attached(
    db: &impl ConnectionTrait,
    id: ServiceId,
) -> Result<(u64, u64), DbErr> {
    use super::access_grant::{Column as AccessGrant, Entity as Grants};
    let tokens = token::Entity::find()
        .filter(token::Column::ServiceId.eq(id.uuid()))
        .count(db)
        .await?;
    let grants = Grants::find()
        .filter(AccessGrant::ServiceId.eq(id.uuid()))
        .count(db)
        .await?;
    Ok((tokens, grants))
}

pub(crate) async fn add_token(db: &impl ConnectionTrait, row: token::Model) -> Result<(), DbErr> {
    let row = token::ActiveModel {
        label: Set(row.label),
        service_id: Set(row.service_id),
        salt: Set(row.salt),
        digest: Set(row.digest),
        created_at: Set(row.created_at),
        expires_at: Set(row.expires_at),
    };
    token::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Rotation: the current token lives until `until`; one that was on its way out already goes now.
pub(crate) async fn retire_tokens(
    db: &impl ConnectionTrait,
    id: ServiceId,
    until: i64,
) -> Result<(), DbErr> {
    token::Entity::delete_many()
        .filter(token::Column::ServiceId.eq(id.uuid()))
        .filter(token::Column::ExpiresAt.is_not_null())
        .exec(db)
        .await?;
    token::Entity::update_many()
        .col_expr(token::Column::ExpiresAt, Expr::value(until))
        .filter(token::Column::ServiceId.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

/// Everything that verify must know of services: all of them are few.
pub(crate) async fn all(
    db: &impl ConnectionTrait,
) -> Result<(Vec<Model>, Vec<token::Model>, Vec<host::Model>), DbErr> {
    Ok((
        Entity::find().all(db).await?,
        token::Entity::find().all(db).await?,
        host::Entity::find().all(db).await?,
    ))
}

/// Every host of every service.
pub(crate) async fn all_hosts(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    host::Entity::find()
        .select_only()
        .column(host::Column::Host)
        .into_tuple()
        .all(db)
        .await
}

/// The hosts of a service, in order.
pub(crate) async fn hosts_of(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<String>, DbErr> {
    host::Entity::find()
        .select_only()
        .column(host::Column::Host)
        .filter(host::Column::ServiceId.eq(id))
        .order_by_asc(host::Column::Place)
        .into_tuple()
        .all(db)
        .await
}

/// The first host of each service, by service.
pub(crate) async fn first_host(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<String>, DbErr> {
    Ok(host::Entity::find()
        .filter(host::Column::ServiceId.eq(id))
        .order_by_asc(host::Column::Place)
        .one(db)
        .await?
        .map(|row| row.host))
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    passkey_max_age: Option<i32>,
    admins_enter: bool,
    rules: String,
    created_at: i64,
    grants: i64,
}

async fn complete(db: &impl ConnectionTrait, row: Row, now: i64) -> Result<Service, Error> {
    let hosts = host::Entity::find()
        .filter(host::Column::ServiceId.eq(row.id))
        .order_by_asc(host::Column::Place)
        .all(db)
        .await?;
    let tokens = token::Entity::find()
        .filter(token::Column::ServiceId.eq(row.id))
        .filter(
            Condition::any()
                .add(token::Column::ExpiresAt.is_null())
                .add(token::Column::ExpiresAt.gt(now)),
        )
        .order_by_desc(token::Column::CreatedAt)
        .all(db)
        .await?;
    Ok(Service {
        id: ServiceId::from_uuid(row.id),
        name: parsed(&row.name)?,
        hosts: hosts
            .iter()
            .map(|host| parsed(&host.host))
            .collect::<Result<_, _>>()
            .map(without_doubles)?,
        policy: policy(row.passkey_max_age, row.admins_enter),
        rules: rules(&row.name, &row.rules),
        created_at: at(row.created_at),
        grants: u64::try_from(row.grants).unwrap_or_default(),
        tokens: tokens
            .into_iter()
            .map(|token| ServiceToken {
                label: token.label,
                created_at: at(token.created_at),
                expires_at: token.expires_at.map(at),
            })
            .collect(),
    })
}

fn view() -> Select<Entity> {
    use super::access_grant::{Column as AccessGrant, Entity as Grants};
    let grants = Query::select()
        .expr(Expr::col((Grants, AccessGrant::Id)).count())
        .from(Grants)
        .and_where(Expr::col((Grants, AccessGrant::ServiceId)).equals((Entity, Column::Id)))
        .to_owned();
    Entity::find().expr_as(Expr::SubQuery(None, Box::new(grants.into())), "grants")
}

/// One service as pages show it.
pub(crate) async fn show(
    db: &impl ConnectionTrait,
    name: &str,
    now: i64,
) -> Result<Option<Service>, Error> {
    match view()
        .filter(Column::Name.eq(name))
        .into_model::<Row>()
        .one(db)
        .await?
    {
        Some(row) => complete(db, row, now).await.map(Some),
        None => Ok(None),
    }
}

/// A page of services.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    query: &ListQuery,
    now: i64,
) -> Result<Page<Service>, Error> {
    let mut filter = Condition::all();
    if !query.search.is_empty() {
        let with_host = Query::select()
            .column(host::Column::ServiceId)
            .from(host::Entity)
            .and_where(host::Column::Host.like(database::containing(&query.search)))
            .to_owned();
        filter = filter.add(
            Condition::any()
                .add(Column::Name.like(database::containing(&query.search)))
                .add(Column::Id.in_subquery(with_host)),
        );
    }
    let total = Entity::find().filter(filter.clone()).count(db).await?;
    let order = if query.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let select = view().filter(filter);
    let select = match query.sort.as_str() {
        "created" => select.order_by(Column::CreatedAt, order),
        "grants" => select.order_by(Expr::col("grants"), order),
        _ => select.order_by(Column::Name, order),
    };
    let rows = select
        .order_by_asc(Column::Id)
        .offset(query.offset())
        .limit(PAGE_SIZE)
        .into_model::<Row>()
        .all(db)
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(complete(db, row, now).await?);
    }
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}

/// How many services there are.
pub(crate) async fn count(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find().count(db).await
}
