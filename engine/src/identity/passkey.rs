//! Passkeys: the registration ceremony (WebAuthn L3 §7.1) and the authentication ceremony (§7.2),
//! through webauthn-rs, with their state on the server.
//!
//! Registration: 1. options with a 32-byte challenge, a discoverable credential and user
//! verification required. 2. The browser makes the credential. 3. The ceremony is taken out, the
//! answer checked against it, the credential id must be new among all users, the passkey is kept.
//!
//! Authentication: 1. options with a challenge and no list of credentials. 2. The browser signs.
//! 3. The ceremony is taken out; the credential id finds the passkey, whose owner must be the user
//! handle; webauthn-rs checks origin, challenge, signature, user verification and counter; then
//! the user is signed in on this device.

mod attestation;
mod authenticator;
#[cfg(test)]
mod ceremony_tests;
mod login;
pub(crate) mod metadata;
mod registration;
pub(crate) mod signal;

use crate::{
    Conflict, Engine, Error, Noun, RequestOrigin, Result, database::Reads, identity,
    identity::cascade, identity::user::require_user_under_authority, keys::keyring,
};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, SelfManagement, UsersRead, UsersWrite},
    id::{PasskeyId, UserId},
    identity::passkey::{Passkey, PasskeyView},
    name::DisplayName,
};
use webauthn_rs::prelude::Passkey as Credential;

fn lookup_digest(credential_id: &[u8]) -> Vec<u8> {
    keyring::digest("credential id", credential_id).to_vec()
}

/// webauthn-rs 0.6 does not check these on assertions: a ceremony that ran inside another site's
/// frame is refused whatever its signature (WebAuthn L3 §7.1 step 10, §7.2 step 13).
fn is_same_origin(client_data: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(client_data).is_ok_and(
        |data| {
            matches!(
                data.get("crossOrigin"),
                None | Some(serde_json::Value::Bool(false))
            ) && !data.contains_key("topOrigin")
        },
    )
}

impl Engine {
    /// This user's passkeys.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_passkeys(&self, current_user: &CurrentUser) -> Result<Vec<PasskeyView>> {
        self.passkeys(current_user.user_id).await
    }

    /// A user's passkeys.
    ///
    /// # Errors
    /// Internal only.
    pub async fn passkeys_of(
        &self,
        _proof: &dyn Authorizes<UsersRead>,
        user: UserId,
    ) -> Result<Vec<PasskeyView>> {
        self.passkeys(user).await
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<PasskeyView>> {
        let passkeys = identity::store::passkey::list_by_user(&self.read(), user).await?;
        Ok(passkeys.into_iter().map(PasskeyView::from).collect())
    }

    /// Renames a passkey.
    ///
    /// # Errors
    /// Bad input (`name`), not found.
    pub async fn rename_passkey(
        &self,
        proof: &SelfManagement,
        id: PasskeyId,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let name = DisplayName::parse(name).map_err(Error::bad_input("name"))?;
        let mut tx = self.begin(proof, origin).await?;
        let passkey = require_owned(&tx, id, proof.current_user()).await?;
        let (_, event) = passkey.rename(name);
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Removes one of this user's passkeys; devices that have their assurance from it alone lose it.
    ///
    /// # Errors
    /// Not found; conflict when it is the last one.
    pub async fn remove_passkey(
        &self,
        proof: &SelfManagement,
        id: PasskeyId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let passkey = require_owned(&tx, id, proof.current_user()).await?;
        // Afterwards a code would register limited devices at best, and nothing could add a passkey again.
        if identity::store::passkey::count_by_user(&tx, passkey.user_id).await? == 1 {
            return Err(Error::conflict("id", Conflict::LastPasskey));
        }
        cascade::end_passkey(&mut tx, passkey, self.now()).await?;
        tx.commit().await
    }

    /// Removes anybody's passkey, such as one that synchronises to a device that was lost.
    ///
    /// # Errors
    /// Not found.
    pub async fn remove_any_passkey(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: PasskeyId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let passkey = identity::store::passkey::find(&tx, id)
            .await?
            .ok_or(Error::NotFound(Noun::Passkey))?;
        require_user_under_authority(&tx, passkey.user_id).await?;
        cascade::end_passkey(&mut tx, passkey, self.now()).await?;
        tx.commit().await
    }
}

/// A user's passkey. Another user's does not exist for them.
async fn require_owned(
    db: &impl Reads,
    id: PasskeyId,
    current_user: &CurrentUser,
) -> Result<Passkey> {
    identity::store::passkey::find(db, id)
        .await?
        .filter(|passkey| passkey.user_id == current_user.user_id)
        .ok_or(Error::NotFound(Noun::Passkey))
}

fn credential(passkey: &Passkey) -> Result<Credential> {
    serde_json::from_str(&passkey.credential).map_err(Error::internal)
}

/// A flag of the credential record; webauthn-rs shows these in its serialised form alone.
fn flag(credential: &str, name: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(credential)
        .is_ok_and(|value| value["cred"][name] == true)
}

/// The credential's backup state (WebAuthn L3 §6.1.3, BS).
fn is_backed_up(credential: &str) -> bool {
    flag(credential, "backup_state")
}

/// The credential's backup eligibility (WebAuthn L3 §6.1.3, BE).
fn is_backup_eligible(credential: &str) -> bool {
    flag(credential, "backup_eligible")
}

#[cfg(test)]
mod tests {
    use super::{is_backed_up, is_backup_eligible, is_same_origin};

    #[test]
    fn must_survive_8_a_ceremony_in_a_cross_origin_frame_is_rejected() {
        assert!(is_same_origin(
            br#"{"type":"webauthn.get","crossOrigin":false}"#
        ));
        assert!(is_same_origin(br#"{"type":"webauthn.get"}"#));
        for data in [
            r#"{"crossOrigin":true}"#,
            r#"{"crossOrigin":"false"}"#,
            r#"{"topOrigin":"https://evil.example"}"#,
            r#"{"crossOrigin":false,"topOrigin":""}"#,
            "",
            "[]",
            "\u{feff}{}",
        ] {
            assert!(!is_same_origin(data.as_bytes()), "{data}");
        }
    }

    #[test]
    fn backup_flags_are_read_from_the_credential_record() {
        let record = r#"{"cred":{"backup_eligible":true,"backup_state":false}}"#;
        assert!(is_backup_eligible(record) && !is_backed_up(record));
        assert!(!is_backup_eligible("{}") && !is_backed_up(""));
    }
}
