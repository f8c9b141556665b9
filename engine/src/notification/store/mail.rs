//! Mails that are to be sent, as rows.

use crate::{
    Result,
    database::{self, Reads, Writes, at, containing, parsed},
    identity::store::user,
};
use latchkey_domain::{
    id::{MailId, UserId},
    mail::{MailState, MailView},
    pagination::{Batch, Cursor, ListQuery, Page},
};
use sea_orm::{
    Condition, FromQueryResult, JoinType, QueryOrder, QuerySelect, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    user_id: Uuid,
    kind: String,
    #[sea_orm(column_type = "Blob")]
    pub(crate) content_sealed: Vec<u8>,
    created_at: i64,
    /// From then on it says nothing that still helps.
    expires_at: i64,
    attempts: i32,
    next_attempt_at: i64,
    failed_at: Option<i64>,
    last_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "user::Entity",
        from = "Column::UserId",
        to = "user::Column::Id"
    )]
    User,
}

impl ActiveModelBehavior for ActiveModel {}

/// A mail to write.
pub(crate) struct NewMail {
    pub(crate) id: MailId,
    pub(crate) user: UserId,
    pub(crate) kind: &'static str,
    pub(crate) content_sealed: Vec<u8>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) expires_at: OffsetDateTime,
}

/// A mail that is due.
pub(crate) struct DueMail {
    pub(crate) id: MailId,
    pub(crate) user: UserId,
    pub(crate) content_sealed: Vec<u8>,
    pub(crate) attempts: u32,
}

pub(crate) async fn insert(db: &impl Writes, mail: NewMail) -> Result<()> {
    let row = ActiveModel {
        id: Set(mail.id.uuid()),
        user_id: Set(mail.user.uuid()),
        kind: Set(mail.kind.to_owned()),
        content_sealed: Set(mail.content_sealed),
        created_at: Set(mail.created_at.unix_timestamp()),
        expires_at: Set(mail.expires_at.unix_timestamp()),
        attempts: Set(0),
        next_attempt_at: Set(mail.created_at.unix_timestamp()),
        failed_at: Set(None),
        last_error: Set(None),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Whether a mail is due; without the write permit, because this is asked every second.
pub(crate) async fn is_any_due(db: &impl Reads, now: OffsetDateTime) -> Result<bool> {
    Ok(due(now).one(db.connection()).await?.is_some())
}

/// Takes the mail that has been due longest: nobody else sends it until `until`.
pub(crate) async fn take_due(
    db: &impl Writes,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<Option<DueMail>> {
    let Some(row) = due(now).one(db.connection()).await? else {
        return Ok(None);
    };
    // Another process may have taken it since: the attempt is counted before it is made, by one of them.
    let taken = Entity::update_many()
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::NextAttemptAt, Expr::value(until.unix_timestamp()))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Attempts.eq(row.attempts))
        .filter(Column::NextAttemptAt.eq(row.next_attempt_at))
        .exec(db.connection())
        .await?;
    Ok((taken.rows_affected == 1).then(|| DueMail {
        id: MailId::from_uuid(row.id),
        user: UserId::from_uuid(row.user_id),
        content_sealed: row.content_sealed,
        attempts: u32::try_from(row.attempts + 1).unwrap_or(u32::MAX),
    }))
}

fn due(now: OffsetDateTime) -> Select<Entity> {
    Entity::find()
        .filter(Column::FailedAt.is_null())
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .filter(Column::NextAttemptAt.lte(now.unix_timestamp()))
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(1)
}

pub(crate) async fn delete(db: &impl Writes, id: MailId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Deletes the mails of a kind to a user.
pub(crate) async fn delete_of_kind(db: &impl Writes, user: UserId, kind: &str) -> Result<()> {
    Entity::delete_many()
        .filter(Column::UserId.eq(user.uuid()))
        .filter(Column::Kind.eq(kind))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Records why an attempt failed, and when the next one is; without one, the mail is given up.
pub(crate) async fn record_failure(
    db: &impl Writes,
    id: MailId,
    error: &str,
    next: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::LastError, Expr::value(error))
        .filter(Column::Id.eq(id.uuid()));
    let update = match next {
        Some(next) => update.col_expr(Column::NextAttemptAt, Expr::value(next.unix_timestamp())),
        None => update.col_expr(Column::FailedAt, Expr::value(now.unix_timestamp())),
    };
    update.exec(db.connection()).await?;
    Ok(())
}

/// The user of a mail and what it is about; with `is_failed`, only of one that was given up and still helps.
pub(crate) async fn find(
    db: &impl Reads,
    id: MailId,
    is_failed: bool,
    now: OffsetDateTime,
) -> Result<Option<(UserId, String)>> {
    let mut rows = Entity::find_by_id(id.uuid());
    if is_failed {
        rows = rows
            .filter(Column::FailedAt.is_not_null())
            .filter(Column::ExpiresAt.gt(now.unix_timestamp()));
    }
    let row = rows.one(db.connection()).await?;
    Ok(row.map(|row| (UserId::from_uuid(row.user_id), row.kind)))
}

/// Tries a mail that was given up from the start.
pub(crate) async fn retry(db: &impl Writes, id: MailId, now: OffsetDateTime) -> Result<()> {
    let none: Option<i64> = None;
    Entity::update_many()
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAttemptAt, Expr::value(now.unix_timestamp()))
        .col_expr(Column::FailedAt, Expr::value(none))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    email: String,
    kind: String,
    created_at: i64,
    attempts: i32,
    next_attempt_at: i64,
    failed_at: Option<i64>,
    last_error: Option<String>,
}

impl TryFrom<Row> for MailView {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        let state = match row.failed_at {
            Some(_) => MailState::Failed,
            None => MailState::Waiting,
        };
        Ok(Self {
            id: MailId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            email: parsed(&row.email)?,
            kind: row.kind,
            state,
            created_at: at(row.created_at),
            attempts: u32::try_from(row.attempts).unwrap_or_default(),
            next_attempt_at: (state == MailState::Waiting).then(|| at(row.next_attempt_at)),
            last_error: row.last_error,
        })
    }
}

/// Mails that were not sent yet, those given up first, then the newest. Filter: a state; search: the address.
pub(crate) async fn list(db: &impl Reads, query: &ListQuery) -> Result<Page<MailView>> {
    let mut rows = Entity::find()
        .join(JoinType::InnerJoin, Relation::User.def())
        .column(user::Column::Email);
    match query.filter.as_str() {
        "failed" => rows = rows.filter(Column::FailedAt.is_not_null()),
        "waiting" => rows = rows.filter(Column::FailedAt.is_null()),
        _ => {}
    }
    if !query.search.is_empty() {
        let text = containing(&query.search);
        let found = Condition::any().add(user::Column::Email.like(text));
        rows = rows.filter(found);
    }
    let rows = rows
        .order_by_desc(Column::FailedAt)
        .order_by_desc(Column::CreatedAt);
    database::page::page::<Row, _>(db, rows, query)
        .await?
        .try_map(MailView::try_from)
}

/// The mails to a user that were not sent yet, the oldest first.
pub(crate) async fn of_user(db: &impl Reads, user: UserId) -> Result<Vec<MailView>> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .join(JoinType::InnerJoin, Relation::User.def())
        .column(user::Column::Email)
        .order_by_asc(Column::Id)
        .into_model::<Row>()
        .all(db.connection())
        .await?;
    rows.into_iter().map(MailView::try_from).collect()
}

/// A batch of mails that were not sent yet.
pub(crate) async fn batch(db: &impl Reads, cursor: Cursor<MailId>) -> Result<Batch<MailView>> {
    let rows = Entity::find()
        .join(JoinType::InnerJoin, Relation::User.def())
        .column(user::Column::Email);
    let after = cursor.after.map(MailId::uuid);
    database::page::batch::<Row, _>(db, rows, Column::Id, after, cursor.limit)
        .await?
        .try_map(MailView::try_from)
}

/// Deletes what says nothing that still helps, and what was given up long ago.
pub(crate) async fn delete_expired(
    db: &impl Writes,
    now: OffsetDateTime,
    failed_before: OffsetDateTime,
) -> Result<()> {
    let expired = Condition::any()
        .add(Column::ExpiresAt.lte(now.unix_timestamp()))
        .add(Column::FailedAt.lte(failed_before.unix_timestamp()));
    Entity::delete_many()
        .filter(expired)
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Deletes all: a restored backup must not send again what was sent since.
pub(crate) async fn delete_all(db: &impl Writes) -> Result<()> {
    Entity::delete_many().exec(db.connection()).await?;
    Ok(())
}
