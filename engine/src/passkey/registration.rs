//! The registration ceremony (WebAuthn L3 §7.1).

use super::{credential, is_backed_up, is_same_origin, row_of};
use crate::{
    CeremonyHandle, Client, CreationChallengeResponse, Engine, Error, Refusal,
    RegisterPublicKeyCredential, Result,
    audit::{Entry, Target},
    ceremony::Ceremony,
    error::chain,
    store,
};
use latchkey_domain::{
    access::AccountChange,
    device::DeviceState,
    event::Action,
    id::PasskeyId,
    name::DisplayName,
    passkey::{MAX_CREDENTIAL_ID_BYTES, Passkey},
};
use webauthn_rs_proto::ResidentKeyRequirement;

/// The most passkeys of one account.
const MAX_PASSKEYS: u64 = 32;

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
        let rows = store::passkey::rows_of(self.db(), account.user_id).await?;
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
}
