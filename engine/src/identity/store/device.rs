//! Devices' rows.

use crate::database::{at, parsed};
use crate::{Error, database};
use latchkey_domain::{
    access::verify::DeviceFacts,
    id::{DeviceId, UserId},
    identity::device::{Assurance, Device, DeviceKind, DeviceState, Registration},
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    Condition, FromQueryResult, JoinType, Order, QueryOrder, QuerySelect, Set, entity::prelude::*,
    sea_query::Expr,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) secret_tag: Vec<u8>,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) registration: String,
    pub(crate) created_at: i64,
    pub(crate) last_seen_at: i64,
    pub(crate) last_ip: Option<String>,
    pub(crate) last_auth_at: i64,
    /// Named so before; the chain of migrations keeps it.
    #[sea_orm(column_name = "strong_auth_at")]
    pub(crate) passkey_verified_at: Option<i64>,
    pub(crate) expires_at: i64,
    pub(crate) revoked_at: Option<i64>,
    pub(crate) signed_out_at: Option<i64>,
    pub(crate) is_limited: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::user::Entity",
        from = "Column::UserId",
        to = "super::user::Column::Id"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(crate) fn facts(&self) -> DeviceFacts {
        DeviceFacts {
            id: DeviceId::from_uuid(self.id),
            user_id: UserId::from_uuid(self.user_id),
            state: DeviceState::of(self.signed_out_at.map(at), self.revoked_at.map(at)),
            expires_at: at(self.expires_at),
            passkey_verified_at: self.passkey_verified_at.map(at),
        }
    }
}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        secret_tag: Set(row.secret_tag),
        name: Set(row.name),
        kind: Set(row.kind),
        registration: Set(row.registration),
        created_at: Set(row.created_at),
        last_seen_at: Set(row.last_seen_at),
        last_ip: Set(row.last_ip),
        last_auth_at: Set(row.last_auth_at),
        passkey_verified_at: Set(row.passkey_verified_at),
        expires_at: Set(row.expires_at),
        revoked_at: Set(row.revoked_at),
        signed_out_at: Set(row.signed_out_at),
        is_limited: Set(row.is_limited),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: DeviceId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await
}

/// The ids of all devices of a person.
pub(crate) async fn ids_of(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<DeviceId>, DbErr> {
    ids(db, Condition::all().add(Column::UserId.eq(user.uuid()))).await
}

async fn ids(db: &impl ConnectionTrait, which: Condition) -> Result<Vec<DeviceId>, DbErr> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(which)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().map(DeviceId::from_uuid).collect())
}

pub(crate) async fn rename(
    db: &impl ConnectionTrait,
    id: DeviceId,
    name: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

/// Signs a live device out; returns whether it was live.
pub(crate) async fn sign_out(
    db: &impl ConnectionTrait,
    id: DeviceId,
    now: i64,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::SignedOutAt, Expr::value(now))
        .col_expr(Column::PasskeyVerifiedAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::SignedOutAt.is_null())
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Somebody vouches for a limited device; returns whether it was limited.
pub(crate) async fn approve(db: &impl ConnectionTrait, id: DeviceId) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::IsLimited, Expr::value(false))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::IsLimited.eq(true))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Marks a device as revoked, signed in or out; returns whether it was not before.
pub(crate) async fn revoke(
    db: &impl ConnectionTrait,
    id: DeviceId,
    now: i64,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// A fresh proof on a device.
pub(crate) struct Authenticated {
    pub(crate) at: i64,
    /// A passkey assertion, and not a code.
    pub(crate) is_strong: bool,
    pub(crate) is_limited: bool,
    pub(crate) expires_at: i64,
    pub(crate) secret_tag: Vec<u8>,
}

/// Notes a fresh proof: replaces the device's secret and moves its end; one that was signed out is back.
pub(crate) async fn authenticated(
    db: &impl ConnectionTrait,
    id: DeviceId,
    proof: Authenticated,
) -> Result<(), DbErr> {
    let mut update = Entity::update_many()
        .col_expr(Column::LastAuthAt, Expr::value(proof.at))
        .col_expr(Column::LastSeenAt, Expr::value(proof.at))
        .col_expr(Column::ExpiresAt, Expr::value(proof.expires_at))
        .col_expr(Column::SignedOutAt, Expr::value(None::<i64>))
        .col_expr(Column::IsLimited, Expr::value(proof.is_limited))
        .col_expr(Column::SecretTag, Expr::value(proof.secret_tag));
    if proof.is_strong {
        update = update.col_expr(Column::PasskeyVerifiedAt, Expr::value(proof.at));
    }
    update
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

/// Moves the end of a live device on, if its secret is still the one that was brought: a cookie that was
/// replaced meanwhile is not renewed. Returns whether it was.
pub(crate) async fn extend(
    db: &impl ConnectionTrait,
    id: DeviceId,
    secret_tag: &[u8],
    expires_at: i64,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::SecretTag.eq(secret_tag))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::SignedOutAt.is_null())
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Replaces the tag of a device's secret, which stays the same, by one under another key; unless the secret was replaced
/// meanwhile.
pub(crate) async fn retag(
    db: &impl ConnectionTrait,
    id: DeviceId,
    before: &[u8],
    after: Vec<u8>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::SecretTag, Expr::value(after))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::SecretTag.eq(before))
        .exec(db)
        .await
        .map(drop)
}

/// Devices of a person that are not revoked.
pub(crate) async fn count_live(db: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::RevokedAt.is_null())
        .count(db)
        .await
}

/// Signs out every device of a person: their secrets are worth nothing until a new proof makes others.
/// Returns which were signed in.
pub(crate) async fn sign_out_all(
    db: &impl ConnectionTrait,
    user: UserId,
    now: i64,
) -> Result<Vec<DeviceId>, DbErr> {
    let live = Condition::all()
        .add(Column::UserId.eq(user.uuid()))
        .add(Column::RevokedAt.is_null())
        .add(Column::SignedOutAt.is_null());
    let devices = ids(db, live.clone()).await?;
    Entity::update_many()
        .col_expr(Column::SignedOutAt, Expr::value(now))
        .col_expr(Column::PasskeyVerifiedAt, Expr::value(None::<i64>))
        .filter(live)
        .exec(db)
        .await?;
    Ok(devices)
}

/// Lowers each device's last passkey assertion to the last one of the passkeys that are left; without any,
/// it is of passkey assurance no more. Returns which were lowered.
pub(crate) async fn lower_to_passkeys(
    db: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<DeviceId>, DbErr> {
    use super::passkey::used_on::{Column as UsedOn, Entity as UsedOns};
    let strong = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::PasskeyVerifiedAt.is_not_null())
        .all(db)
        .await?;
    let mut lowered = Vec::new();
    for device in strong {
        let last_used_at: Option<i64> = UsedOns::find()
            .select_only()
            .column(UsedOn::LastUsedAt)
            .filter(UsedOn::DeviceId.eq(device.id))
            .order_by_desc(UsedOn::LastUsedAt)
            .limit(1)
            .into_tuple()
            .one(db)
            .await?;
        // `None` is less than any time.
        let left = device.passkey_verified_at.min(last_used_at);
        if left == device.passkey_verified_at {
            continue;
        }
        Entity::update_many()
            .col_expr(Column::PasskeyVerifiedAt, Expr::value(left))
            .filter(Column::Id.eq(device.id))
            .exec(db)
            .await?;
        lowered.push(DeviceId::from_uuid(device.id));
    }
    Ok(lowered)
}

/// Notes that a device was used; never moves the time back.
pub(crate) async fn seen(
    db: &impl ConnectionTrait,
    id: DeviceId,
    when: i64,
    ip: Option<String>,
) -> Result<(), DbErr> {
    let mut update = Entity::update_many().col_expr(Column::LastSeenAt, Expr::value(when));
    if let Some(ip) = ip {
        update = update.col_expr(Column::LastIp, Expr::value(ip));
    }
    update
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::LastSeenAt.lt(when))
        .exec(db)
        .await
        .map(drop)
}

/// Live devices: of passkey assurance, and only registered.
pub(crate) async fn count_by_assurance(
    db: &impl ConnectionTrait,
    now: i64,
) -> Result<(u64, u64), DbErr> {
    let live = || {
        Entity::find()
            .filter(Column::RevokedAt.is_null())
            .filter(Column::SignedOutAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
    };
    let strong = live()
        .filter(Column::PasskeyVerifiedAt.is_not_null())
        .count(db)
        .await?;
    let weak = live()
        .filter(Column::PasskeyVerifiedAt.is_null())
        .count(db)
        .await?;
    Ok((strong, weak))
}

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
    #[sea_orm(from_alias = "strong_auth_at")]
    passkey_verified_at: Option<i64>,
    expires_at: i64,
    revoked_at: Option<i64>,
    signed_out_at: Option<i64>,
    is_limited: bool,
}

impl TryFrom<Row> for Device {
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
        .column(super::user::Column::Email)
}

/// A person's devices, latest use first; revoked ones last, if wanted.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    user: UserId,
    with_revoked: bool,
) -> Result<Vec<Device>, Error> {
    let mut select = view().filter(Column::UserId.eq(user.uuid()));
    if !with_revoked {
        select = select.filter(Column::RevokedAt.is_null());
    }
    let rows = select
        .order_by(Column::RevokedAt.is_not_null(), Order::Asc)
        .order_by_desc(Column::LastSeenAt)
        .order_by_asc(Column::Id)
        .into_model::<Row>()
        .all(db)
        .await?;
    rows.into_iter().map(Device::try_from).collect()
}

/// A page of all devices.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    query: &ListQuery,
) -> Result<Page<Device>, Error> {
    let mut filter = Condition::all();
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        filter = filter.add(
            Condition::any()
                .add(Column::Name.like(like()))
                .add(Column::LastIp.like(like()))
                .add(super::user::Column::Email.like(like())),
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
    let total = view().filter(filter.clone()).count(db).await?;
    let order = if query.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let select = view().filter(filter);
    let select = match query.sort.as_str() {
        "name" => select.order_by(Column::Name, order),
        "email" => select.order_by(super::user::Column::Email, order),
        "created" => select.order_by(Column::CreatedAt, order),
        "last_seen" => select.order_by(Column::LastSeenAt, order),
        _ => select.order_by_desc(Column::LastSeenAt),
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
        .map(Device::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        total,
        page: query.page,
    })
}
