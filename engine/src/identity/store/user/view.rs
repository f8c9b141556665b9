//! Users as lists and pages show them.

use super::{Column, Entity};
use crate::{
    Error, database,
    database::{Reads, at, page, parsed},
    identity::store::{enrolment, recovery},
};
use latchkey_domain::{
    id::UserId,
    identity::user::{Role, UserState, UserView},
    pagination::{Batch, Cursor, ListQuery, Page},
};
use sea_orm::{
    Condition, FromQueryResult, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use time::OffsetDateTime;

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
    enrolment_link_expires_at: Option<i64>,
    recovery_codes_left: i64,
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
            enrolment_link_expires_at: row.enrolment_link_expires_at.map(at),
            recovery_codes_left: u64::try_from(row.recovery_codes_left).unwrap_or_default(),
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

fn view(now: OffsetDateTime) -> Select<Entity> {
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
        .expr_as(link_until(now), "enrolment_link_expires_at")
        .expr_as(
            Expr::SubQuery(None, Box::new(recovery::left((Entity, Column::Id)).into())),
            "recovery_codes_left",
        )
}

/// When the user's enrolment link ends, if one can be used.
fn link_until(now: OffsetDateTime) -> Expr {
    let until = enrolment::open_until((Entity, Column::Id), now);
    Expr::SubQuery(None, Box::new(until.into()))
}

/// One user as pages show them.
pub(crate) async fn show(
    db: &impl Reads,
    id: UserId,
    now: OffsetDateTime,
) -> Result<Option<UserView>, Error> {
    view(now)
        .filter(Column::Id.eq(id.uuid()))
        .into_model::<Row>()
        .one(db.connection())
        .await?
        .map(UserView::try_from)
        .transpose()
}

/// A page of users.
pub(crate) async fn list(
    db: &impl Reads,
    query: &ListQuery,
    now: OffsetDateTime,
) -> Result<Page<UserView>, Error> {
    let mut rows = view(now);
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        rows = rows.filter(
            Condition::any()
                .add(Column::Email.like(like()))
                .add(Column::Name.like(like())),
        );
    }
    rows = match query.filter.as_str() {
        "active" => rows
            .filter(Column::DisabledAt.is_null())
            .filter(Column::ActivatedAt.is_not_null()),
        "invited" => rows
            .filter(Column::DisabledAt.is_null())
            .filter(Column::ActivatedAt.is_null()),
        "disabled" => rows.filter(Column::DisabledAt.is_not_null()),
        // No role has an underscore in its name.
        "open_link" => rows.filter(link_until(now).is_not_null()),
        role => match role.parse::<Role>() {
            Ok(role) => rows.filter(Column::Role.eq(role.as_str())),
            Err(_) => rows,
        },
    };
    let order = page::order(query);
    let rows = match query.sort.as_str() {
        "name" => rows.order_by(Column::Name, order),
        "created" => rows.order_by(Column::CreatedAt, order),
        "last_seen" => rows.order_by(Expr::col("last_seen_at"), order),
        _ => rows.order_by(Column::Email, order),
    };
    page::page::<Row, _>(db, rows, query)
        .await?
        .try_map(UserView::try_from)
}

/// A batch of users; of one address when asked.
pub(crate) async fn batch(
    db: &impl Reads,
    cursor: Cursor<UserId>,
    email: Option<&str>,
    now: OffsetDateTime,
) -> Result<Batch<UserView>, Error> {
    let rows = match email {
        Some(email) => view(now).filter(Column::Email.eq(email)),
        None => view(now),
    };
    let after = cursor.after.map(UserId::uuid);
    page::batch::<Row, _>(db, rows, Column::Id, after, cursor.limit)
        .await?
        .try_map(UserView::try_from)
}
