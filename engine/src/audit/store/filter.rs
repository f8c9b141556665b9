//! Which entries of the log a list or an export has.

use super::{Column, Entity, Model};
use crate::{
    Result,
    audit::entry::ChainEntry,
    database::{self, Reads},
    identity,
};
use latchkey_domain::{
    audit::{
        event::{Action, EventView},
        filter::{EventFilter, Outcome, UserName},
        network::Network,
    },
    id::{DeviceId, UserId},
    pagination::{ListQuery, PAGE_SIZE, Page},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, prelude::Uuid,
    sea_query::Query,
};

/// Entries looked at in one statement of an export. One that has only a few of them would otherwise read the whole log at once, and
/// one that has many would sort the rest of them for each batch.
pub(crate) const WINDOW: i64 = 10_000;

/// What of the log is read: a filter with its users found, of one user's entries or of all.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    condition: Condition,
}

impl Selection {
    /// What a filter selects, of the entries that concern `subject` if there is one.
    pub(crate) async fn of(
        db: &impl Reads,
        subject: Option<UserId>,
        filter: &EventFilter,
    ) -> Result<Self> {
        let mut condition = Condition::all();
        if let Some(subject) = subject {
            condition = condition.add(Column::Subject.eq(subject.uuid()));
        }
        if !filter.action.is_empty() {
            condition = condition.add(of_action(&filter.action));
        }
        if let Some(user) = &filter.user {
            condition = condition.add(of_users(&users(db, user).await?));
        }
        if let Some(device) = filter.device {
            condition = condition.add(of_device(device));
        }
        if let Some(service) = &filter.service {
            condition = condition.add(of_service(service.as_str()));
        }
        if let Some(outcome) = filter.outcome {
            let refusals = Action::REFUSALS.iter().map(|action| action.as_str());
            condition = condition.add(match outcome {
                Outcome::Refused => Column::Action.is_in(refusals),
                Outcome::Done => Column::Action.is_not_in(refusals),
            });
        }
        if let Some(network) = &filter.network {
            condition = condition.add(of_network(network));
        }
        if let Some(since) = filter.since {
            condition = condition.add(Column::Time.gte(since.unix_timestamp()));
        }
        if let Some(until) = filter.until {
            condition = condition.add(Column::Time.lt(until.unix_timestamp()));
        }
        if !filter.search.is_empty() {
            condition = condition.add(containing(&filter.search, subject.is_none()));
        }
        Ok(Self { condition })
    }

    fn select(&self) -> Select<Entity> {
        Entity::find().filter(self.condition.clone())
    }

    /// A page, newest first unless the query turns it.
    pub(crate) async fn page(&self, db: &impl Reads, query: &ListQuery) -> Result<Page<EventView>> {
        let total = self.select().count(db.connection()).await?;
        let some = self.select().offset(query.offset()).limit(PAGE_SIZE);
        Ok(Page {
            items: rows_of(db, some, order(query)).await?,
            total,
            page: query.page,
        })
    }

    /// Entries after one in an order, at most `limit`.
    pub(crate) async fn next(
        &self,
        db: &impl Reads,
        after: Option<i64>,
        order: Order,
        limit: u64,
    ) -> Result<Vec<EventView>> {
        let some = match (after, &order) {
            (None, _) => self.select(),
            (Some(after), Order::Asc) => self.select().filter(Column::Seq.gt(after)),
            (Some(after), _) => self.select().filter(Column::Seq.lt(after)),
        };
        rows_of(db, some.limit(limit), order).await
    }

    /// Entries after one and up to another, oldest first, at most `limit`. All that are in between are looked at, whatever the
    /// condition: another index would find those of the whole log each time.
    pub(crate) async fn between(
        &self,
        db: &impl Reads,
        after: i64,
        last: i64,
        limit: u64,
    ) -> Result<Vec<EventView>> {
        let window = Entity::find()
            .filter(Column::Seq.gt(after))
            .filter(Column::Seq.lte(last))
            .order_by_asc(Column::Seq)
            .limit(WINDOW.unsigned_abs())
            .into_query();
        let mut select = Query::select();
        select
            .columns(Column::iter().map(|column| (Entity, column)))
            .from_subquery(window, Entity)
            .cond_where(self.condition.clone())
            .order_by((Entity, Column::Seq), Order::Asc)
            .limit(limit);
        let connection = db.connection();
        let statement = connection.get_database_backend().build(&select);
        let rows = Model::find_by_statement(statement).all(connection).await?;
        Ok(views(rows))
    }

    /// The entry after which the last `limit` of them begin.
    pub(crate) async fn start_of_last(&self, db: &impl Reads, limit: u64) -> Result<i64> {
        let before: Option<i64> = self
            .select()
            .select_only()
            .column(Column::Seq)
            .order_by_desc(Column::Seq)
            .offset(limit)
            .limit(1)
            .into_tuple()
            .one(db.connection())
            .await?;
        Ok(before.unwrap_or_default())
    }
}

/// Newest first, unless the query turns it.
pub(crate) fn order(query: &ListQuery) -> Order {
    match query.sort == "time" && !query.descending {
        true => Order::Asc,
        false => Order::Desc,
    }
}

/// What was selected, in an order. Whole rows would be sorted, most of them for nothing.
async fn rows_of(db: &impl Reads, some: Select<Entity>, order: Order) -> Result<Vec<EventView>> {
    let found: Vec<i64> = some
        .select_only()
        .column(Column::Seq)
        .order_by(Column::Seq, order.clone())
        .into_tuple()
        .all(db.connection())
        .await?;
    let rows = Entity::find()
        .filter(Column::Seq.is_in(found))
        .order_by(Column::Seq, order)
        .all(db.connection())
        .await?;
    Ok(views(rows))
}

pub(super) fn views(rows: Vec<Model>) -> Vec<EventView> {
    let rows = rows.into_iter();
    rows.map(|row| ChainEntry::from(row).into()).collect()
}

/// The ids of a user. An address may have been that of users who were deleted.
async fn users(db: &impl Reads, user: &UserName) -> Result<Vec<UserId>> {
    let email = match user {
        UserName::Id(id) => return Ok(vec![*id]),
        UserName::Email(email) => email,
    };
    let deleted: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Subject)
        .filter(Column::Action.eq(Action::UserDeleted.as_str()))
        .filter(Column::TargetName.eq(email.as_str()))
        .filter(Column::Subject.is_not_null())
        .into_tuple()
        .all(db.connection())
        .await?;
    let found = identity::store::user::find_by_email(db, email).await?;
    let found = found.map(|user| user.id);
    let deleted = deleted.into_iter().map(UserId::from_uuid);
    Ok(found.into_iter().chain(deleted).collect())
}

fn of_users(users: &[UserId]) -> Condition {
    Condition::any()
        .add(Column::Subject.is_in(users.iter().map(|user| user.uuid())))
        .add(Column::Actor.is_in(users.iter().map(|user| format!("user:{user}"))))
}

/// What was done to a device, and on it.
fn of_device(device: DeviceId) -> Condition {
    Condition::any()
        .add(Column::Target.eq(format!("device:{device}")))
        .add(Column::Device.eq(device.uuid()))
}

/// Entries about the service itself, its grants, and access tokens for it.
fn of_service(name: &str) -> Condition {
    let tokens = [Action::TokenIssued, Action::TokenReplayed].map(Action::as_str);
    let of = |actions, names| Condition::all().add(actions).add(names);
    Condition::any()
        .add(of(of_noun("service"), Column::TargetName.eq(name)))
        .add(of(
            of_noun("grant"),
            Column::TargetName.ends_with(&*format!(" → {name}")),
        ))
        .add(of(
            Condition::all().add(Column::Action.is_in(tokens)),
            Column::Detail.ends_with(&*format!(" for {name}")),
        ))
}

fn of_network(network: &Network) -> Condition {
    if let Some(addresses) = network.addresses() {
        return Condition::all().add(Column::Ip.is_in(addresses));
    }
    let prefixes = network.prefixes().iter();
    prefixes.fold(Condition::any(), |any, prefix| {
        any.add(begins_with(Column::Ip, prefix))
    })
}

/// As a range, which an index finds; `LIKE` does not. The prefix ends in ASCII.
fn begins_with(column: Column, prefix: &str) -> Condition {
    let condition = Condition::all().add(column.gte(prefix));
    match prefix.as_bytes().split_last() {
        Some((last, _)) => {
            let end = format!("{}{}", &prefix[..prefix.len() - 1], char::from(last + 1));
            condition.add(column.lt(end))
        }
        None => condition,
    }
}

/// What contains a text; the names of devices only for auditors, since a user who searches their own entries is not told what others call
/// theirs.
fn containing(search: &str, is_auditor: bool) -> Condition {
    let like = || database::containing(search);
    let any = [
        Column::TargetName,
        Column::Target,
        Column::Detail,
        Column::Changes,
        Column::Ip,
        Column::Actor,
        Column::ActorName,
    ]
    .into_iter()
    .fold(Condition::any(), |any, column| any.add(column.like(like())));
    match is_auditor {
        true => any.add(Column::DeviceName.like(like())),
        false => any,
    }
}

/// `device` means all of the noun, `device.revoked` one action.
fn of_action(word: &str) -> Condition {
    Condition::any()
        .add(Column::Action.eq(word))
        .add(of_noun(word.trim_end_matches('.')))
}

fn of_noun(noun: &str) -> Condition {
    begins_with(Column::Action, &format!("{noun}."))
}

#[cfg(test)]
mod tests;
