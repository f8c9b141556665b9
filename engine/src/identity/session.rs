//! Browser sessions as rows; the web layer decides what is in them.

use crate::{
    Engine, RequestOrigin, Result,
    audit::log::{Actor, Entry, Target},
    database, identity,
    identity::cascade::{ended, signed_out},
    keys::keyring,
};
use latchkey_domain::{
    access::permission::{CurrentUser, SessionDigest},
    audit::event::Action,
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
fn row_of(id: &[u8]) -> [u8; 32] {
    keyring::digest("session", id)
}

impl Engine {
    /// Stores a session under the digest of its id: a new one unless the id is taken, or else the new
    /// contents of one that has not ended meanwhile. Returns whether it was stored.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_session(&self, id: &[u8], row: SessionRow, is_new: bool) -> Result<bool> {
        let row = identity::store::session::Model {
            digest: row_of(id).to_vec(),
            device_id: row.device_id.map(DeviceId::uuid),
            data: row.data,
            expires_at: row.expires_at.unix_timestamp(),
        };
        if !is_new {
            return Ok(
                identity::store::session::replace(self.write_turn().await?.db(), row).await?,
            );
        }
        if identity::store::session::find(self.db(), &row.digest, 0)
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let turn = self.write_turn().await?;
        // Ended between the sign-in and now: the session must not begin after that end.
        if let Some(device) = row.device_id
            && !identity::store::device::is_live(turn.db(), DeviceId::from_uuid(device)).await?
        {
            return Ok(false);
        }
        identity::store::session::insert(turn.db(), row).await?;
        Ok(true)
    }

    /// The session of that id, unless it has ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn load_session(&self, id: &[u8]) -> Result<Option<LoadedSession>> {
        let digest = row_of(id);
        let row =
            identity::store::session::find(self.db(), &digest, self.now().unix_timestamp()).await?;
        Ok(row.map(|row| LoadedSession {
            row: SessionRow {
                device_id: row.device_id.map(DeviceId::from_uuid),
                data: row.data,
                expires_at: database::at(row.expires_at),
            },
            digest,
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Internal only.
    pub async fn delete_session(&self, id: &[u8]) -> Result<()> {
        let turn = self.write_turn().await?;
        Ok(identity::store::session::delete(turn.db(), &row_of(id)).await?)
    }

    /// Signs this device out: its cookie opens nothing and its sessions end; the device and its passkey
    /// stay, so that the person can come back with it, and an administrator can still revoke both.
    ///
    /// # Errors
    /// Internal only; an already ended device is fine.
    pub async fn sign_out(&self, current_user: &CurrentUser, origin: &RequestOrigin) -> Result<()> {
        let mut change = self.change(Actor::from(current_user), origin).await?;
        let now = self.now().unix_timestamp();
        let Some(device) =
            identity::store::device::find(change.db(), current_user.device_id).await?
        else {
            return Ok(());
        };
        if !identity::store::device::sign_out(change.db(), current_user.device_id, now).await? {
            return Ok(());
        }
        let sessions =
            identity::store::session::delete_of_device(change.db(), current_user.device_id).await?;
        change.record_with(
            &Entry {
                action: Action::SignedOut,
                target: Target::Device(current_user.device_id),
                name: &device.name,
                subject: Some(current_user.user_id),
                detail: &ended(&[(sessions, "session")]),
            },
            [signed_out()],
        );
        change.commit().await
    }
}
