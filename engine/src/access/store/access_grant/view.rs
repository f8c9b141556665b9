//! Access grants as lists and pages show them.

use super::{Column, Entity, Relation};
use crate::{
    Error, database,
    database::{Reads, at, page, parsed},
    identity,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, AccessGrantView},
    access::service::ServiceName,
    id::{AccessGrantId, ServiceId, UserId},
    pagination::{Batch, Cursor, ListQuery, Page},
};
use sea_orm::{Condition, FromQueryResult, JoinType, QueryOrder, QuerySelect, entity::prelude::*};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    email: String,
    user_name: String,
    service_id: Uuid,
    service: String,
    scopes: String,
    origin: String,
    created_at: i64,
    expires_at: Option<i64>,
}

impl TryFrom<Row> for AccessGrantView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: AccessGrantId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            email: parsed(&row.email)?,
            user: parsed(&row.user_name)?,
            service_id: ServiceId::from_uuid(row.service_id),
            service: ServiceName::from_stored(&row.service),
            scopes: super::scopes(&row.scopes),
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
        .column_as(identity::store::user::Column::Name, "user_name")
        .column_as(crate::access::store::service::Column::Name, "service")
}

/// One grant as pages show it.
pub(crate) async fn show(
    db: &impl Reads,
    user: UserId,
    service: ServiceId,
) -> Result<Option<AccessGrantView>, Error> {
    let row = view()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ServiceId.eq(service.uuid()))
        .into_model::<Row>()
        .one(db.connection())
        .await?;
    row.map(AccessGrantView::try_from).transpose()
}

/// A page of grants, of one user or to one service when asked.
pub(crate) async fn list(
    db: &impl Reads,
    user: Option<UserId>,
    service: Option<&str>,
    query: &ListQuery,
) -> Result<Page<AccessGrantView>, Error> {
    use crate::access::store::service::Column as Service;
    use crate::identity::store::user::Column as User;
    let mut rows = view();
    if let Some(user) = user {
        rows = rows.filter(Column::UserId.eq(user.uuid()));
    }
    if let Some(service) = service {
        rows = rows.filter(Service::Name.eq(service));
    }
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        rows = rows.filter(
            Condition::any()
                .add(User::Email.like(like()))
                .add(User::Name.like(like()))
                .add(Service::Name.like(like())),
        );
    }
    let order = page::order(query);
    let rows = match query.sort.as_str() {
        "service" => rows.order_by(Service::Name, order),
        "created" => rows.order_by(Column::CreatedAt, order),
        _ => rows.order_by(User::Email, order),
    };
    page::page::<Row, _>(db, rows, query)
        .await?
        .try_map(AccessGrantView::try_from)
}

/// One grant, by id.
pub(crate) async fn find(
    db: &impl Reads,
    id: AccessGrantId,
) -> Result<Option<AccessGrantView>, Error> {
    let row = view().filter(Column::Id.eq(id.uuid()));
    let row = row.into_model::<Row>().one(db.connection()).await?;
    row.map(AccessGrantView::try_from).transpose()
}

/// A batch of grants, of one user or to one service when asked.
pub(crate) async fn batch(
    db: &impl Reads,
    cursor: Cursor<AccessGrantId>,
    user: Option<UserId>,
    service: Option<&str>,
) -> Result<Batch<AccessGrantView>, Error> {
    let mut rows = view();
    if let Some(user) = user {
        rows = rows.filter(Column::UserId.eq(user.uuid()));
    }
    if let Some(service) = service {
        rows = rows.filter(crate::access::store::service::Column::Name.eq(service));
    }
    let after = cursor.after.map(AccessGrantId::uuid);
    page::batch::<Row, _>(db, rows, Column::Id, after, cursor.limit)
        .await?
        .try_map(AccessGrantView::try_from)
}
