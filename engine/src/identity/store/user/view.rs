//! Users as lists and pages show them.

use super::{Column, Entity};
use crate::{
    Error, database,
    database::{Reads, at, parsed},
};
use latchkey_domain::{
    id::UserId,
    identity::user::{Role, UserState, UserView},
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    Condition, FromQueryResult, Order, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    created_at: i64,
    activated_at: Option<i64>,
    disabled_at: Option<i64>,
    passkey_only: bool,
    last_seen_at: Option<i64>,
    devices: i64,
    passkeys: i64,
}

impl TryFrom<Row> for UserView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId::from_uuid(row.id),
            email: parsed(&row.email)?,
            name: parsed(&row.name)?,
            role: parsed(&row.role)?,
            status: UserState::of(row.activated_at.map(at), row.disabled_at.map(at)).status(),
            created_at: at(row.created_at),
            last_seen_at: row.last_seen_at.map(at),
            devices: u64::try_from(row.devices).unwrap_or_default(),
            passkeys: u64::try_from(row.passkeys).unwrap_or_default(),
            passkey_only: row.passkey_only,
        })
    }
}

/// Something of the live devices of the row's user, as a sub-select.
fn of_devices(what: Expr) -> SelectStatement {
    use crate::identity::store::device::{Column as Device, Entity as Devices};
    Query::select()
        .expr(what)
        .from(Devices)
        .and_where(Expr::col((Devices, Device::UserId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Devices, Device::RevokedAt)).is_null())
        .and_where(Expr::col((Devices, Device::SignedOutAt)).is_null())
        .to_owned()
}

fn view() -> Select<Entity> {
    use crate::identity::store::{
        device::Column as Device,
        passkey::{Column as Passkey, Entity as Passkeys},
    };
    let passkeys = Query::select()
        .expr(Expr::col((Passkeys, Passkey::Id)).count())
        .from(Passkeys)
        .and_where(Expr::col((Passkeys, Passkey::UserId)).equals((Entity, Column::Id)))
        .to_owned();
    Entity::find()
        .expr_as(
            Expr::SubQuery(
                None,
                Box::new(of_devices(Expr::col(Device::LastSeenAt).max()).into()),
            ),
            "last_seen_at",
        )
        .expr_as(
            Expr::SubQuery(
                None,
                Box::new(of_devices(Expr::col(Device::Id).count()).into()),
            ),
            "devices",
        )
        .expr_as(Expr::SubQuery(None, Box::new(passkeys.into())), "passkeys")
}

/// One user as pages show them.
pub(crate) async fn show(db: &impl Reads, id: UserId) -> Result<Option<UserView>, Error> {
    view()
        .filter(Column::Id.eq(id.uuid()))
        .into_model::<Row>()
        .one(db.connection())
        .await?
        .map(UserView::try_from)
        .transpose()
}

/// A page of users.
pub(crate) async fn list(db: &impl Reads, query: &ListQuery) -> Result<Page<UserView>, Error> {
    let mut filter = Condition::all();
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        filter = filter.add(
            Condition::any()
                .add(Column::Email.like(like()))
                .add(Column::Name.like(like())),
        );
    }
    filter = match query.filter.as_str() {
        "active" => filter
            .add(Column::DisabledAt.is_null())
            .add(Column::ActivatedAt.is_not_null()),
        "invited" => filter
            .add(Column::DisabledAt.is_null())
            .add(Column::ActivatedAt.is_null()),
        "disabled" => filter.add(Column::DisabledAt.is_not_null()),
        "admin" => filter.add(Column::Role.eq(Role::Admin.as_str())),
        _ => filter,
    };
    let total = Entity::find()
        .filter(filter.clone())
        .count(db.connection())
        .await?;
    let order = if query.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let select = view().filter(filter);
    let select = match query.sort.as_str() {
        "name" => select.order_by(Column::Name, order),
        "created" => select.order_by(Column::CreatedAt, order),
        "last_seen" => select.order_by(Expr::col("last_seen_at"), order),
        _ => select.order_by(Column::Email, order),
    };
    // The id settles ties, so that no row is on two pages or on none.
    let rows = select
        .order_by_asc(Column::Id)
        .offset(query.offset())
        .limit(PAGE_SIZE)
        .into_model::<Row>()
        .all(db.connection())
        .await?;
    let items = rows
        .into_iter()
        .map(UserView::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}
