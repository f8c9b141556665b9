//! Devices' rows.

pub(crate) mod view;

use crate::{
    Error, Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::{DeviceId, UserId},
    identity::device::{
        AuthMethod, Device, DeviceKind, DeviceLimit, DeviceState, KnownBrowsers, MailConfirmation,
        Recovery, Registration,
    },
    risk::{Challenge, Demand, LastAssessment, Level},
};
use sea_orm::{Condition, NotSet, QuerySelect, Set, entity::prelude::*, sea_query::Expr};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "devices")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    secret_tag: Vec<u8>,
    name: String,
    kind: String,
    registration: String,
    created_at: i64,
    last_seen_at: i64,
    last_ip: Option<String>,
    last_auth_at: i64,
    auth_method: String,
    passkey_verified_at: Option<i64>,
    expires_at: i64,
    revoked_at: Option<i64>,
    signed_out_at: Option<i64>,
    is_limited: bool,
    passkey_after: Option<i64>,
    recovery_since: Option<i64>,
    mail_confirmation: Option<String>,
    challenged_at: Option<i64>,
    challenge: Option<String>,
    browsers: Option<String>,
    risk_level: Option<String>,
    risk_at: Option<i64>,
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

fn challenge(since: Option<i64>, demand: Option<&str>) -> Option<Challenge> {
    since.map(|since| Challenge {
        at: at(since),
        // One whose name is missing asks for the most.
        demand: Demand::from_word(demand.unwrap_or_default()),
    })
}

impl TryFrom<Model> for Device {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let recovery = row.passkey_after.map(|passkey_after| Recovery {
            // Without a beginning, it ends no device on which somebody signed in at any time.
            since: at(row.recovery_since.unwrap_or_default()),
            passkey_after: at(passkey_after),
            mail: MailConfirmation::from_word(row.mail_confirmation.as_deref()),
        });
        let challenge = challenge(row.challenged_at, row.challenge.as_deref());
        let assessed = row.risk_at.map(|since| LastAssessment {
            // One whose level is missing or unknown is the highest.
            level: (row.risk_level.as_deref())
                .and_then(|level| level.parse().ok())
                .unwrap_or(Level::Held),
            at: at(since),
        });
        let limit = DeviceLimit::of(row.is_limited, recovery);
        Ok(Self {
            id: DeviceId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            secret_tag: row.secret_tag,
            name: parsed(&row.name)?,
            kind: DeviceKind::from_word(&row.kind),
            registration: Registration::from_word(&row.registration),
            created_at: at(row.created_at),
            last_seen_at: at(row.last_seen_at),
            last_ip: row.last_ip,
            last_auth_at: at(row.last_auth_at),
            auth_method: AuthMethod::from_word(&row.auth_method),
            passkey_verified_at: row.passkey_verified_at.map(at),
            expires_at: at(row.expires_at),
            limit: limit.with_challenge(challenge),
            browsers: KnownBrowsers::from_stored(row.browsers.as_deref().unwrap_or_default()),
            assessed,
            challenge,
            state: DeviceState::of(row.signed_out_at.map(at), row.revoked_at.map(at)),
        })
    }
}

impl From<&Device> for ActiveModel {
    fn from(device: &Device) -> Self {
        let set = |at: Option<OffsetDateTime>| Set(at.map(OffsetDateTime::unix_timestamp));
        let recovery = device.limit.recovery();
        let (signed_out_at, revoked_at) = match device.state {
            DeviceState::Active => (set(None), set(None)),
            DeviceState::SignedOut { at } => (set(Some(at)), set(None)),
            // Whether it was signed out before stays to be seen.
            DeviceState::Revoked { at } => (NotSet, set(Some(at))),
        };
        Self {
            id: Set(device.id.uuid()),
            user_id: Set(device.user_id.uuid()),
            secret_tag: Set(device.secret_tag.clone()),
            name: Set(device.name.to_string()),
            kind: Set(device.kind.as_str().to_owned()),
            registration: Set(device.registration.as_str().to_owned()),
            created_at: Set(device.created_at.unix_timestamp()),
            last_seen_at: Set(device.last_seen_at.unix_timestamp()),
            last_ip: Set(device.last_ip.clone()),
            last_auth_at: Set(device.last_auth_at.unix_timestamp()),
            auth_method: Set(device.auth_method.as_str().to_owned()),
            passkey_verified_at: set(device.passkey_verified_at),
            expires_at: Set(device.expires_at.unix_timestamp()),
            revoked_at,
            signed_out_at,
            is_limited: Set(device.limit.is_limited()),
            passkey_after: set(recovery.map(|recovery| recovery.passkey_after)),
            recovery_since: set(recovery.map(|recovery| recovery.since)),
            mail_confirmation: Set(recovery
                .and_then(|recovery| recovery.mail.word())
                .map(str::to_owned)),
            challenged_at: set(device.challenge.map(|challenge| challenge.at)),
            challenge: Set((device.challenge).map(|owed| owed.demand.as_str().to_owned())),
            browsers: Set(Some(device.browsers.to_string())),
            risk_level: Set((device.assessed).map(|last| last.level.as_str().to_owned())),
            risk_at: set(device.assessed.map(|last| last.at)),
        }
    }
}

pub(crate) async fn insert(db: &impl Writes, device: &Device) -> Result<()> {
    Entity::insert(ActiveModel::from(device))
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Writes a device that was read in the same transaction.
pub(crate) async fn save(db: &impl Writes, device: &Device) -> Result<()> {
    let mut row = ActiveModel::from(device);
    row.id = NotSet;
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(device.id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Writes devices that were signed out together, in one statement.
pub(crate) async fn save_signed_out(db: &impl Writes, devices: &[Device]) -> Result<()> {
    let Some(DeviceState::SignedOut { at }) = devices.first().map(|device| device.state) else {
        return Ok(());
    };
    Entity::update_many()
        .col_expr(Column::SignedOutAt, Expr::value(at.unix_timestamp()))
        .col_expr(Column::PasskeyVerifiedAt, Expr::value(None::<i64>))
        .filter(Column::Id.is_in(devices.iter().map(|device| device.id.uuid())))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl Reads, id: DeviceId) -> Result<Option<Device>> {
    let row = Entity::find_by_id(id.uuid()).one(db.connection()).await?;
    row.map(Device::try_from).transpose()
}

async fn list_where(db: &impl Reads, filter: Condition) -> Result<Vec<Device>> {
    let rows = Entity::find().filter(filter).all(db.connection()).await?;
    rows.into_iter().map(Device::try_from).collect()
}

/// The devices on which a user is signed in.
pub(crate) async fn list_active_by_user(db: &impl Reads, user: UserId) -> Result<Vec<Device>> {
    let filter = Condition::all()
        .add(Column::UserId.eq(user.uuid()))
        .add(Column::RevokedAt.is_null())
        .add(Column::SignedOutAt.is_null());
    list_where(db, filter).await
}

/// A user's devices of passkey assurance, in whatever state.
pub(crate) async fn list_with_assertion(db: &impl Reads, user: UserId) -> Result<Vec<Device>> {
    let filter = Condition::all()
        .add(Column::UserId.eq(user.uuid()))
        .add(Column::PasskeyVerifiedAt.is_not_null());
    list_where(db, filter).await
}

/// The devices in recovery, of all users, that are signed in.
pub(crate) async fn list_recovering(db: &impl Reads) -> Result<Vec<Device>> {
    let filter = Condition::all()
        .add(Column::PasskeyAfter.is_not_null())
        .add(Column::RevokedAt.is_null())
        .add(Column::SignedOutAt.is_null());
    list_where(db, filter).await
}

/// The ids of all devices of a user.
pub(crate) async fn list_ids_by_user(db: &impl Reads, user: UserId) -> Result<Vec<DeviceId>> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(user.uuid()))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(ids.into_iter().map(DeviceId::from_uuid).collect())
}

/// Moves the end of a live device on, if its secret is still the one that was brought: a cookie that was
/// replaced meanwhile is not renewed. Returns whether it was.
pub(crate) async fn extend(
    db: &impl Writes,
    id: DeviceId,
    secret_tag: &[u8],
    expires_at: OffsetDateTime,
) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(expires_at.unix_timestamp()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::SecretTag.eq(secret_tag))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::SignedOutAt.is_null())
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected == 1)
}

/// Replaces the tag of a device's secret, which stays the same, by one under another key; unless the secret was replaced
/// meanwhile.
pub(crate) async fn retag(
    db: &impl Writes,
    id: DeviceId,
    before: &[u8],
    after: Vec<u8>,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SecretTag, Expr::value(after))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::SecretTag.eq(before))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// How many devices of a user are not revoked.
pub(crate) async fn count_live(db: &impl Reads, user: UserId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::RevokedAt.is_null())
        .count(db.connection())
        .await?)
}

/// Notes that a device was used; never moves the time back.
pub(crate) async fn save_last_seen(
    db: &impl Writes,
    id: DeviceId,
    when: i64,
    ip: Option<String>,
) -> Result<()> {
    let mut update = Entity::update_many().col_expr(Column::LastSeenAt, Expr::value(when));
    if let Some(ip) = ip {
        update = update.col_expr(Column::LastIp, Expr::value(ip));
    }
    update
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::LastSeenAt.lt(when))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Live devices: of passkey assurance, and only registered.
pub(crate) async fn count_by_assurance(db: &impl Reads, now: OffsetDateTime) -> Result<(u64, u64)> {
    let live = || {
        Entity::find()
            .filter(Column::RevokedAt.is_null())
            .filter(Column::SignedOutAt.is_null())
            .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
    };
    let strong = live()
        .filter(Column::PasskeyVerifiedAt.is_not_null())
        .count(db.connection())
        .await?;
    let weak = live()
        .filter(Column::PasskeyVerifiedAt.is_null())
        .count(db.connection())
        .await?;
    Ok((strong, weak))
}
