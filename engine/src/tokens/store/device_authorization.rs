//! What programs ask users to approve, as rows.

use crate::{
    Error, Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::{ClientId, DeviceId, ServiceId, UserId},
    tokens::device_authorization::{AuthorizationState, DeviceAuthorization, INTERVAL, SLOW_DOWN},
};
use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_authorizations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    device_code: Vec<u8>,
    user_code: Vec<u8>,
    client_id: Uuid,
    service_id: Uuid,
    scopes: String,
    key_thumbprint: Option<String>,
    ip: Option<String>,
    created_at: i64,
    expires_at: i64,
    state: String,
    user_id: Option<Uuid>,
    device_id: Option<Uuid>,
    poll_seconds: i64,
    next_poll_at: i64,
    public_key: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";

impl TryFrom<Model> for DeviceAuthorization {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let digest = |bytes: Vec<u8>| {
            let bytes: Result<[u8; 32], _> = bytes.try_into();
            bytes.map_err(|_| Error::internal("a digest has 32 bytes"))
        };
        Ok(Self {
            device_code: digest(row.device_code)?,
            user_code: digest(row.user_code)?,
            client_id: ClientId::from_uuid(row.client_id),
            audience: ServiceId::from_uuid(row.service_id),
            scopes: parsed(&row.scopes)?,
            key: row.key_thumbprint,
            public_key: row.public_key,
            ip: row.ip,
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
            state: match (row.state.as_str(), row.user_id, row.device_id) {
                (PENDING, ..) => AuthorizationState::Pending,
                (APPROVED, Some(user), Some(device)) => AuthorizationState::Approved {
                    user: UserId::from_uuid(user),
                    device: DeviceId::from_uuid(device),
                },
                // Whatever else it says.
                _ => AuthorizationState::Denied,
            },
        })
    }
}

pub(crate) async fn insert(db: &impl Writes, authorization: &DeviceAuthorization) -> Result<()> {
    let (state, user, device) = columns(authorization.state);
    let row = ActiveModel {
        device_code: Set(authorization.device_code.to_vec()),
        user_code: Set(authorization.user_code.to_vec()),
        client_id: Set(authorization.client_id.uuid()),
        service_id: Set(authorization.audience.uuid()),
        scopes: Set(authorization.scopes.to_string()),
        key_thumbprint: Set(authorization.key.clone()),
        ip: Set(authorization.ip.clone()),
        created_at: Set(authorization.created_at.unix_timestamp()),
        expires_at: Set(authorization.expires_at.unix_timestamp()),
        state: Set(state.to_owned()),
        user_id: Set(user),
        device_id: Set(device),
        poll_seconds: Set(INTERVAL.whole_seconds()),
        next_poll_at: Set(0),
        public_key: Set(authorization.public_key.clone()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

fn columns(state: AuthorizationState) -> (&'static str, Option<Uuid>, Option<Uuid>) {
    match state {
        AuthorizationState::Pending => (PENDING, None, None),
        AuthorizationState::Approved { user, device } => {
            (APPROVED, Some(user.uuid()), Some(device.uuid()))
        }
        AuthorizationState::Denied => (DENIED, None, None),
    }
}

/// Writes what the user decided.
pub(crate) async fn save(db: &impl Writes, authorization: &DeviceAuthorization) -> Result<()> {
    let (state, user, device) = columns(authorization.state);
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(
            Column::Scopes,
            Expr::value(authorization.scopes.to_string()),
        )
        .col_expr(Column::UserId, Expr::value(user))
        .col_expr(Column::DeviceId, Expr::value(device))
        .filter(Column::DeviceCode.eq(authorization.device_code.to_vec()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(
    db: &impl Reads,
    device_code: &[u8; 32],
) -> Result<Option<DeviceAuthorization>> {
    let row = Entity::find_by_id(device_code.to_vec())
        .one(db.connection())
        .await?;
    row.map(DeviceAuthorization::try_from).transpose()
}

pub(crate) async fn find_by_user_code(
    db: &impl Reads,
    user_code: &[u8; 32],
) -> Result<Option<DeviceAuthorization>> {
    let row = Entity::find()
        .filter(Column::UserCode.eq(user_code.to_vec()))
        .one(db.connection())
        .await?;
    row.map(DeviceAuthorization::try_from).transpose()
}

/// Counts a request of the program; whether it waited long enough since the last one. If not, it has to wait longer.
pub(crate) async fn poll(
    db: &impl Writes,
    device_code: &[u8; 32],
    now: OffsetDateTime,
) -> Result<bool> {
    let now = now.unix_timestamp();
    let next = Expr::col(Column::PollSeconds).add(now);
    let in_time = Entity::update_many()
        .col_expr(Column::NextPollAt, next)
        .filter(Column::DeviceCode.eq(device_code.to_vec()))
        .filter(Column::NextPollAt.lte(now))
        .exec(db.connection())
        .await?;
    if in_time.rows_affected == 1 {
        return Ok(true);
    }
    let slower = Expr::col(Column::PollSeconds).add(SLOW_DOWN.whole_seconds());
    Entity::update_many()
        .col_expr(Column::PollSeconds, slower)
        .filter(Column::DeviceCode.eq(device_code.to_vec()))
        .exec(db.connection())
        .await?;
    Ok(false)
}

/// Takes an authorization out, once: of requests at once, one gets it.
pub(crate) async fn take(db: &impl Writes, device_code: &[u8; 32]) -> Result<bool> {
    let deleted = Entity::delete_by_id(device_code.to_vec())
        .exec(db.connection())
        .await?;
    Ok(deleted.rows_affected == 1)
}

pub(crate) async fn count(db: &impl Reads) -> Result<u64> {
    Ok(Entity::find().count(db.connection()).await?)
}

/// Deletes what a device approved and no program has fetched.
pub(crate) async fn delete_of_device(db: &impl Writes, device: DeviceId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::DeviceId.eq(device.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// The same for a user.
pub(crate) async fn delete_of_user(db: &impl Writes, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete_all(db: &impl Writes) -> Result<()> {
    Entity::delete_many().exec(db.connection()).await?;
    Ok(())
}

pub(crate) async fn delete_expired(db: &impl Writes, before: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(before.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
