//! What authenticators may know of a user's passkeys (WebAuthn L3 §5.1.10).

use super::credential;
use crate::{Engine, Result, identity};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::access::permission::CurrentUser;
use serde::Serialize;

/// The passkeys that a user has, and how the user is called now: the members of `AllAcceptedCredentialsOptions` and
/// `CurrentUserDetailsOptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CurrentPasskeys {
    rp_id: String,
    user_id: String,
    name: String,
    display_name: String,
    all_accepted_credential_ids: Vec<String>,
}

impl Engine {
    /// What this user's authenticators may know: they forget passkeys that are not listed.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_current_passkeys(&self, current_user: &CurrentUser) -> Result<CurrentPasskeys> {
        let user = current_user.user_id;
        let passkeys = identity::store::passkey::list_by_user(&self.read(), user).await?;
        let ids = passkeys.iter().map(|passkey| {
            let id = credential(passkey)?.cred_id().to_vec();
            Ok(BASE64_URL_SAFE_NO_PAD.encode(id))
        });
        let host = self.inner.settings.public_url.host_str();
        Ok(CurrentPasskeys {
            rp_id: host.unwrap_or_default().to_owned(),
            user_id: BASE64_URL_SAFE_NO_PAD.encode(user.uuid().as_bytes()),
            name: current_user.email.to_string(),
            display_name: current_user.name.to_string(),
            all_accepted_credential_ids: ids.collect::<Result<_>>()?,
        })
    }
}
