//! Mails with which users confirm a recovery, as rows: of a device, one at a time.

use crate::{
    Result,
    database::{Reads, Writes, at},
    notification::store::mail,
};
use latchkey_domain::{
    id::{DeviceId, MailId, UserId},
    identity::recovery_mail::{MAX_TRIES, RecoveryMail},
};
use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_mails")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    device_id: Uuid,
    code_tag: Vec<u8>,
    tries: i32,
    expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for RecoveryMail {
    fn from(row: Model) -> Self {
        Self {
            id: MailId::from_uuid(row.id),
            user: UserId::from_uuid(row.user_id),
            device: DeviceId::from_uuid(row.device_id),
            code_tag: row.code_tag,
            expires_at: at(row.expires_at),
        }
    }
}

/// Whose.
#[derive(Clone, Copy)]
pub(crate) enum Of {
    Device(DeviceId),
    User(UserId),
    Everybody,
}

impl Of {
    fn condition(self) -> SimpleExpr {
        match self {
            Self::Device(id) => Column::DeviceId.eq(id.uuid()),
            Self::User(id) => Column::UserId.eq(id.uuid()),
            Self::Everybody => Expr::value(true),
        }
    }
}

/// Inserts one; the one before of its device ends, and is not sent any more.
pub(crate) async fn replace(db: &impl Writes, new: &RecoveryMail) -> Result<()> {
    end(db, Of::Device(new.device)).await?;
    let row = ActiveModel {
        id: Set(new.id.uuid()),
        user_id: Set(new.user.uuid()),
        device_id: Set(new.device.uuid()),
        code_tag: Set(new.code_tag.clone()),
        tries: Set(0),
        expires_at: Set(new.expires_at.unix_timestamp()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

fn live(now: OffsetDateTime) -> SimpleExpr {
    Column::ExpiresAt
        .gt(now.unix_timestamp())
        .and(Column::Tries.lt(max_tries()))
}

fn max_tries() -> i32 {
    i32::try_from(MAX_TRIES).unwrap_or_default()
}

/// The one of a device that can be answered.
pub(crate) async fn find(
    db: &impl Reads,
    device: DeviceId,
    now: OffsetDateTime,
) -> Result<Option<RecoveryMail>> {
    let row = Entity::find()
        .filter(Of::Device(device).condition())
        .filter(live(now))
        .one(db.connection())
        .await?;
    Ok(row.map(RecoveryMail::from))
}

/// Counts a try, unless none is left; of tries at once, no more are counted than the limit allows.
pub(crate) async fn count_try(db: &impl Writes, id: MailId, now: OffsetDateTime) -> Result<bool> {
    let counted = Entity::update_many()
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .filter(Column::Id.eq(id.uuid()))
        .filter(live(now))
        .exec(db.connection())
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Uses one up whose code was right, if it has not ended since its try was counted. Of two answers, one does.
pub(crate) async fn take(db: &impl Writes, id: MailId, now: OffsetDateTime) -> Result<bool> {
    let taken = Entity::delete_many()
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Ends them, and with them what was not sent yet.
pub(crate) async fn end(db: &impl Writes, of: Of) -> Result<()> {
    let ended = Entity::find().filter(of.condition());
    for row in ended.all(db.connection()).await? {
        mail::delete(db, MailId::from_uuid(row.id)).await?;
    }
    Entity::delete_many()
        .filter(of.condition())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Deletes those whose time is over.
pub(crate) async fn delete_expired(db: &impl Writes, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
