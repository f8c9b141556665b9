//! The registration ceremony (WebAuthn L3 §7.1).

use super::{credential, is_backed_up, is_same_origin, row_of};
use crate::{
    CeremonyHandle, CreationChallengeResponse, Engine, Error, KnownBrowser, Refusal,
    RegisterPublicKeyCredential, RequestOrigin, Result, SignedIn,
    audit::log::{Entry, Target},
    ephemeral::ceremony::Ceremony,
    error::chain,
    identity,
    identity::authentication::Proof,
};
use latchkey_domain::{
    access::permission::SelfManagement,
    audit::event::{Action, FieldChange},
    id::PasskeyId,
    identity::device::Registration,
    identity::passkey::{MAX_CREDENTIAL_ID_BYTES, Passkey},
    name::DisplayName,
};
use webauthn_rs_proto::ResidentKeyRequirement;

/// The most passkeys of one account.
const MAX_PASSKEYS: u64 = 32;

fn too_many() -> Error {
    Error::Conflict {
        field: "name",
        message: format!("An account has at most {MAX_PASSKEYS} passkeys. Remove one first."),
    }
}

impl Engine {
    /// Registration, step 1 (WebAuthn L3 §7.1): options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// Conflict when the account has as many passkeys as it can.
    pub async fn begin_passkey_registration(
        &self,
        change: &SelfManagement,
    ) -> Result<(CeremonyHandle, CreationChallengeResponse)> {
        let current_user = change.current_user();
        let rows = identity::store::passkey::rows_of(self.db(), current_user.user_id).await?;
        if rows.len() as u64 >= MAX_PASSKEYS {
            return Err(too_many());
        }
        let exclude = rows
            .iter()
            .map(|row| Ok(credential(row)?.cred_id().clone()))
            .collect::<Result<Vec<_>>>()?;
        let (mut options, state) = self
            .inner
            .webauthn
            .start_passkey_registration(
                current_user.user_id.uuid(),
                current_user.email.as_str(),
                current_user.name.as_str(),
                Some(exclude),
            )
            .map_err(Error::internal)?;
        // Signing in asks for no name, so the credential must be discoverable.
        if let Some(selection) = &mut options.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        let ceremony = Ceremony::PasskeyRegistration {
            user: current_user.user_id,
            device: current_user.device_id,
            state: Box::new(state),
        };
        Ok((self.begin_stored_ceremony(&ceremony).await?, options))
    }

    /// Registration, step 3: checks and keeps the new passkey. The person was verified by it just
    /// now, so this is a fresh sign-in: the device is of passkey assurance, gets a new secret, and its
    /// old cookies are worth nothing.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`], bad input (`name`).
    pub async fn finish_passkey_registration(
        &self,
        change: &SelfManagement,
        handle: Option<&str>,
        answer: &RegisterPublicKeyCredential,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<(Passkey, SignedIn)> {
        let current_user = change.current_user();
        let Some(Ceremony::PasskeyRegistration {
            user,
            device,
            state,
        }) = self.take_ceremony(handle).await?
        else {
            return Err(Refusal::CeremonyExpired.into());
        };
        // A ceremony of another person or device is not this one's, however it came here.
        if user != current_user.user_id || device != current_user.device_id {
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
        // Revoked while the browser was asking: the change is refused, and so what ended does not come
        // back through its passkey.
        let mut change = self.change(change, origin).await?;
        let (Some(device_row), Some(user_row)) = (
            identity::store::device::find(change.db(), device).await?,
            identity::store::user::find(change.db(), user).await?,
        ) else {
            return Err(Refusal::CeremonyExpired.into());
        };
        // Counted again here: two ceremonies may have begun below the limit.
        if identity::store::passkey::count_of(change.db(), user).await? >= MAX_PASSKEYS {
            return Err(too_many());
        }
        let digest = row_of(credential.cred_id());
        // A credential id is one person's among all (WebAuthn L3 §7.1 step 26).
        if identity::store::passkey::find_by_credential(change.db(), &digest)
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
        let row = identity::store::passkey::Model {
            id: id.uuid(),
            user_id: current_user.user_id.uuid(),
            device_id: device.uuid(),
            credential_digest: digest,
            backed_up: is_backed_up(&text),
            credential: text,
            name: name.to_string(),
            created_at: now.unix_timestamp(),
            last_used_at: None,
        };
        identity::store::passkey::insert(change.db(), row.clone()).await?;
        identity::store::passkey::note_used_on(change.db(), id, device, now.unix_timestamp())
            .await?;
        identity::store::user::got_passkey(change.db(), user, now.unix_timestamp()).await?;
        // The target is the device: its assurance is what changed for verify.
        change.record_with(
            &Entry {
                action: Action::PasskeyAdded,
                target: Target::Device(device),
                name: name.as_str(),
                subject: Some(current_user.user_id),
                detail: "",
            },
            [FieldChange::added("passkey", name.to_string())],
        );
        let proof = Proof {
            registration: Registration::Passkey,
            device_name: None,
            is_limited: false,
        };
        let browser = KnownBrowser { device, user };
        let signed_in = self
            .sign_in(&mut change, &user_row, Some(browser), proof, origin)
            .await?;
        change.commit().await?;
        Ok((row.try_into()?, signed_in))
    }
}
