//! The audit log's rows.

use crate::{database, database::at};
use latchkey_domain::{
    audit::event::{Event, FieldChange},
    id::UserId,
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    Condition, Order, QueryOrder, QuerySelect, Set, entity::prelude::*, sea_query::Expr,
};

/// The last link of the chain; one row.
pub(crate) mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i32,
        pub(crate) seq: i64,
        pub(crate) hash: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seq: i64,
    pub(crate) time: i64,
    pub(crate) actor: String,
    pub(crate) actor_name: String,
    pub(crate) action: String,
    pub(crate) target: String,
    pub(crate) target_name: String,
    pub(crate) subject: Option<Uuid>,
    pub(crate) ip: Option<String>,
    pub(crate) detail: String,
    /// A JSON list of what became different; `None` where nothing is told, as in entries before there was any.
    pub(crate) changes: Option<String>,
    pub(crate) prev_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Takes the head for writing: the first statement of every change, and the lock that puts all
/// writes of all processes in one order. Returns the head as it was.
pub(crate) async fn take_head(db: &impl ConnectionTrait) -> Result<head::Model, DbErr> {
    head::Entity::update_many()
        .col_expr(head::Column::Seq, Expr::col(head::Column::Seq))
        .filter(head::Column::Id.eq(1))
        .exec(db)
        .await?;
    head::Entity::find_by_id(1)
        .one(db)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("audit head".to_owned()))
}

/// Moves the head.
pub(crate) async fn set_head(
    db: &impl ConnectionTrait,
    seq: i64,
    hash: Vec<u8>,
) -> Result<(), DbErr> {
    head::Entity::update_many()
        .col_expr(head::Column::Seq, Expr::value(seq))
        .col_expr(head::Column::Hash, Expr::value(hash))
        .filter(head::Column::Id.eq(1))
        .exec(db)
        .await
        .map(drop)
}

/// Appends an entry.
pub(crate) async fn append(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        seq: Set(row.seq),
        time: Set(row.time),
        actor: Set(row.actor),
        actor_name: Set(row.actor_name),
        action: Set(row.action),
        target: Set(row.target),
        target_name: Set(row.target_name),
        subject: Set(row.subject),
        ip: Set(row.ip),
        detail: Set(row.detail),
        changes: Set(row.changes),
        prev_hash: Set(row.prev_hash),
        hash: Set(row.hash),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Entries after `seq`, oldest first, at most `limit`.
pub(crate) async fn after(
    db: &impl ConnectionTrait,
    seq: i64,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Seq.gt(seq))
        .order_by_asc(Column::Seq)
        .limit(limit)
        .all(db)
        .await
}

/// The newest place in the log.
pub(crate) async fn head(db: &impl ConnectionTrait) -> Result<head::Model, DbErr> {
    head::Entity::find_by_id(1)
        .one(db)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("audit head".to_owned()))
}

impl From<Model> for Event {
    fn from(row: Model) -> Self {
        Self {
            seq: row.seq,
            time: at(row.time),
            actor: row.actor,
            actor_name: row.actor_name,
            action: row.action,
            target: row.target,
            target_name: row.target_name,
            ip: row.ip,
            detail: row.detail,
            changes: row.changes.as_deref().map(changes).unwrap_or_default(),
        }
    }
}

/// What somebody else wrote there is shown as it is; the chain tells that it is not ours.
fn changes(text: &str) -> Vec<FieldChange> {
    serde_json::from_str(text)
        .unwrap_or_else(|_| vec![FieldChange::added("unreadable", text.to_owned()).bounded()])
}

/// A page of the log, newest first unless the query turns it; of one account when `subject` is given.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    subject: Option<UserId>,
    query: &ListQuery,
) -> Result<Page<Event>, DbErr> {
    let mut select = Entity::find();
    if let Some(subject) = subject {
        select = select.filter(Column::Subject.eq(subject.uuid()));
    }
    if !query.filter.is_empty() {
        // `device` means all of the noun, `device.revoked` one action.
        let noun = format!("{}.", query.filter.trim_end_matches('.'));
        select = select.filter(
            Condition::any()
                .add(Column::Action.eq(&*query.filter))
                .add(Column::Action.starts_with(&*noun)),
        );
    }
    if !query.search.is_empty() {
        let like = || database::containing(&query.search);
        select = select.filter(
            Condition::any()
                .add(Column::TargetName.like(like()))
                .add(Column::Target.like(like()))
                .add(Column::Detail.like(like()))
                .add(Column::Changes.like(like()))
                .add(Column::Ip.like(like()))
                .add(Column::Actor.like(like()))
                .add(Column::ActorName.like(like())),
        );
    }
    let total = select.clone().count(db).await?;
    let order = if query.sort == "time" && !query.descending {
        Order::Asc
    } else {
        Order::Desc
    };
    let items = select
        .order_by(Column::Seq, order)
        .offset(query.offset())
        .limit(PAGE_SIZE)
        .all(db)
        .await?;
    Ok(Page {
        items: items.into_iter().map(Event::from).collect(),
        total,
        page: query.page,
    })
}

/// Reasons of refusals and their number since `since`.
pub(crate) async fn refusals(
    db: &impl ConnectionTrait,
    action: &str,
    since: i64,
) -> Result<Vec<(String, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Detail)
        .column_as(Column::Seq.count(), "count")
        .filter(Column::Action.eq(action))
        .filter(Column::Time.gte(since))
        .group_by(Column::Detail)
        .into_tuple()
        .all(db)
        .await
}

/// The times of entries with these actions since `since`.
pub(crate) async fn times(
    db: &impl ConnectionTrait,
    actions: &[&str],
    since: i64,
) -> Result<Vec<(String, i64)>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Action)
        .column(Column::Time)
        .filter(Column::Action.is_in(actions.iter().copied()))
        .filter(Column::Time.gte(since))
        .into_tuple()
        .all(db)
        .await
}
