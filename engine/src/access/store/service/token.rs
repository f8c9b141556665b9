//! Service tokens' rows: a public label to find the row by, and a salted digest of the secret half.

use crate::{
    Result,
    database::{Reads, Writes, at},
};
use latchkey_domain::{
    access::service::{ServiceToken, ServiceTokenState},
    id::ServiceId,
};
use sea_orm::{Set, entity::prelude::*, sea_query::Expr};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) label: String,
    pub(crate) service_id: Uuid,
    salt: Vec<u8>,
    digest: Vec<u8>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for ServiceToken {
    fn from(row: Model) -> Self {
        Self {
            label: row.label,
            service_id: ServiceId::from_uuid(row.service_id),
            salt: row.salt,
            digest: row.digest,
            created_at: at(row.created_at),
            state: ServiceTokenState::of(row.expires_at.map(at)),
        }
    }
}

pub(crate) async fn insert(db: &impl Writes, token: &ServiceToken) -> Result<()> {
    let row = ActiveModel {
        label: Set(token.label.clone()),
        service_id: Set(token.service_id.uuid()),
        salt: Set(token.salt.clone()),
        digest: Set(token.digest.clone()),
        created_at: Set(token.created_at.unix_timestamp()),
        expires_at: Set(token.state.until().map(OffsetDateTime::unix_timestamp)),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Rotation: the current token is retiring until `until`; one that was retiring already ends now.
pub(crate) async fn retire(db: &impl Writes, id: ServiceId, until: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ServiceId.eq(id.uuid()))
        .filter(Column::ExpiresAt.is_not_null())
        .exec(db.connection())
        .await?;
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(until.unix_timestamp()))
        .filter(Column::ServiceId.eq(id.uuid()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// How many tokens a service has.
pub(crate) async fn count_by_service(db: &impl Reads, service: ServiceId) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::ServiceId.eq(service.uuid()))
        .count(db.connection())
        .await?)
}

/// All tokens.
pub(crate) async fn all(db: &impl Reads) -> Result<Vec<ServiceToken>> {
    let rows = Entity::find().all(db.connection()).await?;
    Ok(rows.into_iter().map(ServiceToken::from).collect())
}
