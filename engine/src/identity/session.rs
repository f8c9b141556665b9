//! Browser sessions; the web layer decides what is in them.

use crate::{
    Engine, RequestOrigin, Result, SessionError, SessionRow, identity,
    identity::cascade::TOKEN_FAMILY, keys::keyring, tokens::store::family::FamilyOwner,
    unit_of_work::Actor,
};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionDigest},
    event::{Ended, SignedOut},
};

/// A session that was found.
#[derive(Debug, Clone)]
pub struct LoadedSession {
    /// Its contents.
    pub row: SessionRow,
    /// By what it is found again within a change.
    pub digest: SessionDigest,
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
        let sessions = tx.end_sessions_of_device(device.id).await?;
        let families = tx
            .end_token_families(FamilyOwner::Device(device.id))
            .await?;
        let ended = Ended::new([(sessions, "session"), (families, TOKEN_FAMILY)]);
        tx.apply(SignedOut { ended, ..event }).await?;
        tx.commit().await
    }
}
