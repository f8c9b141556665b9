//! What waits on the server until its owner has signed in: the text of a form that was sent too late.
//!
//! One text for each device, which the next one replaces, sealed, for an hour. Only a browser that is or was a device can leave
//! one: what strangers send is not kept.

use crate::{Engine, Error, KnownBrowser, Result, keys, seal, store};
use std::collections::BTreeMap;
use time::Duration;
use zeroize::Zeroizing;

/// Longer than anybody looks for the device with their passkey.
pub const KEPT_FOR: Duration = Duration::hours(1);

const FORM: &str = "form";

fn row_of(browser: KnownBrowser) -> [u8; 32] {
    keys::digest("kept form", browser.device.uuid().as_bytes())
}

impl Engine {
    /// Keeps what was typed into a form on this device, in place of what was kept before.
    ///
    /// # Errors
    /// Internal only.
    pub async fn keep_form(
        &self,
        browser: KnownBrowser,
        typed: &BTreeMap<String, String>,
    ) -> Result<()> {
        let digest = row_of(browser);
        let plain = Zeroizing::new(serde_json::to_vec(typed).map_err(Error::internal)?);
        let row = store::ceremony::Model {
            digest: digest.to_vec(),
            purpose: FORM.to_owned(),
            state_sealed: seal::seal(&self.inner.keys, &self.inner.settings.rng, &digest, &plain)?,
            expires_at: (self.now() + KEPT_FOR).unix_timestamp(),
        };
        let turn = self.write_turn().await?;
        store::ceremony::replace(turn.db(), row).await?;
        Ok(())
    }

    /// What was kept on this device, if it was not too long ago.
    ///
    /// # Errors
    /// Internal only.
    pub async fn kept_form(&self, browser: KnownBrowser) -> Result<BTreeMap<String, String>> {
        let digest = row_of(browser);
        let row = store::ceremony::find(self.db(), &digest)
            .await?
            .filter(|row| row.expires_at > self.now().unix_timestamp());
        let Some(row) = row else {
            return Ok(BTreeMap::new());
        };
        let plain = Zeroizing::new(seal::open(&self.inner.keys, &digest, &row.state_sealed)?);
        serde_json::from_slice(&plain).map_err(Error::internal)
    }
}
