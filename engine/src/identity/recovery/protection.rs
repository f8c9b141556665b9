//! What a device in recovery cannot end: devices on which its user signed in since, with more than a recovery code.
//!
//! Otherwise a thief with a recovery code could end every device as soon as its owner signs in on it, before they cancel.

use crate::{Result, database::Reads, identity};
use latchkey_domain::{access::permission::Denial, id::DeviceId, identity::device::RecoveryStage};
use time::OffsetDateTime;

/// When the first recovery of the user of this device began that is under way, if this device is in recovery. The first of all:
/// a thief with two codes must not move it by using the second one in another browser.
pub(crate) async fn recovering_since(
    db: &impl Reads,
    here: DeviceId,
    now: OffsetDateTime,
) -> Result<Option<OffsetDateTime>> {
    let here = identity::store::device::find(db, here).await?;
    let here = here.ok_or(Denial::SignIn)?;
    let Some(own) = here.limit.recovery() else {
        return Ok(None);
    };
    let devices = identity::store::device::list_active_by_user(db, here.user_id).await?;
    let others = devices.iter().filter_map(|device| device.limit.recovery());
    let under_way = others.filter(|one| one.stage(now) != RecoveryStage::Lapsed);
    let first = under_way.map(|one| one.since).min();
    Ok(Some(first.map_or(own.since, |first| first.min(own.since))))
}
