//! Authenticator apps' rows.

use crate::{
    Result,
    database::{Reads, Writes, at},
};
use latchkey_domain::{id::UserId, identity::totp::TotpSecret};
use sea_orm::{
    Condition, QueryOrder, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "totp_factors")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: Uuid,
    secret_sealed: Vec<u8>,
    confirmed_at: i64,
    last_step: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for TotpSecret {
    fn from(row: Model) -> Self {
        Self {
            user_id: UserId::from_uuid(row.user_id),
            sealed: row.secret_sealed,
            confirmed_at: at(row.confirmed_at),
            last_step: row.last_step,
        }
    }
}

pub(crate) async fn find(db: &impl Reads, user: UserId) -> Result<Option<TotpSecret>> {
    let row = Entity::find_by_id(user.uuid()).one(db.connection()).await?;
    Ok(row.map(TotpSecret::from))
}

/// The same, but a row is read also if this user has none: that of the next one, because reading one takes time.
pub(crate) async fn find_evenly(db: &impl Reads, user: UserId) -> Result<Option<TotpSecret>> {
    let row = Entity::find()
        .filter(Column::UserId.gte(user.uuid()))
        .order_by_asc(Column::UserId)
        .one(db.connection())
        .await?;
    let secret = row.map(TotpSecret::from);
    Ok(secret.filter(|secret| secret.user_id == user))
}

/// Every user's.
pub(crate) async fn all(db: &impl Reads) -> Result<Vec<TotpSecret>> {
    let rows = Entity::find().all(db.connection()).await?;
    Ok(rows.into_iter().map(TotpSecret::from).collect())
}

/// Sets a user's authenticator app; a former one is forgotten.
pub(crate) async fn set(db: &impl Writes, secret: &TotpSecret) -> Result<()> {
    let row = ActiveModel {
        user_id: Set(secret.user_id.uuid()),
        secret_sealed: Set(secret.sealed.clone()),
        confirmed_at: Set(secret.confirmed_at.unix_timestamp()),
        last_step: Set(secret.last_step),
    };
    let replace = OnConflict::column(Column::UserId)
        .update_columns([Column::SecretSealed, Column::ConfirmedAt, Column::LastStep])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// A time step of which a code was right, and the secret that it was right for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MatchedStep {
    pub(crate) step: i64,
    /// When that secret was confirmed: for one that replaced it meanwhile, the code proves nothing.
    pub(crate) confirmed_at: OffsetDateTime,
}

/// Accepts a code's step, once: of many parallel requests with one code, one statement changes the row.
/// Returns whether this was it; not if the secret was replaced since.
pub(crate) async fn use_step(
    db: &impl Writes,
    user: UserId,
    MatchedStep { step, confirmed_at }: MatchedStep,
) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::ConfirmedAt.eq(confirmed_at.unix_timestamp()))
        .filter(
            Condition::any()
                .add(Column::LastStep.is_null())
                .add(Column::LastStep.lt(step)),
        )
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected == 1)
}

/// Removes a user's authenticator app.
pub(crate) async fn delete(db: &impl Writes, user: UserId) -> Result<()> {
    Entity::delete_by_id(user.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}
