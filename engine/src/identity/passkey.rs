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
//! the person is signed in on this device.

mod login;
mod registration;

use crate::{
    Engine, Error, RequestOrigin, Result,
    audit::log::{Entry, Target},
    identity,
    identity::cascade,
    keys::keyring,
};
use latchkey_domain::{
    access::permission::{Administrator, CurrentUser, SelfManagement},
    audit::event::{Action, FieldChange},
    id::{PasskeyId, UserId},
    identity::passkey::Passkey,
    name::DisplayName,
};
use webauthn_rs::prelude::Passkey as Credential;

fn row_of(credential_id: &[u8]) -> Vec<u8> {
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
    /// This person's passkeys.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_passkeys(&self, current_user: &CurrentUser) -> Result<Vec<Passkey>> {
        self.passkeys(current_user.user_id).await
    }

    /// Somebody's passkeys.
    ///
    /// # Errors
    /// Internal only.
    pub async fn passkeys_of(
        &self,
        _administrator: &Administrator,
        user: UserId,
    ) -> Result<Vec<Passkey>> {
        self.passkeys(user).await
    }

    async fn passkeys(&self, user: UserId) -> Result<Vec<Passkey>> {
        identity::store::passkey::rows_of(self.db(), user)
            .await?
            .into_iter()
            .map(Passkey::try_from)
            .collect()
    }

    /// Renames a passkey.
    ///
    /// # Errors
    /// Bad input (`name`), not found.
    pub async fn rename_passkey(
        &self,
        change: &SelfManagement,
        id: PasskeyId,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let name = DisplayName::parse(name)
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let current_user = change.current_user();
        let mut change = self.change(change, origin).await?;
        let before = mine(
            identity::store::passkey::find(change.db(), id).await?,
            current_user,
        )?;
        identity::store::passkey::rename(change.db(), id, name.as_str()).await?;
        change.record_with(
            &Entry {
                action: Action::PasskeyRenamed,
                target: Target::Passkey(id),
                name: name.as_str(),
                subject: Some(current_user.user_id),
                detail: "",
            },
            [FieldChange::new("name", before.name, name.to_string())],
        );
        change.commit().await
    }

    /// Removes one of this person's passkeys; devices that have their assurance from it alone lose it.
    ///
    /// # Errors
    /// Not found; conflict when it is the last one.
    pub async fn remove_passkey(
        &self,
        change: &SelfManagement,
        id: PasskeyId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let current_user = change.current_user();
        let mut change = self.change(change, origin).await?;
        let row = mine(
            identity::store::passkey::find(change.db(), id).await?,
            current_user,
        )?;
        // Afterwards a code would register limited devices at best, and nothing could add a passkey again.
        if identity::store::passkey::count_of(change.db(), current_user.user_id).await? == 1 {
            return Err(Error::Conflict {
                field: "id",
                message: "This is your last passkey, and without one you could not change your account. Add another one first."
                    .to_owned(),
            });
        }
        let now = self.now().unix_timestamp();
        cascade::end_passkey(
            &mut change,
            current_user.user_id,
            &Passkey::try_from(row)?,
            now,
        )
        .await?;
        change.commit().await
    }

    /// Removes anybody's passkey, such as one that synchronises to a device that was lost.
    ///
    /// # Errors
    /// Not found.
    pub async fn remove_any_passkey(
        &self,
        administrator: &Administrator,
        id: PasskeyId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut change = self.change(administrator, origin).await?;
        let row = identity::store::passkey::find(change.db(), id)
            .await?
            .ok_or(Error::NotFound("passkey"))?;
        let owner = UserId::from_uuid(row.user_id);
        let now = self.now().unix_timestamp();
        cascade::end_passkey(&mut change, owner, &Passkey::try_from(row)?, now).await?;
        change.commit().await
    }
}

/// Somebody else's passkey does not exist for this person.
fn mine(
    row: Option<identity::store::passkey::Model>,
    current_user: &CurrentUser,
) -> Result<identity::store::passkey::Model> {
    row.filter(|row| row.user_id == current_user.user_id.uuid())
        .ok_or(Error::NotFound("passkey"))
}

fn credential(row: &identity::store::passkey::Model) -> Result<Credential> {
    serde_json::from_str(&row.credential).map_err(Error::internal)
}

/// The credential's backup state (WebAuthn L3 §6.1, BS); webauthn-rs shows it only in its serialised form.
fn is_backed_up(credential: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(credential)
        .is_ok_and(|value| value["cred"]["backup_state"] == true)
}

#[cfg(test)]
mod tests {
    use super::is_same_origin;

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
}
