//! The entries that say how unusual it was what happened on devices.

use super::{Column, Entity, filter::views};
use crate::{Result, database::Reads};
use latchkey_domain::{
    audit::event::{Action, EventView},
    id::DeviceId,
};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};
use time::OffsetDateTime;

/// The entries that have an assessment.
pub(crate) const ASSESSED: [Action; 3] = [
    Action::SignedIn,
    Action::DeviceRegistered,
    Action::DeviceAssessed,
];

/// The most that are read: a device that owes something is not assessed until it has given that.
const MOST: u64 = 1000;

/// Assessed entries about devices since a time, oldest first.
pub(crate) async fn about(
    db: &impl Reads,
    devices: &[DeviceId],
    since: OffsetDateTime,
) -> Result<Vec<EventView>> {
    let targets = devices.iter().map(|device| format!("device:{device}"));
    let rows = Entity::find()
        .filter(Column::Target.is_in(targets))
        .filter(Column::Action.is_in(ASSESSED.map(Action::as_str)))
        .filter(Column::Time.gte(since.unix_timestamp()))
        .order_by_asc(Column::Seq)
        .limit(MOST)
        .all(db.connection())
        .await?;
    Ok(views(rows))
}
