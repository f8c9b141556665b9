//! Users' rows.

pub(crate) mod view;

use crate::{
    Error, Result, database,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::UserId,
    identity::email::Email,
    identity::user::{Role, User, UserState},
};
use sea_orm::{
    Condition, NotSet, QueryOrder, QuerySelect, QueryTrait, Select, Set, entity::prelude::*,
};
use std::{collections::HashMap, hint::black_box};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    email: String,
    name: String,
    role: String,
    created_at: i64,
    activated_at: Option<i64>,
    disabled_at: Option<i64>,
    passkey_since: Option<i64>,
    passkey_only: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for User {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: UserId::from_uuid(row.id),
            email: parsed(&row.email)?,
            name: parsed(&row.name)?,
            role: parsed(&row.role)?,
            state: UserState::of(row.activated_at.map(at), row.disabled_at.map(at)),
            created_at: at(row.created_at),
            passkey_since: row.passkey_since.map(at),
            passkey_only: row.passkey_only,
        })
    }
}

impl From<&User> for ActiveModel {
    fn from(user: &User) -> Self {
        let (activated_at, disabled_at) = match user.state {
            UserState::Invited => (None, None),
            UserState::Active { since } => (Some(since), None),
            UserState::Disabled { at, active_since } => (active_since, Some(at)),
        };
        Self {
            id: Set(user.id.uuid()),
            email: Set(user.email.to_string()),
            name: Set(user.name.to_string()),
            role: Set(user.role.as_str().to_owned()),
            created_at: Set(user.created_at.unix_timestamp()),
            activated_at: Set(activated_at.map(OffsetDateTime::unix_timestamp)),
            disabled_at: Set(disabled_at.map(OffsetDateTime::unix_timestamp)),
            passkey_since: Set(user.passkey_since.map(OffsetDateTime::unix_timestamp)),
            passkey_only: Set(user.passkey_only),
        }
    }
}

pub(crate) async fn insert(db: &impl Writes, user: &User) -> Result<()> {
    Entity::insert(ActiveModel::from(user))
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Writes a user who was read in the same transaction.
pub(crate) async fn save(db: &impl Writes, user: &User) -> Result<()> {
    let mut row = ActiveModel::from(user);
    row.id = NotSet;
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(user.id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Has a user's row to itself until the transaction ends.
pub(crate) async fn lock(db: &impl Writes, id: UserId) -> Result<()> {
    Entity::find_by_id(id.uuid())
        .lock_exclusive()
        .one(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl Reads, id: UserId) -> Result<Option<User>> {
    let row = Entity::find_by_id(id.uuid()).one(db.connection()).await?;
    row.map(User::try_from).transpose()
}

/// Every user.
pub(crate) async fn ids(db: &impl Reads) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(ids.into_iter().map(UserId::from_uuid).collect())
}

/// The addresses of users.
pub(crate) async fn emails(db: &impl Reads, ids: Vec<UserId>) -> Result<HashMap<UserId, Email>> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in database::statements(ids) {
        let rows: Vec<(Uuid, String)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Email])
            .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
            .into_tuple()
            .all(db.connection())
            .await?;
        for (id, email) in rows {
            found.insert(UserId::from_uuid(id), parsed(&email)?);
        }
    }
    Ok(found)
}

pub(crate) async fn find_by_email(db: &impl Reads, email: &Email) -> Result<Option<User>> {
    let row = Entity::find()
        .filter(Column::Email.eq(email.as_str()))
        .one(db.connection())
        .await?;
    row.map(User::try_from).transpose()
}

/// The same, but a row is read also if there is no such user: that of the next address, because reading one takes time.
pub(crate) async fn find_by_email_evenly(db: &impl Reads, email: &Email) -> Result<Option<User>> {
    let row = Entity::find()
        .filter(Column::Email.gte(email.as_str()))
        .order_by_asc(Column::Email)
        .one(db.connection())
        .await?;
    let is_theirs = row.as_ref().is_some_and(|row| row.email == email.as_str());
    let user = black_box(row.map(User::try_from).transpose());
    // What is wrong with the row of another user is not the matter here.
    if is_theirs { user } else { Ok(None) }
}

/// Deletes a user, and by foreign keys everything that belongs to them.
pub(crate) async fn delete(db: &impl Writes, id: UserId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}

fn administrators() -> Select<Entity> {
    Entity::find()
        .filter(Column::Role.eq(Role::Admin.as_str()))
        .filter(Column::DisabledAt.is_null())
        .filter(Column::ActivatedAt.is_not_null())
}

/// Administrators who can still administer: active, not disabled, and with a passkey if they ever had one,
/// because a code does not let them in any more. `except` leaves one out.
pub(crate) async fn count_able_administrators(db: &impl Reads, except: UserId) -> Result<u64> {
    use super::passkey::{Column as Passkey, Entity as Passkeys};
    let with_passkey = Passkeys::find()
        .select_only()
        .column(Passkey::UserId)
        .into_query();
    Ok(administrators()
        .filter(Column::Id.ne(except.uuid()))
        .filter(
            Condition::any()
                .add(Column::PasskeySince.is_null())
                .add(Column::Id.in_subquery(with_passkey)),
        )
        .count(db.connection())
        .await?)
}

/// Administrators who are active and not disabled.
pub(crate) async fn count_administrators(db: &impl Reads) -> Result<u64> {
    Ok(administrators().count(db.connection()).await?)
}

/// How many users have each role.
pub(crate) async fn count_by_role(db: &impl Reads) -> Result<HashMap<Role, u64>> {
    let counts: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::Role)
        .column_as(Column::Id.count(), "users")
        .group_by(Column::Role)
        .into_tuple()
        .all(db.connection())
        .await?;
    let known = counts
        .into_iter()
        .filter_map(|(role, count)| Some((role.parse().ok()?, u64::try_from(count).ok()?)));
    Ok(known.collect())
}

/// The users of a role.
pub(crate) async fn ids_with_role(db: &impl Reads, role: Role) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Role.eq(role.as_str()))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(ids.into_iter().map(UserId::from_uuid).collect())
}

/// Users who are not disabled.
pub(crate) async fn count_enabled(db: &impl Reads) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::DisabledAt.is_null())
        .count(db.connection())
        .await?)
}
