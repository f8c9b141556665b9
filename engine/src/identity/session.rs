//! Browser sessions; the web layer decides what is in them.

use crate::{
    Engine, Error, Noun, RequestOrigin, Result, SessionError, SessionRow, identity,
    identity::cascade::TOKEN_FAMILY,
    identity::user::require_user,
    keys::keyring,
    tokens::store::family::FamilyOwner,
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, SessionDigest, SessionsRead, SessionsRevoke},
    event::{Ended, SignedOut},
    id::{DeviceId, UserId},
    identity::email::Email,
    name::DisplayName,
    pagination::{Batch, Cursor, MAX_BATCH},
};
use serde::Serialize;
use time::OffsetDateTime;

/// A session that was found.
#[derive(Debug, Clone)]
pub struct LoadedSession {
    /// Its contents.
    pub row: SessionRow,
    /// By what it is found again within a change.
    pub digest: SessionDigest,
}

/// A session as the management API shows it. A device has one at most, so its id names the session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// The device.
    pub device_id: DeviceId,
    /// Whose.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// What its owner calls the device.
    pub device: DisplayName,
    /// When it ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// A session is found by the digest of its id: a leaked database holds no session.
fn lookup_digest(id: &[u8]) -> SessionDigest {
    keyring::digest("session", id)
}

impl Engine {
    /// Stores a new session.
    ///
    /// # Errors
    /// [`SessionError::IdTaken`]; [`SessionError::Ended`] when the sign-in on its device has ended meanwhile.
    pub async fn create_session(&self, id: &[u8], row: SessionRow) -> Result<(), SessionError> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store
            .create_session(permit.db(), lookup_digest(id), row)
            .await
    }

    /// Stores the new contents of a session.
    ///
    /// # Errors
    /// [`SessionError::Ended`] when it has ended meanwhile: it does not come back.
    pub async fn save_session(&self, id: &[u8], row: SessionRow) -> Result<(), SessionError> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store
            .save_session(permit.db(), lookup_digest(id), row)
            .await
    }

    /// The session of that id, unless it has ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn load_session(&self, id: &[u8]) -> Result<Option<LoadedSession>> {
        let digest = lookup_digest(id);
        let store = &self.inner.ephemeral;
        let row = store.session(self.db(), digest, self.now()).await?;
        Ok(row.map(|row| LoadedSession { row, digest }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Internal only.
    pub async fn delete_session(&self, id: &[u8]) -> Result<()> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store.delete_session(permit.db(), lookup_digest(id)).await
    }

    /// Signs this device out: its cookie opens nothing and its sessions end; the device and its passkey
    /// stay, so that the user can come back with it, and an administrator can still revoke both.
    ///
    /// # Errors
    /// Internal only; an already ended device is fine.
    pub async fn sign_out(&self, current_user: &CurrentUser, origin: &RequestOrigin) -> Result<()> {
        let mut tx = self.begin(Actor::from(current_user), origin).await?;
        let device = identity::store::device::find(&tx, current_user.device_id).await?;
        let Some(Ok((device, event))) = device.map(|device| device.sign_out(self.now())) else {
            return Ok(());
        };
        end_sign_in(&mut tx, device.id, event).await?;
        tx.commit().await
    }

    /// A batch of the sessions that have not ended; of one user when asked.
    ///
    /// # Errors
    /// Internal only.
    pub async fn session_batch(
        &self,
        _proof: &dyn Authorizes<SessionsRead>,
        cursor: Cursor<DeviceId>,
        user: Option<UserId>,
    ) -> Result<Batch<SessionView>> {
        let cursor = Cursor {
            limit: cursor.limit.clamp(1, MAX_BATCH),
            ..cursor
        };
        let (db, store) = (self.read(), &self.inner.ephemeral);
        let found = store
            .live_devices(self.db(), cursor, user, self.now())
            .await?;
        let found = Batch::of(found, cursor.limit);
        let mut items = Vec::with_capacity(found.items.len());
        for (id, expires_at) in found.items {
            // Deleted meanwhile, it has no session either.
            if let Some(device) = identity::store::device::view::show(&db, id).await? {
                items.push(SessionView {
                    device_id: id,
                    user_id: device.user_id,
                    email: device.email,
                    device: device.name,
                    expires_at,
                });
            }
        }
        Ok(Batch {
            items,
            has_more: found.has_more,
        })
    }

    /// Signs a device out, whosever it is, as [`Engine::sign_out`] does.
    ///
    /// # Errors
    /// Not found when the device is not signed in; forbidden for one of a user who may do more than the caller.
    pub async fn end_session(
        &self,
        proof: &dyn Authorizes<SessionsRevoke>,
        device: DeviceId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let missing = || Error::NotFound(Noun::Device);
        let device = identity::store::device::find(&tx, device).await?;
        let device = device.ok_or_else(missing)?;
        let owner = require_user(&tx, device.user_id).await?;
        tx.require_authority_over(owner.role).await?;
        let (device, event) = device.sign_out(self.now()).map_err(|_| missing())?;
        end_sign_in(&mut tx, device.id, event).await?;
        tx.commit().await
    }
}

/// Ends what belongs to a sign-in on a device, with the sign-in.
async fn end_sign_in(tx: &mut Tx<'_>, device: DeviceId, event: SignedOut) -> Result<()> {
    let sessions = tx.end_sessions_of_device(device).await?;
    let families = tx.end_token_families(FamilyOwner::Device(device)).await?;
    let ended = Ended::new([(sessions, "session"), (families, TOKEN_FAMILY)]);
    tx.apply(SignedOut { ended, ..event }).await
}
