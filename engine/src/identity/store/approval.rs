//! What users decided about browsers that asked to be approved, as rows. A request has no row before somebody decides.

use crate::{
    Error, Result,
    database::{Reads, Writes},
};
use latchkey_domain::{
    id::{DeviceId, PasskeyId, UserId},
    identity::approval::ApprovalState,
};
use sea_orm::{
    Set, UpdateMany,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_approvals")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    request_digest: Vec<u8>,
    user_id: Uuid,
    device_id: Uuid,
    passkey_id: Option<Uuid>,
    state: String,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const GRANTED: &str = "granted";
const COLLECTED: &str = "collected";
const DENIED: &str = "denied";
const ENDED: &str = "ended";

/// What a user decided about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) request: [u8; 32],
    pub(crate) user: UserId,
    /// The device on which they decided.
    pub(crate) device: DeviceId,
    /// The passkey with which they approved it; `None` if they did not.
    pub(crate) passkey: Option<PasskeyId>,
    pub(crate) state: ApprovalState,
    pub(crate) expires_at: OffsetDateTime,
}

impl TryFrom<Model> for Decision {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        let request: Result<[u8; 32], _> = row.request_digest.try_into();
        Ok(Self {
            request: request.map_err(|_| Error::internal("a digest has 32 bytes"))?,
            user: UserId::from_uuid(row.user_id),
            device: DeviceId::from_uuid(row.device_id),
            passkey: row.passkey_id.map(PasskeyId::from_uuid),
            state: match row.state.as_str() {
                GRANTED => ApprovalState::Granted,
                COLLECTED => ApprovalState::Collected,
                // Whatever else it says.
                _ => ApprovalState::Ended,
            },
            expires_at: crate::database::at(row.expires_at),
        })
    }
}

/// Nobody has decided about a request without a row, and a decision that ends one is a denial or a wrong number.
const fn word(state: ApprovalState) -> &'static str {
    match state {
        ApprovalState::Granted => GRANTED,
        ApprovalState::Collected => COLLECTED,
        ApprovalState::Ended | ApprovalState::Waiting => DENIED,
    }
}

/// Writes a decision; whether it is the first about this request: of decisions at once, one is.
pub(crate) async fn decide(db: &impl Writes, decision: &Decision) -> Result<bool> {
    let row = ActiveModel {
        request_digest: Set(decision.request.to_vec()),
        user_id: Set(decision.user.uuid()),
        device_id: Set(decision.device.uuid()),
        passkey_id: Set(decision.passkey.map(PasskeyId::uuid)),
        state: Set(word(decision.state).to_owned()),
        expires_at: Set(decision.expires_at.unix_timestamp()),
    };
    let unless_decided = OnConflict::column(Column::RequestDigest)
        .do_nothing_on([Column::RequestDigest])
        .to_owned();
    let inserted = Entity::insert(row)
        .on_conflict(unless_decided)
        .exec_without_returning(db.connection())
        .await?;
    Ok(inserted == 1)
}

pub(crate) async fn find(db: &impl Reads, request: &[u8; 32]) -> Result<Option<Decision>> {
    let row = Entity::find_by_id(request.to_vec())
        .one(db.connection())
        .await?;
    row.map(Decision::try_from).transpose()
}

/// Granted approvals that become something else.
fn granted(state: &str) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .filter(Column::State.eq(GRANTED))
}

/// Uses an approval up; whether there was one: of collections at once, one gets it.
pub(crate) async fn collect(
    db: &impl Writes,
    request: &[u8; 32],
    now: OffsetDateTime,
) -> Result<bool> {
    let collected = granted(COLLECTED)
        .filter(Column::RequestDigest.eq(request.to_vec()))
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(collected.rows_affected == 1)
}

/// Ends what was approved on a device and was not collected.
pub(crate) async fn end_of_device(db: &impl Writes, device: DeviceId) -> Result<()> {
    let of_device = granted(ENDED).filter(Column::DeviceId.eq(device.uuid()));
    of_device.exec(db.connection()).await?;
    Ok(())
}

/// The same for a user.
pub(crate) async fn end_of_user(db: &impl Writes, user: UserId) -> Result<()> {
    let of_user = granted(ENDED).filter(Column::UserId.eq(user.uuid()));
    of_user.exec(db.connection()).await?;
    Ok(())
}

/// The same for a passkey.
pub(crate) async fn end_of_passkey(db: &impl Writes, passkey: PasskeyId) -> Result<()> {
    let of_passkey = granted(ENDED).filter(Column::PasskeyId.eq(passkey.uuid()));
    of_passkey.exec(db.connection()).await?;
    Ok(())
}

/// The same for everybody.
pub(crate) async fn end_all(db: &impl Writes) -> Result<()> {
    granted(ENDED).exec(db.connection()).await?;
    Ok(())
}

/// How many requests this user did not approve that ended since.
pub(crate) async fn count_denied(
    db: &impl Reads,
    user: UserId,
    since: OffsetDateTime,
) -> Result<u64> {
    let denied = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::State.eq(DENIED))
        .filter(Column::ExpiresAt.gt(since.unix_timestamp()));
    Ok(denied.count(db.connection()).await?)
}

/// Deletes decisions about requests that ended before.
pub(crate) async fn delete_expired(db: &impl Writes, before: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lt(before.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
