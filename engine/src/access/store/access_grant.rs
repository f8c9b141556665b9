//! Access grants' rows.

pub(crate) mod view;

use crate::{
    Result,
    database::{Reads, Writes, at},
};
use latchkey_domain::{
    access::access_grant::{AccessGrant, AccessGrantOrigin, Scopes},
    access::service::ServiceName,
    id::{AccessGrantId, ServiceId, UserId},
    request::host::HostPattern,
};
use sea_orm::{
    Condition, NotSet, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    service_id: Uuid,
    scopes: String,
    origin: String,
    subject_sealed: Vec<u8>,
    created_at: i64,
    expires_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "crate::identity::store::user::Entity",
        from = "Column::UserId",
        to = "crate::identity::store::user::Column::Id"
    )]
    User,
    #[sea_orm(
        belongs_to = "super::service::Entity",
        from = "Column::ServiceId",
        to = "super::service::Column::Id"
    )]
    Service,
}

impl ActiveModelBehavior for ActiveModel {}

/// Reads stored scopes; an unreadable set is the empty one.
fn scopes(text: &str) -> Scopes {
    text.parse().unwrap_or(Scopes::NONE)
}

impl From<Model> for AccessGrant {
    fn from(row: Model) -> Self {
        Self {
            id: AccessGrantId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            service_id: ServiceId::from_uuid(row.service_id),
            scopes: scopes(&row.scopes),
            origin: AccessGrantOrigin::from_word(&row.origin),
            subject_sealed: row.subject_sealed,
            created_at: at(row.created_at),
            expires_at: row.expires_at.map(at),
        }
    }
}

impl From<&AccessGrant> for ActiveModel {
    fn from(grant: &AccessGrant) -> Self {
        Self {
            id: Set(grant.id.uuid()),
            user_id: Set(grant.user_id.uuid()),
            service_id: Set(grant.service_id.uuid()),
            scopes: Set(grant.scopes.to_string()),
            origin: Set(grant.origin.as_str().to_owned()),
            subject_sealed: Set(grant.subject_sealed.clone()),
            created_at: Set(grant.created_at.unix_timestamp()),
            expires_at: Set(grant.expires_at.map(OffsetDateTime::unix_timestamp)),
        }
    }
}

pub(crate) async fn insert(db: &impl Writes, grant: &AccessGrant) -> Result<()> {
    Entity::insert(ActiveModel::from(grant))
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Writes a grant that was read in the same transaction.
pub(crate) async fn save(db: &impl Writes, grant: &AccessGrant) -> Result<()> {
    let mut row = ActiveModel::from(grant);
    row.id = NotSet;
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(grant.id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(
    db: &impl Reads,
    user: UserId,
    service: ServiceId,
) -> Result<Option<AccessGrant>> {
    let row = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ServiceId.eq(service.uuid()))
        .one(db.connection())
        .await?;
    Ok(row.map(AccessGrant::from))
}

/// Every user's grants.
pub(crate) async fn all(db: &impl Reads) -> Result<Vec<AccessGrant>> {
    let rows = Entity::find().all(db.connection()).await?;
    Ok(rows.into_iter().map(AccessGrant::from).collect())
}

/// All grants of a user.
pub(crate) async fn list_by_user(db: &impl Reads, user: UserId) -> Result<Vec<AccessGrant>> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .all(db.connection())
        .await?;
    Ok(rows.into_iter().map(AccessGrant::from).collect())
}

/// How many grants a user has.
pub(crate) async fn count_by_user(db: &impl Reads, user: UserId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .count(db.connection())
        .await?)
}

/// How many grants to a service there are.
pub(crate) async fn count_by_service(db: &impl Reads, service: ServiceId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::ServiceId.eq(service.uuid()))
        .count(db.connection())
        .await?)
}

pub(crate) async fn delete(db: &impl Writes, id: AccessGrantId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// The services that a user can enter, by name, each with its first host: granted and in time, or all that admit
/// administrators when they are one.
pub(crate) async fn list_services_by_user(
    db: &impl Reads,
    user: UserId,
    is_admin: bool,
    now: OffsetDateTime,
) -> Result<Vec<(ServiceName, Option<HostPattern>)>> {
    use super::service::{Column as Service, Entity as Services, host};
    let granted = Entity::find()
        .select_only()
        .column(Column::ServiceId)
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::Origin.eq(AccessGrantOrigin::Explicit.as_str()))
        .filter(
            Condition::any()
                .add(Column::ExpiresAt.is_null())
                .add(Column::ExpiresAt.gt(now.unix_timestamp())),
        );
    let mut filter = Condition::any().add(Service::Id.in_subquery(granted.into_query()));
    if is_admin {
        filter = filter.add(Service::AdminsEnter.eq(true));
    }
    let first_host = Query::select()
        .expr(Expr::col((host::Entity, host::Column::Host)))
        .from(host::Entity)
        .and_where(
            Expr::col((host::Entity, host::Column::ServiceId)).equals((Services, Service::Id)),
        )
        .order_by(
            (host::Entity, host::Column::Place),
            sea_orm::sea_query::Order::Asc,
        )
        .limit(1)
        .to_owned();
    let rows: Vec<(String, Option<String>)> = Services::find()
        .select_only()
        .column(Service::Name)
        .expr_as(Expr::SubQuery(None, Box::new(first_host.into())), "host")
        .filter(filter)
        .order_by_asc(Service::Name)
        .into_tuple()
        .all(db.connection())
        .await?;
    // A service whose name cannot be read is closed.
    let services = rows.into_iter().filter_map(|(name, host)| {
        let host = host.and_then(|host| host.parse().ok());
        Some((ServiceName::parse(&name).ok()?, host))
    });
    Ok(services.collect())
}
