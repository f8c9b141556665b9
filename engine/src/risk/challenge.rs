//! Why devices owe something, as the audit log says: no second place has to agree with it.

use crate::{Engine, Result, audit::store::assessed};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, DevicesRead},
    id::DeviceId,
    identity::device::DeviceView,
    risk::{Challenge, Reason},
};
use std::collections::HashMap;

/// For each device that owes something, why. An entry that was pruned says nothing.
pub type ChallengeReasons = HashMap<DeviceId, Vec<Reason>>;

impl Engine {
    /// Why devices of this user owe something.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_challenge_reasons(
        &self,
        current_user: &CurrentUser,
        devices: &[DeviceView],
    ) -> Result<ChallengeReasons> {
        let is_own = |device: &&DeviceView| device.user_id == current_user.user_id;
        self.reasons_of(devices.iter().filter(is_own)).await
    }

    /// The same for anybody's devices.
    ///
    /// # Errors
    /// Internal only.
    pub async fn challenge_reasons(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        devices: &[DeviceView],
    ) -> Result<ChallengeReasons> {
        self.reasons_of(devices.iter()).await
    }

    async fn reasons_of(
        &self,
        devices: impl Iterator<Item = &DeviceView>,
    ) -> Result<ChallengeReasons> {
        let owing: HashMap<DeviceId, Challenge> = devices
            .filter_map(|device| Some((device.id, device.challenge?)))
            .collect();
        let Some(since) = owing.values().map(|challenge| challenge.at).min() else {
            return Ok(ChallengeReasons::new());
        };
        self.seal_events_to_read().await;
        let ids: Vec<_> = owing.keys().copied().collect();
        let mut reasons = ChallengeReasons::new();
        for event in assessed::about(&self.read(), &ids, since).await? {
            let id = event.target.strip_prefix("device:");
            let id = id.and_then(|id| id.parse::<DeviceId>().ok());
            let (Some(id), Some(note)) = (id, event.risk()) else {
                continue;
            };
            // The one that asked for what is owed still: what a device had given since is not.
            let asked = (owing.get(&id))
                .is_some_and(|owed| event.time >= owed.at && note.enforced() == owed.demand);
            if asked {
                reasons.entry(id).or_insert(note.assessment.reasons);
            }
        }
        Ok(reasons)
    }
}
