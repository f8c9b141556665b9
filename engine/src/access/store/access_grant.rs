//! Grants' rows.

use crate::database::{at, parsed};
use crate::{Error, database, identity};
use latchkey_domain::{
    access::access_grant::{AccessGrant, AccessGrantOrigin, Scopes},
    id::{AccessGrantId, ServiceId, UserId},
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    Condition, FromQueryResult, JoinType, Order, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*, sea_query::Expr,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) service_id: Uuid,
    pub(crate) scopes: String,
    pub(crate) origin: String,
    pub(crate) subject_sealed: Vec<u8>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
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
pub(crate) fn scopes(text: &str) -> Scopes {
    text.parse().unwrap_or(Scopes::NONE)
}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        service_id: Set(row.service_id),
        scopes: Set(row.scopes),
        origin: Set(row.origin),
        subject_sealed: Set(row.subject_sealed),
        created_at: Set(row.created_at),
        expires_at: Set(row.expires_at),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Changes what an existing grant carries; it becomes an explicit one. The subject stays.
pub(crate) async fn change(
    db: &impl ConnectionTrait,
    id: Uuid,
    scopes: Scopes,
    expires_at: Option<i64>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Scopes, Expr::value(scopes.to_string()))
        .col_expr(
            Column::Origin,
            Expr::value(AccessGrantOrigin::Explicit.as_str()),
        )
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    service: ServiceId,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ServiceId.eq(service.uuid()))
        .one(db)
        .await
}

/// All grants of a person.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    Entity::find().all(db).await
}

pub(crate) async fn rows_of(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .all(db)
        .await
}

pub(crate) async fn delete(db: &impl ConnectionTrait, id: Uuid) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(db).await.map(drop)
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    email: String,
    person: String,
    service_id: Uuid,
    service: String,
    scopes: String,
    origin: String,
    created_at: i64,
    expires_at: Option<i64>,
}

impl TryFrom<Row> for AccessGrant {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: AccessGrantId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            email: parsed(&row.email)?,
            person: parsed(&row.person)?,
            service_id: ServiceId::from_uuid(row.service_id),
            service: parsed(&row.service)?,
            scopes: scopes(&row.scopes),
            origin: AccessGrantOrigin::from_word(&row.origin),
            created_at: at(row.created_at),
            expires_at: row.expires_at.map(at),
        })
    }
}

fn view() -> Select<Entity> {
    Entity::find()
        .join(JoinType::InnerJoin, Relation::User.def())
        .join(JoinType::InnerJoin, Relation::Service.def())
        .column(identity::store::user::Column::Email)
        .column_as(identity::store::user::Column::Name, "person")
        .column_as(super::service::Column::Name, "service")
}

/// One grant as pages show it.
pub(crate) async fn show(
    db: &impl ConnectionTrait,
    user: UserId,
    service: ServiceId,
) -> Result<Option<AccessGrant>, Error> {
    let row = view()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ServiceId.eq(service.uuid()))
        .into_model::<Row>()
        .one(db)
        .await?;
    row.map(AccessGrant::try_from).transpose()
}

/// A page of grants, of one person or to one service when asked.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: Option<UserId>,
    service: Option<&str>,
    query: &ListQuery,
) -> Result<Page<AccessGrant>, Error> {
    use super::service::Column as Service;
    use crate::identity::store::user::Column as User;
    let mut filter = Condition::all();
    if let Some(user) = user {
        filter = filter.add(Column::UserId.eq(user.uuid()));
    }
    if let Some(service) = service {
        filter = filter.add(Service::Name.eq(service));
    }
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        filter = filter.add(
            Condition::any()
                .add(User::Email.like(like()))
                .add(User::Name.like(like()))
                .add(Service::Name.like(like())),
        );
    }
    let total = view().filter(filter.clone()).count(db).await?;
    let order = if query.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let select = view().filter(filter);
    let select = match query.sort.as_str() {
        "service" => select.order_by(Service::Name, order),
        "created" => select.order_by(Column::CreatedAt, order),
        _ => select.order_by(User::Email, order),
    };
    let rows = select
        .order_by_asc(Column::Id)
        .offset(query.offset())
        .limit(PAGE_SIZE)
        .into_model::<Row>()
        .all(db)
        .await?;
    let items = rows
        .into_iter()
        .map(AccessGrant::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}

/// The names and ids of services that a person can enter: granted and in time, or all that admit
/// administrators when they are one.
pub(crate) async fn services_of(
    db: &impl ConnectionTrait,
    user: UserId,
    is_admin: bool,
    now: i64,
) -> Result<Vec<super::service::Model>, DbErr> {
    use super::service::{Column as Service, Entity as Services};
    let granted = Entity::find()
        .select_only()
        .column(Column::ServiceId)
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::Origin.eq(AccessGrantOrigin::Explicit.as_str()))
        .filter(
            Condition::any()
                .add(Column::ExpiresAt.is_null())
                .add(Column::ExpiresAt.gt(now)),
        );
    let mut filter = Condition::any().add(Service::Id.in_subquery(granted.into_query()));
    if is_admin {
        filter = filter.add(Service::AdminsEnter.eq(true));
    }
    Services::find()
        .filter(filter)
        .order_by_asc(Service::Name)
        .all(db)
        .await
}
