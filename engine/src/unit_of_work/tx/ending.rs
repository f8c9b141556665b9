//! What ends with something else: sessions and token families.

use super::Tx;
use crate::{
    Result, identity,
    identity::store::recovery_mail,
    tokens::store::{self, family::FamilyOwner},
    unit_of_work::CommitOrder,
};
use latchkey_domain::{
    event::CacheKey,
    id::{DeviceId, UserId},
};

impl<O: CommitOrder + Sync> Tx<'_, O> {
    /// Ends the sessions of a device; returns how many.
    pub(crate) async fn end_sessions_of_device(&self, device: DeviceId) -> Result<u64> {
        let store = &self.engine.inner.ephemeral;
        store.delete_sessions_of_device(&self.tx, device).await
    }

    /// Ends the sessions of a user on other devices: a way to sign in changed, and whoever is signed in has to show that they
    /// still can.
    pub(crate) async fn end_other_sessions(&self, user: UserId, here: DeviceId) -> Result<u64> {
        let store = &self.engine.inner.ephemeral;
        store
            .delete_other_sessions_of_user(&self.tx, user, here)
            .await
    }

    /// Ends the sessions of a user on all devices but the one on which they make this change, if it is one of theirs.
    pub(crate) async fn end_sessions_elsewhere(&self, user: UserId) -> Result<u64> {
        match (self.from.device, self.from.client) {
            (Some(here), None) => self.end_other_sessions(user, here).await,
            (Some(_) | None, _) => self.end_sessions_of_user(user).await,
        }
    }

    /// Ends the sessions of a user; returns how many.
    pub(crate) async fn end_sessions_of_user(&self, user: UserId) -> Result<u64> {
        let store = &self.engine.inner.ephemeral;
        store.delete_sessions_of_user(&self.tx, user).await
    }

    /// Ends the token families of an owner, and what was approved for programs and browsers that have not fetched it; returns
    /// how many families.
    pub(crate) async fn end_token_families(&mut self, owner: FamilyOwner) -> Result<u64> {
        match owner {
            FamilyOwner::Device(device) => {
                store::device_authorization::delete_of_device(self, device).await?;
                identity::store::approval::end_of_device(self, device).await?;
                recovery_mail::end(self, recovery_mail::Of::Device(device)).await?;
            }
            FamilyOwner::User(user) => {
                store::device_authorization::delete_of_user(self, user).await?;
                identity::store::approval::end_of_user(self, user).await?;
                recovery_mail::end(self, recovery_mail::Of::User(user)).await?;
            }
            // Theirs end by foreign keys.
            FamilyOwner::Client(_) | FamilyOwner::DeviceAt(..) => {}
        }
        let ended = store::family::delete_of(self, owner).await?;
        let count = ended.len() as u64;
        self.invalid
            .extend(ended.into_iter().map(CacheKey::TokenFamily));
        Ok(count)
    }
}
