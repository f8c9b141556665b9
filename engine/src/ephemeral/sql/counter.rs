//! Counted attempts as rows, each under a name.

use crate::Result;
use latchkey_domain::{
    id::UserId,
    throttle::{Counter, LEASE, Limits, MAX_DELAY_SECONDS, QUIET_PERIOD, delay_seconds},
};
use sea_orm::{
    Condition, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{CaseStatement, Expr, ExprTrait, OnConflict},
};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempts")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) recent: i32,
    pub(crate) total: i32,
    pub(crate) window_started_at: i64,
    pub(crate) last_at: i64,
    pub(crate) next_at: i64,
    pub(crate) busy_until: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Counter {
    fn from(row: Model) -> Self {
        Self {
            recent: row.recent,
            total: row.total,
            window_started_at: row.window_started_at,
            last_at: row.last_at,
            next_at: row.next_at,
            busy_until: row.busy_until,
        }
    }
}

pub(crate) async fn find(db: &impl ConnectionTrait, name: &str) -> Result<Option<Counter>> {
    let row = Entity::find_by_id(name.to_owned()).one(db).await?;
    Ok(row.map(Counter::from))
}

/// Reserves one attempt, in one conditional statement once there is a row.
pub(crate) async fn reserve(
    db: &impl ConnectionTrait,
    name: &str,
    user: Option<UserId>,
    limits: &Limits,
    now: OffsetDateTime,
) -> Result<bool> {
    let now = now.unix_timestamp();
    let missing = ActiveModel {
        name: Set(name.to_owned()),
        user_id: Set(user.map(UserId::uuid)),
        recent: Set(0),
        total: Set(0),
        window_started_at: Set(now),
        last_at: Set(now),
        next_at: Set(0),
        busy_until: Set(0),
    };
    let unchanged = OnConflict::column(Column::Name)
        .do_nothing_on([Column::Name])
        .to_owned();
    Entity::insert(missing)
        .on_conflict(unchanged)
        .exec_without_returning(db)
        .await?;

    let column = |column: Column| Expr::col((Entity, column));
    let window_is_over =
        || column(Column::WindowStartedAt).lte(now - limits.window.whole_seconds());
    let was_quiet = || column(Column::LastAt).lte(now - QUIET_PERIOD.whole_seconds());
    // The delay that follows, for each number of attempts in a row before this one.
    let delays = (0..)
        .map(|before| (before, delay_seconds(limits, before + 1)))
        .take_while(|(_, delay)| *delay < MAX_DELAY_SECONDS)
        .fold(
            CaseStatement::new().case(was_quiet(), now + delay_seconds(limits, 1)),
            |cases, (before, delay)| cases.case(column(Column::Recent).eq(before), now + delay),
        )
        .finally(now + MAX_DELAY_SECONDS);
    let recent = CaseStatement::new()
        .case(was_quiet(), 1)
        .finally(column(Column::Recent).add(1));
    let total = CaseStatement::new()
        .case(window_is_over(), 1)
        .finally(column(Column::Total).add(1));
    let window = CaseStatement::new()
        .case(window_is_over(), now)
        .finally(column(Column::WindowStartedAt));
    let busy_until = match limits.is_exclusive {
        true => now + LEASE.whole_seconds(),
        false => 0,
    };
    // A time further ahead than any wait was written before the clock was set back.
    let is_past = |at: Column, most: i64| {
        Condition::any()
            .add(column(at).lte(now))
            .add(column(at).gt(now + most))
    };
    // In this order, because some databases let an assignment see the ones before it.
    let mut update = Entity::update_many()
        .col_expr(Column::NextAt, delays.into())
        .col_expr(Column::Recent, recent.into())
        .col_expr(Column::Total, total.into())
        .col_expr(Column::WindowStartedAt, window.into())
        .col_expr(Column::LastAt, Expr::value(now))
        .col_expr(Column::BusyUntil, Expr::value(busy_until))
        .col_expr(Column::UserId, Expr::value(user.map(UserId::uuid)))
        .filter(Column::Name.eq(name))
        .filter(is_past(Column::NextAt, MAX_DELAY_SECONDS));
    if limits.is_exclusive {
        update = update.filter(is_past(Column::BusyUntil, LEASE.whole_seconds()));
    }
    if let Some(most) = limits.most {
        update = update.filter(
            Condition::any()
                .add(Column::Total.lt(most))
                .add(window_is_over()),
        );
    }
    Ok(update.exec(db).await?.rows_affected == 1)
}

pub(crate) async fn release(db: &impl ConnectionTrait, name: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::BusyUntil, Expr::value(0_i64))
        .filter(Column::Name.eq(name))
        .exec(db)
        .await?;
    Ok(())
}

pub(crate) async fn give_back(db: &impl ConnectionTrait, name: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Recent, Expr::col(Column::Recent).sub(1))
        .col_expr(Column::Total, Expr::col(Column::Total).sub(1))
        .col_expr(Column::NextAt, Expr::value(0_i64))
        .col_expr(Column::BusyUntil, Expr::value(0_i64))
        .filter(Column::Name.eq(name))
        .filter(Column::Recent.gt(0))
        .filter(Column::Total.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

pub(crate) async fn settle(db: &impl ConnectionTrait, name: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Recent, Expr::value(0))
        .col_expr(Column::Total, Expr::col(Column::Total).sub(1))
        .col_expr(Column::NextAt, Expr::value(0_i64))
        .col_expr(Column::BusyUntil, Expr::value(0_i64))
        .filter(Column::Name.eq(name))
        .filter(Column::Total.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

/// See [`Counter::is_locked_out`].
pub(crate) async fn count_locked_out(
    db: &impl ConnectionTrait,
    name: &str,
    kind: &str,
    limits: &Limits,
    now: OffsetDateTime,
) -> Result<u64> {
    let user = Entity::find_by_id(name.to_owned())
        .select_only()
        .column(Column::UserId);
    let since = (now - limits.window).unix_timestamp();
    Ok(Entity::find()
        .filter(Column::UserId.in_subquery(user.into_query()))
        .filter(Column::Name.starts_with(format!("{kind}:")))
        .filter(Column::Total.gte(limits.most.unwrap_or(i32::MAX)))
        .filter(Column::WindowStartedAt.gt(since))
        .count(db)
        .await?)
}

pub(crate) async fn reset(db: &impl ConnectionTrait, name: &str, user: UserId) -> Result<()> {
    Entity::delete_many()
        .filter(
            Condition::any()
                .add(Column::Name.eq(name))
                .add(Column::UserId.eq(user.uuid())),
        )
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes counters that were quiet since `before`, and the oldest of those that belong to no user beyond `most`:
/// anonymous clients name as many addresses as they like.
pub(crate) async fn delete_expired(
    db: &impl ConnectionTrait,
    before: i64,
    most: u64,
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::LastAt.lt(before))
        .exec(db)
        .await?;
    let oldest_kept: Option<i64> = Entity::find()
        .select_only()
        .column(Column::LastAt)
        .filter(Column::UserId.is_null())
        .order_by_desc(Column::LastAt)
        .offset(most)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    if let Some(last_at) = oldest_kept {
        Entity::delete_many()
            .filter(Column::UserId.is_null())
            .filter(Column::LastAt.lte(last_at))
            .exec(db)
            .await?;
    }
    Ok(())
}
