//! Devices as lists and pages show them.

use super::{Column, Entity, Relation};
use crate::{
    Error, database,
    database::{Reads, at, page, parsed},
};
use latchkey_domain::{
    id::{DeviceId, UserId},
    identity::device::{Assurance, DeviceKind, DeviceView, Registration},
    pagination::{Batch, Cursor, ListQuery, Page},
};
use sea_orm::{
    Condition, FromQueryResult, JoinType, Order, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::Expr,
};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    email: String,
    name: String,
    kind: String,
    registration: String,
    created_at: i64,
    last_seen_at: i64,
    last_ip: Option<String>,
    passkey_verified_at: Option<i64>,
    expires_at: i64,
    revoked_at: Option<i64>,
    signed_out_at: Option<i64>,
    is_limited: bool,
    passkey_after: Option<i64>,
    challenged_at: Option<i64>,
    challenge: Option<String>,
}

impl TryFrom<Row> for DeviceView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let passkey_verified_at = row.passkey_verified_at.map(at);
        Ok(Self {
            id: DeviceId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            email: parsed(&row.email)?,
            name: parsed(&row.name)?,
            kind: DeviceKind::from_word(&row.kind),
            registration: Registration::from_word(&row.registration),
            assurance: Assurance::of(passkey_verified_at),
            created_at: at(row.created_at),
            last_seen_at: at(row.last_seen_at),
            last_ip: row.last_ip,
            passkey_verified_at,
            expires_at: at(row.expires_at),
            is_limited: row.is_limited,
            passkey_after: row.passkey_after.map(at),
            challenge: super::challenge(row.challenged_at, row.challenge.as_deref()),
            signed_out_at: row.signed_out_at.map(at),
            revoked_at: row.revoked_at.map(at),
        })
    }
}

fn view() -> Select<Entity> {
    Entity::find()
        .join(JoinType::InnerJoin, Relation::User.def())
        .column(crate::identity::store::user::Column::Email)
}

/// A user's devices, latest use first; revoked ones last, if wanted.
pub(crate) async fn list_by_user(
    db: &impl Reads,
    user: UserId,
    with_revoked: bool,
) -> Result<Vec<DeviceView>, Error> {
    let mut select = view().filter(Column::UserId.eq(user.uuid()));
    if !with_revoked {
        select = select.filter(Column::RevokedAt.is_null());
    }
    let rows = select
        .order_by(Column::RevokedAt.is_not_null(), Order::Asc)
        .order_by_desc(Column::LastSeenAt)
        .order_by_asc(Column::Id)
        .into_model::<Row>()
        .all(db.connection())
        .await?;
    rows.into_iter().map(DeviceView::try_from).collect()
}

/// A page of all devices.
pub(crate) async fn list(db: &impl Reads, query: &ListQuery) -> Result<Page<DeviceView>, Error> {
    use crate::identity::store::user::Column as User;
    let mut rows = view();
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        rows = rows.filter(
            Condition::any()
                .add(Column::Name.like(like()))
                .add(Column::LastIp.like(like()))
                .add(User::Email.like(like())),
        );
    }
    rows = match query.filter.as_str() {
        "revoked" => rows.filter(Column::RevokedAt.is_not_null()),
        "signed_out" => rows
            .filter(Column::RevokedAt.is_null())
            .filter(Column::SignedOutAt.is_not_null()),
        // By an index of those that are limited.
        "waiting" => rows
            .filter(Expr::col((Entity, Column::IsLimited)))
            .filter(Column::PasskeyAfter.is_null())
            .filter(Column::RevokedAt.is_null())
            .filter(Column::SignedOutAt.is_null()),
        "all" => rows,
        _ => rows
            .filter(Column::RevokedAt.is_null())
            .filter(Column::SignedOutAt.is_null()),
    };
    let order = page::order(query);
    let rows = match query.sort.as_str() {
        "name" => rows.order_by(Column::Name, order),
        "email" => rows.order_by(User::Email, order),
        "created" => rows.order_by(Column::CreatedAt, order),
        "last_seen" => rows.order_by(Column::LastSeenAt, order),
        _ => rows.order_by_desc(Column::LastSeenAt),
    };
    page::page::<Row, _>(db, rows, query)
        .await?
        .try_map(DeviceView::try_from)
}

/// One device as pages show it.
pub(crate) async fn show(db: &impl Reads, id: DeviceId) -> Result<Option<DeviceView>, Error> {
    let row = view().filter(Column::Id.eq(id.uuid()));
    let row = row.into_model::<Row>().one(db.connection()).await?;
    row.map(DeviceView::try_from).transpose()
}

/// A batch of devices, revoked ones too; of one user when asked.
pub(crate) async fn batch(
    db: &impl Reads,
    cursor: Cursor<DeviceId>,
    user: Option<UserId>,
) -> Result<Batch<DeviceView>, Error> {
    let rows = match user {
        Some(user) => view().filter(Column::UserId.eq(user.uuid())),
        None => view(),
    };
    let after = cursor.after.map(DeviceId::uuid);
    page::batch::<Row, _>(db, rows, Column::Id, after, cursor.limit)
        .await?
        .try_map(DeviceView::try_from)
}
