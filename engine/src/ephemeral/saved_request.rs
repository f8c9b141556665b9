//! Requests that are saved, sealed, for an hour, until the user has signed in.
//!
//! - The text of a form that was submitted after the session had ended: one for each device, which the next one replaces. Only a
//!   browser that is or was a device of an enabled user can save one, and the caller limits how often.
//! - A target that is too long for a response header: proxies answer 502 to headers above four kilobytes. Anonymous clients
//!   can save one, so the caller limits them first (`server/src/web/sign_in_url.rs`); the same target is the same row.

use crate::{
    Engine, Error, KnownBrowser, Result,
    database::Writes,
    ephemeral::purpose::{LookupDigest, ValuePurpose},
    identity,
    keys::keyring::{self, KEY_ID_BYTES, Purpose, TAG_BYTES},
    keys::seal,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::id::DeviceId;
use std::collections::BTreeMap;
use time::Duration;
use zeroize::Zeroizing;

/// Enough time to fetch the device with the passkey.
pub const SAVED_REQUEST_LIFETIME: Duration = Duration::hours(1);

/// The longest text that is saved of a form, as JSON. No form accepts half as much.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// How the handle of a saved target begins; no target begins so.
const HANDLE_PREFIX: &str = "kept:";
/// The length of a handle in bytes: the prefix, key id and HMAC in base64url.
const HANDLE_LENGTH: usize = HANDLE_PREFIX.len() + (KEY_ID_BYTES + TAG_BYTES) / 3 * 4;

fn form_digest(device: DeviceId) -> [u8; 32] {
    keyring::digest("kept form", device.uuid().as_bytes())
}

fn target_digest(handle: &str) -> [u8; 32] {
    keyring::digest("kept target", handle.as_bytes())
}

impl Engine {
    /// Saves what was typed into a form on this device, in place of what was saved before. Returns whether it did.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_form(
        &self,
        browser: KnownBrowser,
        typed: &BTreeMap<String, String>,
    ) -> Result<bool> {
        let plain = Zeroizing::new(serde_json::to_vec(typed).map_err(Error::internal)?);
        let user = identity::store::user::find(self.db(), browser.user).await?;
        let is_enabled = user.is_some_and(|user| !user.is_disabled());
        if plain.len() > MAX_FORM_BYTES || !is_enabled {
            return Ok(false);
        }
        self.save_sealed(
            ValuePurpose::SavedForm,
            form_digest(browser.device),
            &plain,
            SAVED_REQUEST_LIFETIME,
        )
        .await?;
        Ok(true)
    }

    /// Deletes what was typed on a device whose user is erased.
    pub(crate) async fn forget_form(&self, tx: &impl Writes, device: DeviceId) -> Result<()> {
        let digest = form_digest(device);
        let taken =
            self.inner
                .ephemeral
                .take(tx.connection(), ValuePurpose::SavedForm, digest, self.now());
        taken.await.map(drop)
    }

    /// The handle of a long target, once it [is saved](Engine::save_target), for [`SAVED_REQUEST_LIFETIME`]. Keyed: nobody else
    /// can tell it from the target, or make one.
    #[must_use]
    pub fn handle_of_target(&self, target: &str) -> String {
        let tag = self.inner.keys.tag(Purpose::Target, target.as_bytes());
        format!("{HANDLE_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Saves a target under its handle.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_target(&self, handle: &str, target: &str) -> Result<()> {
        let digest = target_digest(handle);
        self.save_sealed(
            ValuePurpose::SavedTarget,
            digest,
            target.as_bytes(),
            SAVED_REQUEST_LIFETIME,
        )
        .await
    }

    /// The target that a text stands for: itself, or a saved one. `None` if that has ended.
    pub(crate) async fn resolve_target(&self, text: &str) -> Result<Option<String>> {
        if !text.starts_with(HANDLE_PREFIX) {
            return Ok(Some(text.to_owned()));
        }
        if text.len() != HANDLE_LENGTH {
            return Ok(None);
        }
        let Some(plain) = self
            .saved(ValuePurpose::SavedTarget, target_digest(text))
            .await?
        else {
            return Ok(None);
        };
        String::from_utf8(plain.to_vec())
            .map(Some)
            .map_err(Error::internal)
    }

    /// What was saved on this device, unless it has ended.
    ///
    /// # Errors
    /// Internal only.
    pub async fn saved_form(&self, browser: KnownBrowser) -> Result<BTreeMap<String, String>> {
        match self
            .saved(ValuePurpose::SavedForm, form_digest(browser.device))
            .await?
        {
            Some(plain) => serde_json::from_slice(&plain).map_err(Error::internal),
            None => Ok(BTreeMap::new()),
        }
    }

    pub(super) async fn save_sealed(
        &self,
        purpose: ValuePurpose,
        digest: LookupDigest,
        plain: &[u8],
        lifetime: Duration,
    ) -> Result<()> {
        let (keys, rng) = (&self.inner.keys, &self.inner.settings.rng);
        let sealed = seal::seal(keys, rng, &digest, plain)?;
        let expires_at = self.now() + lifetime;
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        store
            .put(permit.db(), purpose, digest, sealed, expires_at)
            .await
    }

    pub(super) async fn saved(
        &self,
        purpose: ValuePurpose,
        digest: LookupDigest,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let store = &self.inner.ephemeral;
        let sealed = store.peek(self.db(), purpose, digest, self.now()).await?;
        sealed
            .map(|sealed| seal::open(&self.inner.keys, &digest, &sealed).map(Zeroizing::new))
            .transpose()
    }
}
