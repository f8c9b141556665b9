//! Passkeys' rows. The credential itself is webauthn-rs's own serialised form.

use crate::{
    Error, Result, database,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::{DeviceId, PasskeyId, UserId},
    identity::{authenticator::Aaguid, passkey::Passkey},
};
use sea_orm::{
    Condition, NotSet, QueryOrder, QuerySelect, QueryTrait, Set, entity::prelude::*,
    sea_query::OnConflict,
};
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    device_id: Uuid,
    credential_digest: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    credential: String,
    name: String,
    backed_up: bool,
    aaguid: Option<Uuid>,
    created_at: i64,
    last_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// On which devices passkeys were made or used: a synced one is at home on several.
pub(crate) mod device_passkey {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "device_passkeys")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) device_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) passkey_id: Uuid,
        pub(crate) last_used_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<Model> for Passkey {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: PasskeyId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            device_id: DeviceId::from_uuid(row.device_id),
            credential_digest: row.credential_digest,
            credential: row.credential,
            name: parsed(&row.name)?,
            backed_up: row.backed_up,
            aaguid: row.aaguid.and_then(Aaguid::from_uuid),
            created_at: at(row.created_at),
            last_used_at: row.last_used_at.map(at),
        })
    }
}

impl From<&Passkey> for ActiveModel {
    fn from(passkey: &Passkey) -> Self {
        Self {
            id: Set(passkey.id.uuid()),
            user_id: Set(passkey.user_id.uuid()),
            device_id: Set(passkey.device_id.uuid()),
            credential_digest: Set(passkey.credential_digest.clone()),
            credential: Set(passkey.credential.clone()),
            name: Set(passkey.name.to_string()),
            backed_up: Set(passkey.backed_up),
            aaguid: Set(passkey.aaguid.map(Aaguid::uuid)),
            created_at: Set(passkey.created_at.unix_timestamp()),
            last_used_at: Set(passkey.last_used_at.map(OffsetDateTime::unix_timestamp)),
        }
    }
}

pub(crate) async fn insert(db: &impl Writes, passkey: &Passkey) -> Result<()> {
    Entity::insert(ActiveModel::from(passkey))
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Writes a passkey that was read in the same transaction.
pub(crate) async fn save(db: &impl Writes, passkey: &Passkey) -> Result<()> {
    let mut row = ActiveModel::from(passkey);
    row.id = NotSet;
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(passkey.id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find_by_credential(db: &impl Reads, digest: &[u8]) -> Result<Option<Passkey>> {
    let row = Entity::find()
        .filter(Column::CredentialDigest.eq(digest))
        .one(db.connection())
        .await?;
    row.map(Passkey::try_from).transpose()
}

pub(crate) async fn find(db: &impl Reads, id: PasskeyId) -> Result<Option<Passkey>> {
    let row = Entity::find_by_id(id.uuid()).one(db.connection()).await?;
    row.map(Passkey::try_from).transpose()
}

/// A user's passkeys, the oldest first.
pub(crate) async fn list_by_user(db: &impl Reads, user: UserId) -> Result<Vec<Passkey>> {
    list_where(db, Condition::all().add(Column::UserId.eq(user.uuid()))).await
}

async fn list_where(db: &impl Reads, filter: Condition) -> Result<Vec<Passkey>> {
    let rows = Entity::find()
        .filter(filter)
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db.connection())
        .await?;
    rows.into_iter().map(Passkey::try_from).collect()
}

pub(crate) async fn count_by_user(db: &impl Reads, user: UserId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .count(db.connection())
        .await?)
}

/// Which of these users have a passkey.
pub(crate) async fn owners_among(
    db: &impl Reads,
    users: impl IntoIterator<Item = UserId>,
) -> Result<HashSet<UserId>> {
    let mut owners = HashSet::new();
    for users in database::statements(users.into_iter().collect()) {
        let found: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::UserId)
            .distinct()
            .filter(Column::UserId.is_in(users.iter().map(|user| user.uuid())))
            .into_tuple()
            .all(db.connection())
            .await?;
        owners.extend(found.into_iter().map(UserId::from_uuid));
    }
    Ok(owners)
}

pub(crate) async fn delete(db: &impl Writes, id: PasskeyId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Notes that a passkey was made or used on a device.
pub(crate) async fn record_use(
    db: &impl Writes,
    passkey: PasskeyId,
    device: DeviceId,
    now: OffsetDateTime,
) -> Result<()> {
    let row = device_passkey::ActiveModel {
        device_id: Set(device.uuid()),
        passkey_id: Set(passkey.uuid()),
        last_used_at: Set(now.unix_timestamp()),
    };
    let replace = OnConflict::columns([
        device_passkey::Column::DeviceId,
        device_passkey::Column::PasskeyId,
    ])
    .update_column(device_passkey::Column::LastUsedAt)
    .to_owned();
    device_passkey::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// The passkeys that were made or used on a device, whichever device they belong to.
pub(crate) async fn list_used_on(db: &impl Reads, device: DeviceId) -> Result<Vec<Passkey>> {
    let used = device_passkey::Entity::find()
        .select_only()
        .column(device_passkey::Column::PasskeyId)
        .filter(device_passkey::Column::DeviceId.eq(device.uuid()));
    let filter = Condition::any()
        .add(Column::DeviceId.eq(device.uuid()))
        .add(Column::Id.in_subquery(used.into_query()));
    list_where(db, filter).await
}

/// When a passkey was last made or used on each of these devices.
pub(crate) async fn last_used_by_device(
    db: &impl Reads,
    devices: impl Iterator<Item = DeviceId>,
) -> Result<HashMap<DeviceId, OffsetDateTime>> {
    let uses: Vec<(Uuid, i64)> = device_passkey::Entity::find()
        .select_only()
        .column(device_passkey::Column::DeviceId)
        .column_as(device_passkey::Column::LastUsedAt.max(), "last_used_at")
        .filter(device_passkey::Column::DeviceId.is_in(devices.map(DeviceId::uuid)))
        .group_by(device_passkey::Column::DeviceId)
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(uses
        .into_iter()
        .map(|(device, last)| (DeviceId::from_uuid(device), at(last)))
        .collect())
}
