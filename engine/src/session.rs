//! Browser sessions as rows; the web layer decides what is in them.

use crate::{
    Client, Engine, Result,
    audit::{Entry, Target},
    keys, store,
};
use latchkey_domain::{access::Account, event::Action, id::DeviceId};
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

/// A session's row is found by the digest of its id: a leaked database holds no session.
fn row_of(id: &[u8]) -> [u8; 32] {
    keys::digest("session", id)
}

impl Engine {
    /// Stores a session under the digest of its id. `is_new` refuses an id that is taken.
    /// Returns whether it was stored.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_session(&self, id: &[u8], row: SessionRow, is_new: bool) -> Result<bool> {
        let row = store::session::Model {
            digest: row_of(id).to_vec(),
            device_id: row.device_id.map(DeviceId::uuid),
            data: row.data,
            expires_at: row.expires_at.unix_timestamp(),
        };
        if !is_new {
            store::session::save(self.db(), row).await?;
            return Ok(true);
        }
        if store::session::find(self.db(), &row.digest, 0)
            .await?
            .is_some()
        {
            return Ok(false);
        }
        store::session::insert(self.db(), row).await?;
        Ok(true)
    }

    /// The session of that id, unless it has ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn load_session(&self, id: &[u8]) -> Result<Option<SessionRow>> {
        let row = store::session::find(self.db(), &row_of(id), self.now().unix_timestamp()).await?;
        Ok(row.map(|row| SessionRow {
            device_id: row.device_id.map(DeviceId::from_uuid),
            data: row.data,
            expires_at: store::at(row.expires_at),
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Internal only.
    pub async fn delete_session(&self, id: &[u8]) -> Result<()> {
        Ok(store::session::delete(self.db(), &row_of(id)).await?)
    }

    /// Signs this device out: the device, its cookie and its sessions end; its passkey stays, so
    /// that the person can come back with it.
    ///
    /// # Errors
    /// Internal only; an already ended device is fine.
    pub async fn sign_out(&self, account: &Account, client: &Client) -> Result<()> {
        let mut change = self.change(account, client).await?;
        if store::device::revoke(change.db(), account.device_id, self.now().unix_timestamp())
            .await?
        {
            store::session::delete_of_device(change.db(), account.device_id).await?;
            let name = store::device::find(change.db(), account.device_id)
                .await?
                .map(|device| device.name)
                .unwrap_or_default();
            change.record(&Entry {
                action: Action::SignedOut,
                target: Target::Device(account.device_id),
                name: &name,
                subject: Some(account.user_id),
                detail: "",
            });
        }
        change.commit().await
    }
}
