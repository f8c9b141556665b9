//! Token families as lists and pages show them.

use super::{Column, Entity, Relation};
use crate::{
    Error, Result, access,
    database::{self, Reads, at, page, parsed},
    identity,
    tokens::store::client,
};
use latchkey_domain::{
    id::{ClientId, DeviceId, TokenFamilyId, UserId},
    pagination::{Batch, Cursor, ListQuery, Page},
    tokens::{client::GrantType, family::TokenFamilyView},
};
use sea_orm::{Condition, FromQueryResult, JoinType, QueryOrder, QuerySelect, entity::prelude::*};
use time::OffsetDateTime;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    email: String,
    client_id: Uuid,
    client_name: String,
    service_name: String,
    scopes: String,
    device_id: Uuid,
    device_name: String,
    grant_type: String,
    key_thumbprint: Option<String>,
    created_at: i64,
    refreshed_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for TokenFamilyView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: TokenFamilyId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            email: parsed(&row.email)?,
            client_id: ClientId::from_uuid(row.client_id),
            client: parsed(&row.client_name)?,
            service: parsed(&row.service_name)?,
            scopes: parsed(&row.scopes)?,
            is_native: row.grant_type == GrantType::JwtBearer.as_str(),
            device_id: DeviceId::from_uuid(row.device_id),
            device: parsed(&row.device_name)?,
            is_bound: row.key_thumbprint.is_some(),
            created_at: at(row.created_at),
            refreshed_at: at(row.refreshed_at),
            expires_at: at(row.expires_at),
        })
    }
}

/// Families that have not ended, with the names of what they belong to.
fn live(now: OffsetDateTime) -> Select<Entity> {
    Entity::find()
        .join(JoinType::InnerJoin, Relation::User.def())
        .join(JoinType::InnerJoin, Relation::Device.def())
        .join(JoinType::InnerJoin, Relation::Client.def())
        .join(JoinType::InnerJoin, Relation::Service.def())
        .column(identity::store::user::Column::Email)
        .column_as(client::Column::Name, "client_name")
        .column_as(access::store::service::Column::Name, "service_name")
        .column_as(identity::store::device::Column::Name, "device_name")
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
}

/// The families of a user, the newest first.
pub(crate) async fn list_by_user(
    db: &impl Reads,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<TokenFamilyView>> {
    let rows = live(now)
        .filter(Column::UserId.eq(user.uuid()))
        .order_by_desc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .into_model::<Row>()
        .all(db.connection())
        .await?;
    rows.into_iter().map(TokenFamilyView::try_from).collect()
}

/// A batch of families; of one user when asked.
pub(crate) async fn batch(
    db: &impl Reads,
    cursor: Cursor<TokenFamilyId>,
    user: Option<UserId>,
    now: OffsetDateTime,
) -> Result<Batch<TokenFamilyView>> {
    let rows = match user {
        Some(user) => live(now).filter(Column::UserId.eq(user.uuid())),
        None => live(now),
    };
    let after = cursor.after.map(TokenFamilyId::uuid);
    page::batch::<Row, _>(db, rows, Column::Id, after, cursor.limit)
        .await?
        .try_map(TokenFamilyView::try_from)
}

/// A page of all families.
pub(crate) async fn list(
    db: &impl Reads,
    query: &ListQuery,
    now: OffsetDateTime,
) -> Result<Page<TokenFamilyView>> {
    use identity::store::user::Column as User;
    let mut rows = live(now);
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        rows = rows.filter(
            Condition::any()
                .add(client::Column::Name.like(like()))
                .add(User::Email.like(like())),
        );
    }
    let order = page::order(query);
    let rows = match query.sort.as_str() {
        "client" => rows.order_by(client::Column::Name, order),
        "email" => rows.order_by(User::Email, order),
        "created" => rows.order_by(Column::CreatedAt, order),
        "refreshed" => rows.order_by(Column::RefreshedAt, order),
        _ => rows.order_by_desc(Column::RefreshedAt),
    };
    page::page::<Row, _>(db, rows, query)
        .await?
        .try_map(TokenFamilyView::try_from)
}
