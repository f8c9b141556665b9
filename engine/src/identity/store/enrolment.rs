//! Enrolment links' rows: only the digest of a code is kept.

use crate::{
    Result,
    database::{Reads, Writes, at},
    identity::store::user,
    notification::{mail::ENROLMENT_LINK, store::mail},
};
use latchkey_domain::{
    id::UserId,
    identity::enrolment_link::{EnrolmentLink, LinkPurpose},
};
use sea_orm::{
    Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enrolment_codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    digest: Vec<u8>,
    purpose: String,
    user_id: Option<Uuid>,
    expires_at: i64,
    used_at: Option<i64>,
    is_vouched: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// A word that nobody writes is no link.
    fn link(self) -> Option<EnrolmentLink> {
        let purpose = match (&*self.purpose, self.user_id) {
            ("setup", None) => LinkPurpose::Setup,
            ("invitation", Some(user)) => LinkPurpose::Invitation(UserId::from_uuid(user)),
            _ => return None,
        };
        Some(EnrolmentLink {
            digest: self.digest,
            purpose,
            expires_at: at(self.expires_at),
            is_vouched: self.is_vouched,
        })
    }
}

pub(crate) async fn insert(db: &impl Writes, link: &EnrolmentLink) -> Result<()> {
    let row = ActiveModel {
        digest: Set(link.digest.clone()),
        purpose: Set(link.purpose.as_str().to_owned()),
        user_id: Set(link.purpose.user().map(UserId::uuid)),
        expires_at: Set(link.expires_at.unix_timestamp()),
        used_at: Set(None),
        is_vouched: Set(link.is_vouched),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Inserts a link; older ones of the same purpose and user become void.
pub(crate) async fn replace(db: &impl Writes, link: &EnrolmentLink) -> Result<()> {
    match link.purpose.user() {
        Some(user) => {
            void_all(db, user).await?;
        }
        None => {
            let setup = Entity::delete_many().filter(Column::UserId.is_null());
            setup.exec(db.connection()).await?;
        }
    }
    insert(db, link).await
}

/// When a link of the user that can be used ends, as a sub-select of `user`.
pub(crate) fn open_until(
    user: (user::Entity, user::Column),
    now: OffsetDateTime,
) -> SelectStatement {
    Query::select()
        .expr(Expr::col((Entity, Column::ExpiresAt)).max())
        .from(Entity)
        .and_where(Expr::col((Entity, Column::UserId)).equals(user))
        .and_where(Expr::col((Entity, Column::UsedAt)).is_null())
        .and_where(Expr::col((Entity, Column::ExpiresAt)).gt(now.unix_timestamp()))
        .to_owned()
}

/// The link of that digest, if it is unused and in time.
pub(crate) async fn find_live(
    db: &impl Reads,
    digest: &[u8],
    now: OffsetDateTime,
) -> Result<Option<EnrolmentLink>> {
    let row = Entity::find_by_id(digest.to_vec())
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .one(db.connection())
        .await?;
    Ok(row.and_then(Model::link))
}

/// Uses a live link up; of racing requests, one statement changes the row. Returns whether this was it.
pub(crate) async fn take(db: &impl Writes, digest: &[u8], now: OffsetDateTime) -> Result<bool> {
    let result = Entity::update_many()
        .col_expr(Column::UsedAt, Expr::value(now.unix_timestamp()))
        .filter(Column::Digest.eq(digest))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected == 1)
}

/// Ends every unused link of a user, and the mails that would bring one; returns how many links.
pub(crate) async fn void_all(db: &impl Writes, user: UserId) -> Result<u64> {
    let result = Entity::delete_many()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::UsedAt.is_null())
        .exec(db.connection())
        .await?;
    mail::delete_of_kind(db, user, ENROLMENT_LINK).await?;
    Ok(result.rows_affected)
}

/// Ends every unused link; returns how many.
pub(crate) async fn void_unused(db: &impl Writes) -> Result<u64> {
    let result = Entity::delete_many()
        .filter(Column::UsedAt.is_null())
        .exec(db.connection())
        .await?;
    Ok(result.rows_affected)
}

/// Forgets links, used or not, that ended before `before`.
pub(crate) async fn forget_expired(db: &impl Writes, before: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(before.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
