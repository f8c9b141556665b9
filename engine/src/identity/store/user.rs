//! People's rows.

use crate::database::{at, parsed};
use crate::{Error, database};
use latchkey_domain::{
    id::UserId,
    identity::email::Email,
    identity::user::{Role, User, UserStatus},
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    Condition, FromQueryResult, Order, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) created_at: i64,
    pub(crate) activated_at: Option<i64>,
    pub(crate) disabled_at: Option<i64>,
    pub(crate) passkey_since: Option<i64>,
    pub(crate) passkey_only: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(crate) fn role(&self) -> Role {
        // A word nobody writes must not make an administrator.
        self.role.parse().unwrap_or(Role::User)
    }
}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(row.id),
        email: Set(row.email),
        name: Set(row.name),
        role: Set(row.role),
        created_at: Set(row.created_at),
        activated_at: Set(row.activated_at),
        disabled_at: Set(row.disabled_at),
        passkey_since: Set(row.passkey_since),
        passkey_only: Set(row.passkey_only),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: UserId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await
}

/// Everybody.
pub(crate) async fn ids(db: &impl ConnectionTrait) -> Result<Vec<UserId>, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(UserId::from_uuid).collect())
}

pub(crate) async fn find_by_email(
    db: &impl ConnectionTrait,
    email: &Email,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Email.eq(email.as_str()))
        .one(db)
        .await
}

/// The first registered device makes an invited account active; later ones change nothing.
pub(crate) async fn activate(db: &impl ConnectionTrait, id: UserId, now: i64) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ActivatedAt, Expr::value(now))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::ActivatedAt.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// The first passkey marks the account for good: a code alone is from then on worth less.
pub(crate) async fn got_passkey(
    db: &impl ConnectionTrait,
    id: UserId,
    now: i64,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PasskeySince, Expr::value(now))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::PasskeySince.is_null())
        .exec(db)
        .await
        .map(drop)
}

/// Whether a person signs in with passkeys only.
pub(crate) async fn set_passkey_only(
    db: &impl ConnectionTrait,
    id: UserId,
    passkey_only: bool,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PasskeyOnly, Expr::value(passkey_only))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn set_disabled(
    db: &impl ConnectionTrait,
    id: UserId,
    disabled_at: Option<i64>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(disabled_at))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn set_role(
    db: &impl ConnectionTrait,
    id: UserId,
    role: Role,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Role, Expr::value(role.as_str()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn delete(db: &impl ConnectionTrait, id: UserId) -> Result<(), DbErr> {
    Entity::delete_by_id(id.uuid()).exec(db).await.map(drop)
}

/// Administrators who can still administer: active, not disabled, and with a passkey if they ever had one,
/// because a code lets them in no more. `except` leaves one out.
pub(crate) async fn count_able_administrators(
    db: &impl ConnectionTrait,
    except: UserId,
) -> Result<u64, DbErr> {
    use super::passkey::{Column as Passkey, Entity as Passkeys};
    let with_passkey = Passkeys::find()
        .select_only()
        .column(Passkey::UserId)
        .into_query();
    Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::ActivatedAt.is_not_null())
        .filter(Column::Id.ne(except.uuid()))
        .filter(
            Condition::any()
                .add(Column::PasskeySince.is_null())
                .add(Column::Id.in_subquery(with_passkey)),
        )
        .count(db)
        .await
}

/// Administrators who are active and not disabled. `except` leaves one out.
pub(crate) async fn count_administrators(
    db: &impl ConnectionTrait,
    except: Option<UserId>,
) -> Result<u64, DbErr> {
    let mut select = Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::ActivatedAt.is_not_null());
    if let Some(except) = except {
        select = select.filter(Column::Id.ne(except.uuid()));
    }
    select.count(db).await
}

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

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: UserId::from_uuid(row.id),
            email: parsed(&row.email)?,
            name: parsed(&row.name)?,
            role: parsed(&row.role)?,
            status: match (row.disabled_at, row.activated_at) {
                (Some(_), _) => UserStatus::Disabled,
                (None, None) => UserStatus::Invited,
                (None, Some(_)) => UserStatus::Active,
            },
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
    use super::device::{Column as Device, Entity as Devices};
    Query::select()
        .expr(what)
        .from(Devices)
        .and_where(Expr::col((Devices, Device::UserId)).equals((Entity, Column::Id)))
        .and_where(Expr::col((Devices, Device::RevokedAt)).is_null())
        .and_where(Expr::col((Devices, Device::SignedOutAt)).is_null())
        .to_owned()
}

fn view() -> Select<Entity> {
    use super::{
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

/// One person as pages show them.
pub(crate) async fn show(db: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, Error> {
    view()
        .filter(Column::Id.eq(id.uuid()))
        .into_model::<Row>()
        .one(db)
        .await?
        .map(User::try_from)
        .transpose()
}

/// A page of people.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    query: &ListQuery,
) -> Result<Page<User>, Error> {
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
    let total = Entity::find().filter(filter.clone()).count(db).await?;
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
        .all(db)
        .await?;
    let items = rows
        .into_iter()
        .map(User::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}

/// People who are not disabled.
pub(crate) async fn count_enabled(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::DisabledAt.is_null())
        .count(db)
        .await
}
