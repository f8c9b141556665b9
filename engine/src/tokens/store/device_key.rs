//! Keys of native devices, as rows.

use crate::{
    Result,
    database::{Reads, Writes},
};
use latchkey_domain::{id::DeviceId, tokens::device_key::DeviceKey};
use sea_orm::{QuerySelect, Set, entity::prelude::*, sea_query::Expr};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    thumbprint: String,
    device_id: Uuid,
    public_key: String,
    approved_on: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(db: &impl Writes, key: &DeviceKey) -> Result<()> {
    let row = ActiveModel {
        thumbprint: Set(key.thumbprint.clone()),
        device_id: Set(key.device_id.uuid()),
        public_key: Set(key.jwk.clone()),
        approved_on: Set(key.approved_on.uuid()),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl Reads, thumbprint: &str) -> Result<Option<DeviceKey>> {
    let row = Entity::find_by_id(thumbprint.to_owned())
        .one(db.connection())
        .await?;
    Ok(row.map(|row| DeviceKey {
        thumbprint: row.thumbprint,
        jwk: row.public_key,
        device_id: DeviceId::from_uuid(row.device_id),
        approved_on: DeviceId::from_uuid(row.approved_on),
    }))
}

/// Notes on which device a native device was approved again.
pub(crate) async fn save_approver(
    db: &impl Writes,
    device: DeviceId,
    approved_on: DeviceId,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ApprovedOn, Expr::value(approved_on.uuid()))
        .filter(Column::DeviceId.eq(device.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// The native devices that were last approved on a device.
pub(crate) async fn approved_on(db: &impl Reads, device: DeviceId) -> Result<Vec<DeviceId>> {
    let ids: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::DeviceId)
        .filter(Column::ApprovedOn.eq(device.uuid()))
        .into_tuple()
        .all(db.connection())
        .await?;
    Ok(ids.into_iter().map(DeviceId::from_uuid).collect())
}
