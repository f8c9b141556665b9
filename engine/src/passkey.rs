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

use crate::{
    CeremonyHandle, Client, CreationChallengeResponse, Engine, Error, PublicKeyCredential, Refusal,
    RegisterPublicKeyCredential, RequestChallengeResponse, Result, SignedIn,
    audit::{Actor, Entry, Target},
    ceremony::Ceremony,
    error::chain,
    identify::Proof,
    keys, store,
};
use latchkey_domain::{
    access::{Account, AccountChange, Administrator},
    device::{DeviceState, Registration},
    event::Action,
    id::{DeviceId, PasskeyId, UserId},
    name::DisplayName,
    passkey::{MAX_CREDENTIAL_ID_BYTES, Passkey},
};
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey as Credential};
use webauthn_rs_proto::ResidentKeyRequirement;

/// The most passkeys of one account.
const MAX_PASSKEYS: u64 = 32;

fn row_of(credential_id: &[u8]) -> Vec<u8> {
    keys::digest("credential id", credential_id).to_vec()
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
    /// Registration, step 1 (WebAuthn L3 §7.1): options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// Conflict when the account has as many passkeys as it can.
    pub async fn begin_passkey_registration(
        &self,
        change: &AccountChange,
    ) -> Result<(CeremonyHandle, CreationChallengeResponse)> {
        let account = change.account();
        let rows = store::passkey::rows_of(&self.inner.db, account.user_id).await?;
        if rows.len() as u64 >= MAX_PASSKEYS {
            return Err(Error::Conflict {
                field: "name",
                message: format!(
                    "An account has at most {MAX_PASSKEYS} passkeys. Remove one first."
                ),
            });
        }
        let exclude = rows
            .iter()
            .map(|row| Ok(credential(row)?.cred_id().clone()))
            .collect::<Result<Vec<_>>>()?;
        let (mut options, state) = self
            .inner
            .webauthn
            .start_passkey_registration(
                account.user_id.uuid(),
                account.email.as_str(),
                account.name.as_str(),
                Some(exclude),
            )
            .map_err(Error::internal)?;
        // Signing in asks for no name, so the credential must be discoverable.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        let ceremony = Ceremony::PasskeyRegistration {
            user: account.user_id,
            device: account.device_id,
            state: Box::new(state),
        };
        Ok((self.begin_ceremony(&ceremony).await?, options))
    }

    /// Registration, step 3: checks and keeps the new passkey. The person was verified by it just
    /// now, so this device is then of passkey assurance.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`], bad input (`name`).
    pub async fn finish_passkey_registration(
        &self,
        change: &AccountChange,
        handle: Option<&str>,
        answer: &RegisterPublicKeyCredential,
        name: &str,
        client: &Client,
    ) -> Result<Passkey> {
        let account = change.account();
        let Some(Ceremony::PasskeyRegistration {
            user,
            device,
            state,
        }) = self.take_ceremony(handle).await?
        else {
            return Err(Refusal::CeremonyExpired.into());
        };
        // A ceremony of another person or device is not this one's, however it came here.
        if user != account.user_id || device != account.device_id {
            return Err(Refusal::CeremonyExpired.into());
        }
        if !is_same_origin(answer.response.client_data_json.as_ref()) {
            return Err(Refusal::PasskeyNotAccepted.into());
        }
        let credential = self
            .inner
            .webauthn
            .finish_passkey_registration(answer, &state)
            .map_err(|cause| {
                tracing::info!(cause = %chain(&cause), "a new passkey was not accepted");
                Refusal::PasskeyNotAccepted
            })?;
        if credential.cred_id().len() > MAX_CREDENTIAL_ID_BYTES {
            return Err(Refusal::PasskeyNotAccepted.into());
        }
        let now = self.now();
        let mut change = self.change(account, client).await?;
        // Revoked while the browser was asking: what ended must not come back through its passkey.
        let device_row = store::device::find(change.db(), device).await?;
        let Some(device_row) =
            device_row.filter(|device| device.facts().state == DeviceState::Active)
        else {
            return Err(Refusal::CeremonyExpired.into());
        };
        let digest = row_of(credential.cred_id());
        // A credential id is one person's among all (WebAuthn L3 §7.1 step 26).
        if store::passkey::find_by_credential(change.db(), &digest)
            .await?
            .is_some()
        {
            return Err(Refusal::PasskeyNotAccepted.into());
        }
        let name = match name.trim() {
            "" => DisplayName::parse(&device_row.name),
            typed => DisplayName::parse(typed),
        }
        .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let id = PasskeyId::from_uuid(self.inner.settings.rng.uuid(now));
        let text = serde_json::to_string(&credential).map_err(Error::internal)?;
        let row = store::passkey::Model {
            id: id.uuid(),
            user_id: account.user_id.uuid(),
            device_id: device.uuid(),
            credential_digest: digest,
            backed_up: is_backed_up(&text),
            credential: text,
            name: name.to_string(),
            created_at: now.unix_timestamp(),
            last_used_at: None,
        };
        store::passkey::insert(change.db(), row.clone()).await?;
        store::device::strengthened(change.db(), device, now.unix_timestamp()).await?;
        // The target is the device: its assurance is what changed for verify.
        change.record(&Entry {
            action: Action::PasskeyAdded,
            target: Target::Device(device),
            name: name.as_str(),
            subject: Some(account.user_id),
            detail: "",
        });
        change.commit().await?;
        row.try_into()
    }

    /// Sign-in, step 1 (WebAuthn L3 §7.2): options for `navigator.credentials.get`, without a user name.
    ///
    /// # Errors
    /// Internal only.
    pub async fn begin_passkey_login(&self) -> Result<(CeremonyHandle, RequestChallengeResponse)> {
        let (options, state) = self
            .inner
            .webauthn
            .start_discoverable_authentication()
            .map_err(Error::internal)?;
        Ok((
            self.begin_ceremony(&Ceremony::PasskeyLogin {
                state: Box::new(state),
            })
            .await?,
            options,
        ))
    }

    /// Sign-in, step 3: checks the assertion; registers this browser as a device if it is not one of this person's.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`].
    pub async fn finish_passkey_login(
        &self,
        handle: Option<&str>,
        answer: &PublicKeyCredential,
        current: Option<&Account>,
        client: &Client,
    ) -> Result<SignedIn> {
        let Some(Ceremony::PasskeyLogin { state }) = self.take_ceremony(handle).await? else {
            return Err(Refusal::CeremonyExpired.into());
        };
        let (mut passkey, user, updated) = match self.check_assertion(answer, *state).await? {
            Ok(checked) => checked,
            Err(reason) => {
                self.record_refusal(None, reason, client).await?;
                return Err(Refusal::PasskeyNotAccepted.into());
            }
        };
        let mut change = self.change(Actor::Anonymous, client).await?;
        // Removed or switched off between the check and now: the transaction's view decides.
        let user_id = UserId::from_uuid(user.id);
        let user = store::user::find(change.db(), user_id)
            .await?
            .filter(|user| user.disabled_at.is_none());
        let (Some(user), Some(_)) = (
            user,
            store::passkey::find(change.db(), PasskeyId::from_uuid(passkey.id)).await?,
        ) else {
            return Err(Refusal::PasskeyNotAccepted.into());
        };
        let signed_in = self
            .sign_in(
                &mut change,
                &user,
                current,
                Proof {
                    registration: Registration::Passkey,
                    device_name: None,
                },
                client,
            )
            .await?;
        // A passkey whose device signed out belongs to the device on which it is used now.
        let home = store::device::find(change.db(), DeviceId::from_uuid(passkey.device_id)).await?;
        if home.is_none_or(|home| home.revoked_at.is_some()) {
            passkey.device_id = signed_in.account.device_id.uuid();
        }
        passkey.backed_up = is_backed_up(&updated);
        passkey.credential = updated;
        passkey.last_used_at = Some(self.now().unix_timestamp());
        store::passkey::used(change.db(), &passkey).await?;
        change.commit().await?;
        Ok(signed_in)
    }

    /// Whose passkey it is, and the credential as the assertion left it; or why it is refused.
    async fn check_assertion(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
    ) -> Result<
        std::result::Result<(store::passkey::Model, store::user::Model, String), &'static str>,
    > {
        if !is_same_origin(answer.response.client_data_json.as_ref()) {
            return Ok(Err("passkey used inside another site"));
        }
        let Ok((handle, credential_id)) = self
            .inner
            .webauthn
            .identify_discoverable_authentication(answer)
        else {
            return Ok(Err("passkey without a user handle"));
        };
        let Some(row) =
            store::passkey::find_by_credential(&self.inner.db, &row_of(credential_id)).await?
        else {
            return Ok(Err("unknown passkey"));
        };
        // The user handle must be the owner's (WebAuthn L3 §7.2 step 6).
        if row.user_id != handle {
            return Ok(Err("passkey of somebody else"));
        }
        let Some(user) = store::user::find(&self.inner.db, UserId::from_uuid(row.user_id)).await?
        else {
            return Ok(Err("unknown passkey"));
        };
        if user.disabled_at.is_some() {
            return Ok(Err("disabled account"));
        }
        let mut credential = credential(&row)?;
        let result = match self.inner.webauthn.finish_discoverable_authentication_v2(
            answer,
            state,
            &credential,
        ) {
            Ok(result) => result,
            Err(cause) => {
                tracing::info!(cause = %chain(&cause), "a passkey was not accepted");
                return Ok(Err("passkey not accepted"));
            }
        };
        // The result is looked at, not only that there is one.
        if !result.user_verified() || credential.update_credential(&result).is_none() {
            return Ok(Err("passkey without user verification"));
        }
        let updated = serde_json::to_string(&credential).map_err(Error::internal)?;
        Ok(Ok((row, user, updated)))
    }

    /// This person's passkeys.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_passkeys(&self, account: &Account) -> Result<Vec<Passkey>> {
        self.passkeys(account.user_id).await
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
        store::passkey::rows_of(&self.inner.db, user)
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
        change: &AccountChange,
        id: PasskeyId,
        name: &str,
        client: &Client,
    ) -> Result<()> {
        let name = DisplayName::parse(name)
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let account = change.account();
        let mut change = self.change(account, client).await?;
        mine(store::passkey::find(change.db(), id).await?, account)?;
        store::passkey::rename(change.db(), id, name.as_str()).await?;
        change.record(&Entry {
            action: Action::PasskeyRenamed,
            target: Target::Passkey(id),
            name: name.as_str(),
            subject: Some(account.user_id),
            detail: "",
        });
        change.commit().await
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// Not found.
    pub async fn remove_passkey(
        &self,
        change: &AccountChange,
        id: PasskeyId,
        client: &Client,
    ) -> Result<()> {
        let account = change.account();
        let mut change = self.change(account, client).await?;
        let passkey = mine(store::passkey::find(change.db(), id).await?, account)?;
        store::passkey::delete(change.db(), id).await?;
        change.record(&Entry {
            action: Action::PasskeyRemoved,
            target: Target::Passkey(id),
            name: &passkey.name,
            subject: Some(account.user_id),
            detail: "",
        });
        change.commit().await
    }
}

/// Somebody else's passkey does not exist for this person.
fn mine(row: Option<store::passkey::Model>, account: &Account) -> Result<store::passkey::Model> {
    row.filter(|row| row.user_id == account.user_id.uuid())
        .ok_or(Error::NotFound("passkey"))
}

fn credential(row: &store::passkey::Model) -> Result<Credential> {
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
    fn must_survive_8_a_ceremony_inside_another_sites_frame_is_refused() {
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
