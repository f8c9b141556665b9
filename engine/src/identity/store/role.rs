//! Rows of the roles that administrators define.

use crate::{
    Error, Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    access::permission::PermissionSet,
    identity::{custom_role::CustomRole, user::RoleName},
};
use sea_orm::{QueryOrder, Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    /// Their names, separated by spaces.
    permissions: String,
    created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Permissions that this version does not know are none.
fn permissions(text: &str) -> PermissionSet {
    text.split(' ')
        .filter_map(|name| name.parse().ok())
        .collect()
}

impl TryFrom<Model> for CustomRole {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            name: parsed(&row.name)?,
            permissions: permissions(&row.permissions),
            created_at: at(row.created_at),
        })
    }
}

impl From<&CustomRole> for ActiveModel {
    fn from(role: &CustomRole) -> Self {
        Self {
            name: Set(role.name.as_str().to_owned()),
            permissions: Set(role.permissions.to_string()),
            created_at: Set(role.created_at.unix_timestamp()),
        }
    }
}

pub(crate) async fn insert(db: &impl Writes, role: &CustomRole) -> Result<()> {
    Entity::insert(ActiveModel::from(role))
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Writes a role that was read in the same transaction.
pub(crate) async fn save(db: &impl Writes, role: &CustomRole) -> Result<()> {
    Entity::update_many()
        .col_expr(
            Column::Permissions,
            Expr::value(role.permissions.to_string()),
        )
        .filter(Column::Name.eq(role.name.as_str()))
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn delete(db: &impl Writes, name: RoleName) -> Result<()> {
    Entity::delete_by_id(name.as_str().to_owned())
        .exec(db.connection())
        .await?;
    Ok(())
}

pub(crate) async fn find(db: &impl Reads, name: RoleName) -> Result<Option<CustomRole>> {
    let row = Entity::find_by_id(name.as_str().to_owned());
    let row = row.one(db.connection()).await?;
    row.map(CustomRole::try_from).transpose()
}

/// All of them, by name.
pub(crate) async fn all(db: &impl Reads) -> Result<Vec<CustomRole>> {
    let rows = Entity::find().order_by_asc(Column::Name);
    let rows = rows.all(db.connection()).await?;
    rows.into_iter().map(CustomRole::try_from).collect()
}
