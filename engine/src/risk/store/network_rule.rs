//! Rows of what administrators say of networks. There is one for each network.

use crate::{
    Error, Result,
    database::{Reads, Writes, at, parsed},
};
use latchkey_domain::{
    id::NetworkRuleId,
    risk::{AddressRange, NetworkRule},
};
use sea_orm::{Condition, QueryOrder, Set, entity::prelude::*};
use time::OffsetDateTime;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "risk_networks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    network: String,
    verdict: String,
    created_at: i64,
    expires_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for NetworkRule {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: NetworkRuleId::from_uuid(row.id),
            range: parsed(&row.network)?,
            verdict: parsed(&row.verdict)?,
            created_at: at(row.created_at),
            expires_at: row.expires_at.map(at),
        })
    }
}

fn live(now: OffsetDateTime) -> Condition {
    Condition::any()
        .add(Column::ExpiresAt.is_null())
        .add(Column::ExpiresAt.gt(now.unix_timestamp()))
}

/// The rules that hold, by network.
pub(crate) async fn live_rules(db: &impl Reads, now: OffsetDateTime) -> Result<Vec<NetworkRule>> {
    let rows = Entity::find()
        .filter(live(now))
        .order_by_asc(Column::Network)
        .all(db.connection())
        .await?;
    rows.into_iter().map(NetworkRule::try_from).collect()
}

/// How many rules hold.
pub(crate) async fn count(db: &impl Reads, now: OffsetDateTime) -> Result<u64> {
    let live = Entity::find().filter(live(now));
    Ok(live.count(db.connection()).await?)
}

/// The rule about exactly this network, if it holds.
pub(crate) async fn find(
    db: &impl Reads,
    range: AddressRange,
    now: OffsetDateTime,
) -> Result<Option<NetworkRule>> {
    let row = Entity::find()
        .filter(Column::Network.eq(range.to_string()))
        .filter(live(now))
        .one(db.connection())
        .await?;
    row.map(NetworkRule::try_from).transpose()
}

/// A rule, if it holds.
pub(crate) async fn find_by_id(
    db: &impl Reads,
    id: NetworkRuleId,
    now: OffsetDateTime,
) -> Result<Option<NetworkRule>> {
    let row = Entity::find_by_id(id.uuid())
        .filter(live(now))
        .one(db.connection())
        .await?;
    row.map(NetworkRule::try_from).transpose()
}

/// Writes a rule in the place of the one about the same network.
pub(crate) async fn replace(db: &impl Writes, rule: &NetworkRule) -> Result<()> {
    delete(db, rule.range).await?;
    let seconds = |at: OffsetDateTime| at.unix_timestamp();
    let row = ActiveModel {
        id: Set(rule.id.uuid()),
        network: Set(rule.range.to_string()),
        verdict: Set(rule.verdict.as_str().to_owned()),
        created_at: Set(seconds(rule.created_at)),
        expires_at: Set(rule.expires_at.map(seconds)),
    };
    Entity::insert(row)
        .exec_without_returning(db.connection())
        .await?;
    Ok(())
}

/// Deletes the rule about a network.
pub(crate) async fn delete(db: &impl Writes, range: AddressRange) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Network.eq(range.to_string()))
        .exec(db.connection())
        .await?;
    Ok(())
}

/// Deletes rules that hold no more.
pub(crate) async fn delete_expired(db: &impl Writes, now: OffsetDateTime) -> Result<()> {
    Entity::delete_many()
        .filter(Column::ExpiresAt.lte(now.unix_timestamp()))
        .exec(db.connection())
        .await?;
    Ok(())
}
