//! Token families' rows.

pub(crate) mod view;

use crate::{
    Error, Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::{ClientId, DeviceId, ServiceId, TokenFamilyId, UserId},
    identity::device::AuthMethod,
    tokens::{client::GrantType, family::TokenFamily},
};
use sea_orm::{Condition, ExprTrait, QuerySelect, Set, entity::prelude::*, sea_query::Expr};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_families")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    device_id: Uuid,
    client_id: Uuid,
    service_id: Uuid,
    scopes: String,
    grant_type: String,
    key_thumbprint: Option<String>,
    auth_time: i64,
    auth_method: String,
    passkey_verified_at: Option<i64>,
    created_at: i64,
    expires_at: i64,
    salt: Vec<u8>,
    generation: i64,
    refreshed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "crate::identity::store::user::Entity",
        from = "Column::UserId",
        to = "crate::identity::store::user::Column::Id"
    )]
    User,
    #[sea_orm(
        belongs_to = "crate::identity::store::device::Entity",
        from = "Column::DeviceId",
        to = "crate::identity::store::device::Column::Id"
    )]
    Device,
    #[sea_orm(
        belongs_to = "super::client::Entity",
        from = "Column::ClientId",
        to = "super::client::Column::Id"
    )]
    Client,
    #[sea_orm(
        belongs_to = "crate::access::store::service::Entity",
        from = "Column::ServiceId",
        to = "crate::access::store::service::Column::Id"
    )]
    Service,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whose families.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FamilyOwner {
    /// Those that were approved on a device.
    Device(DeviceId),
    /// Those of a user.
    User(UserId),
    /// Those of a client.
    Client(ClientId),
    /// Those of a native device at a service.
    DeviceAt(DeviceId, ServiceId),
}

impl From<FamilyOwner> for Condition {
    fn from(owner: FamilyOwner) -> Self {
        Self::all().add(match owner {
            FamilyOwner::Device(id) => Column::DeviceId.eq(id.uuid()),
            FamilyOwner::User(id) => Column::UserId.eq(id.uuid()),
            FamilyOwner::Client(id) => Column::ClientId.eq(id.uuid()),
            FamilyOwner::DeviceAt(device, service) => Column::DeviceId
                .eq(device.uuid())
                .and(Column::ServiceId.eq(service.uuid())),
        })
    }
}

impl TryFrom<Model> for TokenFamily {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: TokenFamilyId::from_uuid(row.id),
            user_id: UserId::from_uuid(row.user_id),
            device_id: DeviceId::from_uuid(row.device_id),
            client_id: ClientId::from_uuid(row.client_id),
            audience: ServiceId::from_uuid(row.service_id),
            scopes: parsed(&row.scopes)?,
            grant_type: parsed(&row.grant_type)?,
            key: row.key_thumbprint,
            auth_time: at(row.auth_time),
            auth_method: AuthMethod::from_word(&row.auth_method),
            passkey_verified_at: row.passkey_verified_at.map(at),
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
            salt: row.salt,
            generation: u32::try_from(row.generation).map_err(Error::internal)?,
            refreshed_at: at(row.refreshed_at),
        })
    }
}

pub(crate) async fn insert(db: &impl Writes, family: &TokenFamily) -> Result<()> {
    let row = ActiveModel {
        id: Set(family.id.uuid()),
        user_id: Set(family.user_id.uuid()),
        device_id: Set(family.device_id.uuid()),
        client_id: Set(family.client_id.uuid()),
        service_id: Set(family.audience.uuid()),
        scopes: Set(family.scopes.to_string()),
        grant_type: Set(family.grant_type.as_str().to_owned()),
        key_thumbprint: Set(family.key.clone()),
        auth_time: Set(family.auth_time.unix_timestamp()),
        auth_method: Set(family.auth_method.as_str().to_owned()),
        passkey_verified_at: Set(family
            .passkey_verified_at
            .map(OffsetDateTime::unix_timestamp)),
        created_at: Set(family.created_at.unix_timestamp()),
        expires_at: Set(family.expires_at.unix_timestamp()),
        salt: Set(family.salt.clone()),
        generation: Set(family.generation.into()),
        refreshed_at: Set(family.refreshed_at.unix_timestamp()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl Reads, id: TokenFamilyId) -> Result<Option<TokenFamily>> {
    let row = Entity::find_by_id(id.uuid()).one(db.connection()).await?;
    row.map(TokenFamily::try_from).transpose()
}

/// What a native device may do at a service.
pub(crate) async fn find_native(
    db: &impl Reads,
    device: DeviceId,
    client: ClientId,
    service: Option<ServiceId>,
) -> Result<Vec<TokenFamily>> {
    let mut select = Entity::find()
        .filter(Column::DeviceId.eq(device.uuid()))
        .filter(Column::ClientId.eq(client.uuid()))
        .filter(Column::GrantType.eq(GrantType::JwtBearer.as_str()));
    if let Some(service) = service {
        select = select.filter(Column::ServiceId.eq(service.uuid()));
    }
    let rows = select.limit(2).all(db.connection()).await?;
    rows.into_iter().map(TokenFamily::try_from).collect()
}

/// Uses the refresh token of this number up, in one conditional statement: of uses at once, one is the first.
pub(crate) async fn advance(
    db: &impl Writes,
    id: TokenFamilyId,
    generation: u32,
    now: OffsetDateTime,
) -> Result<bool> {
    let updated = Entity::update_many()
        .col_expr(Column::Generation, Expr::value(i64::from(generation) + 1))
        .col_expr(Column::RefreshedAt, Expr::value(now.unix_timestamp()))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Generation.eq(i64::from(generation)))
        .filter(Column::ExpiresAt.gt(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(updated.rows_affected == 1)
}

/// Notes that a native device got an access token.
pub(crate) async fn refreshed(
    db: &impl Writes,
    id: TokenFamilyId,
    now: OffsetDateTime,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::RefreshedAt, Expr::value(now.unix_timestamp()))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete(db: &impl Writes, id: TokenFamilyId) -> Result<()> {
    Entity::delete_by_id(id.uuid())
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Ends families; returns which.
pub(crate) async fn delete_of(db: &impl Writes, owner: FamilyOwner) -> Result<Vec<TokenFamilyId>> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Condition::from(owner))
        .into_tuple()
        .all(db.connection())
        .await?;
    if !ids.is_empty() {
        Entity::delete_many()
            .filter(Condition::from(owner))
            .exec(db.connection())
            .await?;
    }
    Ok(ids.into_iter().map(TokenFamilyId::from_uuid).collect())
}

pub(crate) async fn delete_all(db: &impl Writes) -> Result<u64> {
    let deleted = Entity::delete_many().exec(db.connection()).await?;
    Ok(deleted.rows_affected)
}

pub(crate) async fn delete_expired(db: &impl Writes, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
