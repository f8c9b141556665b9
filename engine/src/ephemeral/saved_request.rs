//! What waits on the server until its owner has signed in, sealed, for an hour.
//!
//! - The text of a form that was sent too late: one for each device, which the next one replaces. Only a browser that
//!   is or was a device of an enabled account can leave one, and the caller counts how often.
//! - A target that is too long for the head of an answer: proxies answer 502 to heads above four kilobytes. Anybody can
//!   be on the way to one, so the caller counts them first (`server/src/web/target.rs`); asked for again, it is the same row.

use crate::{
    Engine, Error, KnownBrowser, Result, ephemeral, identity,
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

const FORM: &str = "form";
const TARGET: &str = "target";

/// Stands before the name of a target that is kept; no target begins so.
const KEPT: &str = "kept:";
/// The length of such a name in bytes: key id and HMAC in base64url.
const NAME_LENGTH: usize = KEPT.len() + (KEY_ID_BYTES + TAG_BYTES) / 3 * 4;

fn row_of(browser: KnownBrowser) -> [u8; 32] {
    keyring::digest("kept form", browser.device.uuid().as_bytes())
}

fn row_of_target(name: &str) -> [u8; 32] {
    keyring::digest("kept target", name.as_bytes())
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
        let is_enabled = user.is_some_and(|user| !user.is_disabled());
        if plain.len() > MAX_FORM_BYTES || !is_enabled {
            return Ok(false);
        }
        self.keep(FORM, row_of(browser), &plain).await?;
        Ok(true)
    }

    /// What stands for a long target until [`SAVED_REQUEST_LIFETIME`] is over, once it [is kept](Engine::keep_target). Only who knows
    /// our keys can tell it from the target.
    #[must_use]
    pub fn handle_of_target(&self, target: &str) -> String {
        let tag = self.inner.keys.tag(Purpose::Target, target.as_bytes());
        format!("{KEPT}{}", BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Keeps a target under its name.
    ///
    /// # Errors
    /// Internal only.
    pub async fn save_target(&self, name: &str, target: &str) -> Result<()> {
        let digest = row_of_target(name);
        self.keep(TARGET, digest, target.as_bytes()).await
    }

    /// The target that a text stands for: itself, or one that is kept. `None`: it is kept no more.
    pub(crate) async fn resolve_target(&self, text: &str) -> Result<Option<String>> {
        if !text.starts_with(KEPT) {
            return Ok(Some(text.to_owned()));
        }
        if text.len() != NAME_LENGTH {
            return Ok(None);
        }
        let Some(plain) = self.kept(&row_of_target(text)).await? else {
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
        match self.kept(&row_of(browser)).await? {
            Some(plain) => serde_json::from_slice(&plain).map_err(Error::internal),
            None => Ok(BTreeMap::new()),
        }
    }

    async fn keep(&self, purpose: &str, digest: [u8; 32], plain: &[u8]) -> Result<()> {
        let (keys, rng) = (&self.inner.keys, &self.inner.settings.rng);
        let row = ephemeral::store::Model {
            digest: digest.to_vec(),
            purpose: purpose.to_owned(),
            state_sealed: seal::seal(keys, rng, &digest, plain)?,
            expires_at: (self.now() + SAVED_REQUEST_LIFETIME).unix_timestamp(),
        };
        let turn = self.write_turn().await?;
        ephemeral::store::replace(turn.db(), row).await?;
        Ok(())
    }

    async fn kept(&self, digest: &[u8; 32]) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let row = ephemeral::store::find(self.db(), digest)
            .await?
            .filter(|row| row.expires_at > self.now().unix_timestamp());
        row.map(|row| seal::open(&self.inner.keys, digest, &row.state_sealed).map(Zeroizing::new))
            .transpose()
    }
}
