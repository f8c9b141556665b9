//! Of which ends users were reminded, as rows: one for each device and grant, with the end that it had then.

use crate::{
    Result,
    access::store::{access_grant as grant, service},
    database::{Reads, Writes},
    identity::store::{device, user},
};
use latchkey_domain::{
    id::UserId,
    identity::device::DeviceKind,
    notification::{Notification, NotificationKind},
};
use sea_orm::{
    FromQueryResult, JoinType, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reminders")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    ends_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What ends soon, and its user does not know yet.
#[derive(FromQueryResult)]
struct Ending {
    id: Uuid,
    user_id: Uuid,
    name: String,
    ends_at: i64,
    kind: String,
}

/// Something of which a user is to be reminded.
pub(crate) struct Reminder {
    id: Uuid,
    ends_at: i64,
    pub(crate) notification: Notification,
}

impl Reminder {
    fn of(ending: Ending, kind: NotificationKind) -> Self {
        Self {
            id: ending.id,
            ends_at: ending.ends_at,
            notification: Notification {
                user: UserId::from_uuid(ending.user_id),
                kind,
                subject: ending.name,
                done_on: None,
            },
        }
    }
}

/// When what ends is told: what ends until then, unless it began since.
pub(crate) struct Period {
    pub(crate) now: OffsetDateTime,
    pub(crate) until: OffsetDateTime,
    pub(crate) unless_since: OffsetDateTime,
}

/// Devices that end soon. A page renews its device long before, but asking `/verify` alone does not; nothing renews a program. A device in recovery
/// has an end of its own.
pub(crate) async fn devices(db: &impl Reads, period: &Period, limit: u64) -> Result<Vec<Reminder>> {
    use device::{Column, Entity};
    let program = DeviceKind::Program.as_str();
    let rows = Entity::find()
        .select_only()
        .columns([Column::Id, Column::UserId, Column::Name, Column::Kind])
        .column_as(Column::ExpiresAt, "ends_at")
        .filter(Column::ExpiresAt.gt(period.now.unix_timestamp()))
        .filter(Column::ExpiresAt.lte(period.until.unix_timestamp()))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::SignedOutAt.is_null())
        .filter(Column::PasskeyAfter.is_null())
        .filter(Column::CreatedAt.lte(period.unless_since.unix_timestamp()))
        .filter(Column::UserId.in_subquery(active_users()))
        .filter(unless_reminded(
            (Entity, Column::Id),
            (Entity, Column::ExpiresAt),
        ))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .into_model::<Ending>()
        .all(db.connection())
        .await?;
    let kind = |ending: &Ending| match ending.kind == program {
        true => NotificationKind::ProgramEnds,
        false => NotificationKind::DeviceEnds,
    };
    Ok((rows.into_iter())
        .map(|ending| {
            let kind = kind(&ending);
            Reminder::of(ending, kind)
        })
        .collect())
}

/// Grants that end soon.
pub(crate) async fn grants(db: &impl Reads, period: &Period, limit: u64) -> Result<Vec<Reminder>> {
    use grant::{Column, Entity, Relation};
    let rows = Entity::find()
        .join(JoinType::InnerJoin, Relation::Service.def())
        .select_only()
        .columns([Column::Id, Column::UserId])
        .column_as(service::Column::Name, "name")
        .column_as(Column::ExpiresAt, "ends_at")
        .column_as(Column::Origin, "kind")
        .filter(Column::ExpiresAt.gt(period.now.unix_timestamp()))
        .filter(Column::ExpiresAt.lte(period.until.unix_timestamp()))
        .filter(Column::CreatedAt.lte(period.unless_since.unix_timestamp()))
        .filter(Column::UserId.in_subquery(active_users()))
        .filter(unless_reminded(
            (Entity, Column::Id),
            (Entity, Column::ExpiresAt),
        ))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .into_model::<Ending>()
        .all(db.connection())
        .await?;
    let reminders = rows.into_iter();
    Ok(reminders
        .map(|ending| Reminder::of(ending, NotificationKind::AccessEnds))
        .collect())
}

/// Users who have signed in, and may.
fn active_users() -> SelectStatement {
    user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::ActivatedAt.is_not_null())
        .filter(user::Column::DisabledAt.is_null())
        .into_query()
}

/// Its user was not reminded of this end: of another one it may be that they were.
fn unless_reminded<E: EntityTrait, C: ColumnTrait>(id: (E, C), ends_at: (E, C)) -> Expr {
    let mut reminded = Query::select();
    reminded
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::Id)).equals(id))
        .and_where(Expr::col((Entity, Column::EndsAt)).equals(ends_at));
    Expr::exists(reminded).not()
}

/// Notes that a user is reminded of an end, unless some process has: then `false`.
pub(crate) async fn claim(db: &impl Writes, reminder: &Reminder) -> Result<bool> {
    let row = ActiveModel {
        id: Set(reminder.id),
        user_id: Set(reminder.notification.user.uuid()),
        ends_at: Set(reminder.ends_at),
    };
    let of_another_end = OnConflict::column(Column::Id)
        .update_column(Column::EndsAt)
        .action_and_where(Expr::col((Entity, Column::EndsAt)).ne(reminder.ends_at))
        .to_owned();
    let written = Entity::insert(row)
        .on_conflict(of_another_end)
        .exec_without_returning(db.connection())
        .await?;
    Ok(written == 1)
}

/// Forgets of which ends users were reminded that have come.
pub(crate) async fn delete_expired(db: &impl Writes, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::EndsAt.lte(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
