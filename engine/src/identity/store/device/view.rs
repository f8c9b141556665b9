//! Devices as lists and pages show them.

use super::{Column, Entity, Relation};
use crate::{
    Error, database,
    database::{Reads, at, parsed},
};
use latchkey_domain::{
    id::{DeviceId, UserId},
    identity::device::{Assurance, DeviceKind, DeviceView, Registration},
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    Condition, FromQueryResult, JoinType, Order, QueryOrder, QuerySelect, entity::prelude::*,
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
pub(crate) async fn of(
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
    let mut filter = Condition::all();
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        filter = filter.add(
            Condition::any()
                .add(Column::Name.like(like()))
                .add(Column::LastIp.like(like()))
                .add(crate::identity::store::user::Column::Email.like(like())),
        );
    }
    filter = match query.filter.as_str() {
        "revoked" => filter.add(Column::RevokedAt.is_not_null()),
        "signed_out" => filter
            .add(Column::RevokedAt.is_null())
            .add(Column::SignedOutAt.is_not_null()),
        "all" => filter,
        _ => filter
            .add(Column::RevokedAt.is_null())
            .add(Column::SignedOutAt.is_null()),
    };
    let total = view().filter(filter.clone()).count(db.connection()).await?;
    let order = if query.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let select = view().filter(filter);
    let select = match query.sort.as_str() {
        "name" => select.order_by(Column::Name, order),
        "email" => select.order_by(crate::identity::store::user::Column::Email, order),
        "created" => select.order_by(Column::CreatedAt, order),
        "last_seen" => select.order_by(Column::LastSeenAt, order),
        _ => select.order_by_desc(Column::LastSeenAt),
    };
    let rows = select
        .order_by_asc(Column::Id)
        .offset(query.offset())
        .limit(PAGE_SIZE)
        .into_model::<Row>()
        .all(db.connection())
        .await?;
    let items = rows
        .into_iter()
        .map(DeviceView::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}
