//! Devices: looking after them, ending them; `registration.rs` registers one with a code.

mod registration;

use crate::{
    Conflict, Engine, Error, Noun, RequestOrigin, Result, Revocation, database::Reads, identity,
    identity::cascade, identity::cascade::EndedPasskeys, identity::recovery::protection,
    identity::user::require_user_under_authority, unit_of_work::Tx,
};
use latchkey_domain::{
    access::permission::{
        Authorizes, CurrentUser, Denial, DevicesRead, DevicesRevoke, RiskWrite, SelfManagement,
        SelfRevocation,
    },
    id::{DeviceId, PasskeyId, UserId},
    identity::device::{Device, DeviceView},
    identity::passkey::PasskeyView,
    name::DisplayName,
    pagination::{Batch, Cursor, ListQuery, Page},
};

impl Engine {
    /// A batch of devices, revoked ones too; of one user when asked.
    ///
    /// # Errors
    /// Internal only.
    pub async fn device_batch(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        cursor: Cursor<DeviceId>,
        user: Option<UserId>,
    ) -> Result<Batch<DeviceView>> {
        identity::store::device::view::batch(&self.read(), cursor, user).await
    }

    /// One device.
    ///
    /// # Errors
    /// Not found.
    pub async fn device(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        id: DeviceId,
    ) -> Result<DeviceView> {
        let device = identity::store::device::view::show(&self.read(), id).await?;
        device.ok_or(Error::NotFound(Noun::Device))
    }

    /// The devices of this user, this one first, then by last use. Not the revoked ones.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_devices(&self, current_user: &CurrentUser) -> Result<Vec<DeviceView>> {
        let mut devices =
            identity::store::device::view::list_by_user(&self.read(), current_user.user_id, false)
                .await?;
        devices.sort_by_key(|device| device.id != current_user.device_id);
        Ok(devices)
    }

    /// Renames one of this user's devices.
    ///
    /// # Errors
    /// Bad input (`name`), not found.
    pub async fn rename_device(
        &self,
        proof: &SelfManagement,
        id: DeviceId,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let name = DisplayName::parse(name).map_err(Error::bad_input("name"))?;
        let mut tx = self.begin(proof, origin).await?;
        let device = require_owned(&tx, id, proof.current_user()).await?;
        let (_, event) = device.rename(name);
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Approves one of this user's devices that was registered with a code: it is limited no more.
    ///
    /// # Errors
    /// Not found. A limited device approves nothing, itself included: it may make no change.
    pub async fn approve_device(
        &self,
        proof: &SelfManagement,
        id: DeviceId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let device = require_owned(&tx, id, proof.current_user()).await?;
        let Ok((_, event)) = device.approve(true) else {
            return Ok(());
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Approves anybody's device that waits for approval: one that was registered with a code, or is held.
    ///
    /// # Errors
    /// Not found; forbidden for one of a user who may do more than the caller, and for a program that would vouch by itself.
    pub async fn approve_any_device(
        &self,
        proof: &dyn Authorizes<RiskWrite>,
        id: DeviceId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        if !proof.caller().may_vouch() {
            return Err(Denial::Forbidden.into());
        }
        let mut tx = self.begin(proof, origin).await?;
        let device = identity::store::device::find(&tx, id).await?;
        let device = device
            .filter(|device| !device.is_revoked())
            .ok_or(Error::NotFound(Noun::Device))?;
        require_user_under_authority(&tx, device.user_id).await?;
        let Ok((_, event)) = device.approve(false) else {
            return Ok(());
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Revokes one of this user's devices, signed in or out, with its sessions, the passkeys that belong to it, and those
    /// of `also` that were used on it. A device in recovery ends no passkey: with it, their owner comes back and cancels, on a
    /// device that a recovery does not end.
    ///
    /// # Errors
    /// Not found; conflict when the user's last passkey would end with another device than this one: without
    /// any, only an administrator could help; or when this device is in recovery, and the user signed in on the other one
    /// since.
    pub async fn revoke_my_device(
        &self,
        proof: impl Into<SelfRevocation>,
        id: DeviceId,
        also: &[PasskeyId],
        origin: &RequestOrigin,
    ) -> Result<Revocation> {
        let proof = proof.into();
        let (owner, here) = (proof.current_user().user_id, proof.current_user().device_id);
        let tx = self.begin(&proof, origin).await?;
        // Read again: the proof may be from before a recovery began on this device.
        let recovering_since = protection::recovering_since(&tx, here, self.now()).await?;
        let passkeys = match recovering_since {
            Some(_) => EndedPasskeys::InRecovery(here),
            None => EndedPasskeys::Its(also),
        };
        if let Some(since) = recovering_since
            && let Some(device) = identity::store::device::find(&tx, id).await?
            && device.user_id == owner
            && device.withstands_recovery(since)
        {
            return Err(Error::conflict("id", Conflict::SignedInSinceRecovery));
        }
        if recovering_since.is_none()
            && id != here
            && ends_the_last_passkey(&tx, owner, id, also).await?
        {
            return Err(Error::conflict("id", Conflict::LastPasskeyOnDevice));
        }
        self.revoke(tx, id, Some(owner), passkeys).await
    }

    /// The passkeys that were used on a device and belong to another one: revoking it may end them too.
    ///
    /// # Errors
    /// Internal only.
    pub async fn passkeys_used_on(
        &self,
        current_user: &CurrentUser,
        device: DeviceId,
    ) -> Result<Vec<PasskeyView>> {
        self.used_on(device, Some(current_user.user_id)).await
    }

    /// The same for anybody's device.
    ///
    /// # Errors
    /// Internal only.
    pub async fn passkeys_used_on_any(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        device: DeviceId,
    ) -> Result<Vec<PasskeyView>> {
        self.used_on(device, None).await
    }

    async fn used_on(&self, device: DeviceId, owner: Option<UserId>) -> Result<Vec<PasskeyView>> {
        Ok(identity::store::passkey::list_used_on(&self.read(), device)
            .await?
            .into_iter()
            .filter(|passkey| owner.is_none_or(|owner| passkey.user_id == owner))
            .filter(|passkey| passkey.device_id != device)
            .map(PasskeyView::from)
            .collect())
    }

    /// All devices. Sort: `name`, `email`, `last_seen` (default), `created`; filter: `active` (default), `waiting`
    /// (for approval), `signed_out`, `revoked`, `all`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_devices(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        query: &ListQuery,
    ) -> Result<Page<DeviceView>> {
        identity::store::device::view::list(&self.read(), &query.clone().bounded()).await
    }

    /// All devices of one user, revoked ones last.
    ///
    /// # Errors
    /// Internal only.
    pub async fn devices_of(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        user: UserId,
    ) -> Result<Vec<DeviceView>> {
        identity::store::device::view::list_by_user(&self.read(), user, true).await
    }

    /// Revokes anybody's device, signed in or out, with its sessions, the passkeys that belong to it,
    /// and those of `also` that were used on it.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke_device(
        &self,
        proof: &dyn Authorizes<DevicesRevoke>,
        id: DeviceId,
        also: &[PasskeyId],
        origin: &RequestOrigin,
    ) -> Result<Revocation> {
        let tx = self.begin(proof, origin).await?;
        self.revoke(tx, id, None, EndedPasskeys::Its(also)).await
    }

    async fn revoke(
        &self,
        mut tx: Tx<'_>,
        id: DeviceId,
        owner: Option<UserId>,
        passkeys: EndedPasskeys<'_>,
    ) -> Result<Revocation> {
        let device = identity::store::device::find(&tx, id)
            .await?
            .filter(|device| owner.is_none_or(|owner| owner == device.user_id))
            .ok_or(Error::NotFound(Noun::Device))?;
        // A user may revoke their own whatever their role is.
        if owner.is_none() {
            require_user_under_authority(&tx, device.user_id).await?;
        }
        let ended = cascade::end_device(&mut tx, device, passkeys, self.now()).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

/// A user's device that is not revoked. Another user's does not exist for them.
async fn require_owned(
    db: &impl Reads,
    id: DeviceId,
    current_user: &CurrentUser,
) -> Result<Device> {
    identity::store::device::find(db, id)
        .await?
        .filter(|device| device.user_id == current_user.user_id && !device.is_revoked())
        .ok_or(Error::NotFound(Noun::Device))
}

/// Whether no passkey of this user would be left.
async fn ends_the_last_passkey(
    db: &impl Reads,
    owner: UserId,
    device: DeviceId,
    also: &[PasskeyId],
) -> Result<bool> {
    let all = identity::store::passkey::list_by_user(db, owner).await?;
    let ends = |passkey| also.contains(&passkey);
    Ok(!all.is_empty()
        && all
            .iter()
            .all(|passkey| passkey.device_id == device || ends(passkey.id)))
}
