//! What users are told of refresh tokens that were used twice, as rows.

use crate::{
    Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    event::TokenFamilyEnded,
    id::{TokenFamilyId, UserId},
    tokens::family::ReuseNotice,
};
use sea_orm::{QueryOrder, Set, entity::prelude::*};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_reuse_notices")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    family_id: Uuid,
    user_id: Uuid,
    client_name: String,
    created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A family ends once, so there is one notice at most.
pub(crate) async fn insert(db: &impl Writes, ended: &TokenFamilyEnded) -> Result<()> {
    let row = ActiveModel {
        family_id: Set(ended.family.id.uuid()),
        user_id: Set(ended.user.id.uuid()),
        client_name: Set(ended.client.name.to_string()),
        created_at: Set(ended.at.unix_timestamp()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// What a user is told, the newest first.
pub(crate) async fn list(
    db: &impl Reads,
    user: UserId,
    since: OffsetDateTime,
) -> Result<Vec<ReuseNotice>> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::CreatedAt.gt(since.unix_timestamp()))
        .order_by_desc(Column::CreatedAt)
        .all(db.connection())
        .await?;
    let notice = |row: Model| {
        Ok(ReuseNotice {
            family: TokenFamilyId::from_uuid(row.family_id),
            client: parsed(&row.client_name)?,
            at: at(row.created_at),
        })
    };
    rows.into_iter().map(notice).collect()
}

/// Deletes a notice of a user.
pub(crate) async fn delete(db: &impl Writes, user: UserId, family: TokenFamilyId) -> Result<()> {
    Entity::delete_by_id(family.uuid())
        .filter(Column::UserId.eq(user.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete_expired(db: &impl Writes, before: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::CreatedAt.lte(before.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
