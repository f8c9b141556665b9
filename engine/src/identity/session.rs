//! Browser sessions as rows; the web layer decides what is in them.

use crate::{Engine, RequestOrigin, Result, identity, keys::keyring, unit_of_work::Actor};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionDigest},
    event::{Ended, SignedOut},
    id::DeviceId,
};
use time::OffsetDateTime;

/// A session's contents.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The device it belongs to; revoking the device ends the session.
    pub device_id: Option<DeviceId>,
    /// Serialised contents.
    pub data: Vec<u8>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// A session that was found.
#[derive(Debug, Clone)]
pub struct LoadedSession {
    /// Its contents.
    pub row: SessionRow,
    /// By what it is found again, when a change is written.
    pub digest: SessionDigest,
}

/// A session's row is found by the digest of its id: a leaked database holds no session.
fn lookup_digest(id: &[u8]) -> [u8; 32] {
    keyring::digest("session", id)
}

impl Engine {
    /// Stores a session under the digest of its id: a new one unless the id is taken, or else the new
    /// contents of one that has not ended meanwhile. Returns whether it was stored.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_session(&self, id: &[u8], row: SessionRow, is_new: bool) -> Result<bool> {
        let digest = lookup_digest(id);
        if !is_new {
            let turn = self.write_turn().await?;
            return identity::store::session::replace(&turn, &digest, row).await;
        }
        if identity::store::session::is_taken(&self.read(), &digest).await? {
            return Ok(false);
        }
        let turn = self.write_turn().await?;
        // Ended between the sign-in and now: the session must not begin after that end.
        if let Some(device) = row.device_id
            && !identity::store::device::is_live(&turn, device).await?
        {
            return Ok(false);
        }
        identity::store::session::insert(&turn, &digest, row).await?;
        Ok(true)
    }

    /// The session of that id, unless it has ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn load_session(&self, id: &[u8]) -> Result<Option<LoadedSession>> {
        let digest = lookup_digest(id);
        let row = identity::store::session::find(&self.read(), &digest, self.now()).await?;
        Ok(row.map(|row| LoadedSession { row, digest }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Internal only.
    pub async fn delete_session(&self, id: &[u8]) -> Result<()> {
        let turn = self.write_turn().await?;
        identity::store::session::delete(&turn, &lookup_digest(id)).await
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
        let sessions = identity::store::session::delete_of_device(&tx, device.id).await?;
        let ended = Ended::new([(sessions, "session")]);
        tx.apply(SignedOut { ended, ..event }).await?;
        tx.commit().await
    }
}
