//! What waits on the server until its owner has signed in, sealed, for an hour.
//!
//! - The text of a form that was sent too late: one for each device, which the next one replaces. Only a browser that
//!   is or was a device of an enabled account can leave one, and the caller counts how often.
//! - A target that is too long for the head of an answer: proxies answer 502 to heads above four kilobytes. Anybody can
//!   be on the way to one, so the caller counts them first (`server/src/web/target.rs`); asked for again, it is the same row.

use crate::{
    Engine, Error, KnownBrowser, Result,
    ephemeral::store::{LookupDigest, ValuePurpose},
    identity,
    keys::keyring::{self, KEY_ID_BYTES, Purpose, TAG_BYTES},
    keys::seal,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use std::collections::BTreeMap;
use time::Duration;
use zeroize::Zeroizing;

/// Longer than anybody looks for the device with their passkey.
pub const SAVED_REQUEST_LIFETIME: Duration = Duration::hours(1);

/// The longest text that is kept of a form, as JSON. Nothing that anybody may type is half as long.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// How the handle of a saved target begins; no target begins so.
const HANDLE_PREFIX: &str = "kept:";
/// The length of a handle in bytes: the prefix, key id and HMAC in base64url.
const HANDLE_LENGTH: usize = HANDLE_PREFIX.len() + (KEY_ID_BYTES + TAG_BYTES) / 3 * 4;

fn form_digest(browser: KnownBrowser) -> [u8; 32] {
    keyring::digest("kept form", browser.device.uuid().as_bytes())
}

fn target_digest(handle: &str) -> [u8; 32] {
    keyring::digest("kept target", handle.as_bytes())
}

impl Engine {
    /// Keeps what was typed into a form on this device, in place of what was kept before. Returns whether it did.
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
        let is_enabled = user.is_some_and(|user| user.disabled_at.is_none());
        if plain.len() > MAX_FORM_BYTES || !is_enabled {
            return Ok(false);
        }
        self.save_sealed(ValuePurpose::SavedForm, form_digest(browser), &plain)
            .await?;
        Ok(true)
    }

    /// What stands for a long target until [`SAVED_REQUEST_LIFETIME`] is over, once it [is kept](Engine::keep_target). Only who knows
    /// our keys can tell it from the target.
    #[must_use]
    pub fn handle_of_target(&self, target: &str) -> String {
        let tag = self.inner.keys.tag(Purpose::Target, target.as_bytes());
        format!("{HANDLE_PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Keeps a target under its name.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_target(&self, handle: &str, target: &str) -> Result<()> {
        let digest = target_digest(handle);
        self.save_sealed(ValuePurpose::SavedTarget, digest, target.as_bytes())
            .await
    }

    /// The target that a text stands for: itself, or one that is kept. `None`: it is kept no more.
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

    /// What was kept on this device, if it was not too long ago.
    ///
    /// # Errors
    /// Internal only.
    pub async fn saved_form(&self, browser: KnownBrowser) -> Result<BTreeMap<String, String>> {
        match self
            .saved(ValuePurpose::SavedForm, form_digest(browser))
            .await?
        {
            Some(plain) => serde_json::from_slice(&plain).map_err(Error::internal),
            None => Ok(BTreeMap::new()),
        }
    }

    async fn save_sealed(
        &self,
        purpose: ValuePurpose,
        digest: LookupDigest,
        plain: &[u8],
    ) -> Result<()> {
        let (keys, rng) = (&self.inner.keys, &self.inner.settings.rng);
        let sealed = seal::seal(keys, rng, &digest, plain)?;
        let expires_at = self.now() + SAVED_REQUEST_LIFETIME;
        let turn = self.write_turn().await?;
        let store = &self.inner.ephemeral;
        store
            .put(turn.db(), purpose, digest, sealed, expires_at)
            .await
    }

    async fn saved(
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
