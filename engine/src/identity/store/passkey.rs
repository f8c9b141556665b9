//! Passkeys' rows. The credential itself is webauthn-rs's own serialised form.

use crate::Error;
use crate::database::{at, parsed};
use latchkey_domain::{
    id::{DeviceId, PasskeyId, UserId},
    identity::passkey::Passkey,
};
use sea_orm::{
    Condition, QueryOrder, QuerySelect, QueryTrait, Set,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) device_id: Uuid,
    pub(crate) credential_digest: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub(crate) credential: String,
    pub(crate) name: String,
    pub(crate) backed_up: bool,
    pub(crate) created_at: i64,
    pub(crate) last_used_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// On which devices passkeys were made or used: a synced one is at home on several.
pub(crate) mod used_on {
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

    fn try_from(row: Model) -> Result<Self, Error> {
        Ok(Self {
            id: PasskeyId::from_uuid(row.id),
            name: parsed(&row.name)?,
            device_id: DeviceId::from_uuid(row.device_id),
            backed_up: row.backed_up,
            created_at: at(row.created_at),
            last_used_at: row.last_used_at.map(at),
        })
    }
}

pub(crate) async fn insert(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(row.id),
        user_id: Set(row.user_id),
        device_id: Set(row.device_id),
        credential_digest: Set(row.credential_digest),
        credential: Set(row.credential),
        name: Set(row.name),
        backed_up: Set(row.backed_up),
        created_at: Set(row.created_at),
        last_used_at: Set(row.last_used_at),
    };
    Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
}

pub(crate) async fn find_by_credential(
    db: &impl ConnectionTrait,
    digest: &[u8],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::CredentialDigest.eq(digest))
        .one(db)
        .await
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: PasskeyId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id.uuid()).one(db).await
}

pub(crate) async fn rows_of(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

pub(crate) async fn count_of(db: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user.uuid()))
        .count(db)
        .await
}

/// Keeps what an assertion changed: counter and flags, last use, and the device it now belongs to.
pub(crate) async fn used(db: &impl ConnectionTrait, row: &Model) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Credential, Expr::value(&*row.credential))
        .col_expr(Column::BackedUp, Expr::value(row.backed_up))
        .col_expr(Column::LastUsedAt, Expr::value(row.last_used_at))
        .col_expr(Column::DeviceId, Expr::value(row.device_id))
        .filter(Column::Id.eq(row.id))
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn rename(
    db: &impl ConnectionTrait,
    id: PasskeyId,
    name: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(name))
        .filter(Column::Id.eq(id.uuid()))
        .exec(db)
        .await
        .map(drop)
}

pub(crate) async fn delete(db: &impl ConnectionTrait, id: PasskeyId) -> Result<(), DbErr> {
    Entity::delete_by_id(id.uuid()).exec(db).await.map(drop)
}

/// Notes that a passkey was made or used on a device.
pub(crate) async fn note_used_on(
    db: &impl ConnectionTrait,
    passkey: PasskeyId,
    device: DeviceId,
    now: i64,
) -> Result<(), DbErr> {
    let row = used_on::ActiveModel {
        device_id: Set(device.uuid()),
        passkey_id: Set(passkey.uuid()),
        last_used_at: Set(now),
    };
    let replace = OnConflict::columns([used_on::Column::DeviceId, used_on::Column::PasskeyId])
        .update_column(used_on::Column::LastUsedAt)
        .to_owned();
    used_on::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// The passkeys that were made or used on a device, wherever they belong.
pub(crate) async fn used_on(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Vec<Model>, DbErr> {
    let used = used_on::Entity::find()
        .select_only()
        .column(used_on::Column::PasskeyId)
        .filter(used_on::Column::DeviceId.eq(device.uuid()));
    Entity::find()
        .filter(
            Condition::any()
                .add(Column::DeviceId.eq(device.uuid()))
                .add(Column::Id.in_subquery(used.into_query())),
        )
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}
