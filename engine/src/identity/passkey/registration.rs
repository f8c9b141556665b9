//! The registration ceremony (WebAuthn L3 §7.1).

use super::{
    attestation, authenticator::aaguid_of, credential, is_backed_up, is_backup_eligible,
    is_same_origin, lookup_digest, metadata::TrustedModels,
};
use crate::{
    CeremonyHandle, Conflict, CreationChallengeResponse, Engine, Error, KnownBrowser, Refusal,
    RegisterPublicKeyCredential, RequestOrigin, Result, SignedIn, database::Reads,
    ephemeral::ceremony::Ceremony, error::chain, identity, identity::sign_in::Proof,
    throttle::refusal_log::Reason,
};
use latchkey_domain::{
    access::permission::PasskeyAddition,
    id::PasskeyId,
    identity::device::{AuthMethod, Device, DeviceLimit},
    identity::passkey::{MAX_CREDENTIAL_ID_BYTES, Passkey, PasskeyView},
    name::DisplayName,
};
use webauthn_rs::{
    Webauthn,
    prelude::{Passkey as Credential, PasskeyRegistration},
};
use webauthn_rs_proto::{PublicKeyCredentialHints, ResidentKeyRequirement};

/// The most passkeys of one account.
const MAX_PASSKEYS: u64 = 32;

const fn too_many() -> Error {
    Error::conflict("name", Conflict::TooManyPasskeys { most: MAX_PASSKEYS })
}

impl Engine {
    /// Registration, step 1 (WebAuthn L3 §7.1): options for `navigator.credentials.create`.
    ///
    /// # Errors
    /// Conflict when the account has as many passkeys as it can.
    pub async fn begin_passkey_registration(
        &self,
        proof: impl Into<PasskeyAddition>,
    ) -> Result<(CeremonyHandle, CreationChallengeResponse)> {
        let proof = proof.into();
        let current_user = proof.current_user();
        let passkeys =
            identity::store::passkey::list_by_user(&self.read(), current_user.user_id).await?;
        if passkeys.len() as u64 >= MAX_PASSKEYS {
            return Err(too_many());
        }
        let exclude = passkeys
            .iter()
            .map(|passkey| Ok(credential(passkey)?.cred_id().clone()))
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
        options.public_key.hints = Some(vec![PublicKeyCredentialHints::ClientDevice]);
        if self.inner.trusted_models.is_some() {
            attestation::ask(&mut options.public_key);
        }
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

    /// Registration, step 3: checks and keeps the new passkey. The user was verified by it just
    /// now, so this is a fresh sign-in: the device is of passkey assurance, gets a new secret, and its
    /// old cookies are worth nothing.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`], [`Refusal::AuthenticatorNotAccepted`], bad input
    /// (`name`).
    pub async fn finish_passkey_registration(
        &self,
        proof: impl Into<PasskeyAddition>,
        handle: Option<&str>,
        answer: &RegisterPublicKeyCredential,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<(PasskeyView, SignedIn)> {
        let proof = proof.into();
        let current_user = proof.current_user();
        let Some(Ceremony::PasskeyRegistration {
            user,
            device,
            state,
        }) = self.take_ceremony(handle).await?
        else {
            return Err(Refusal::CeremonyExpired.into());
        };
        // A ceremony of another user or device is not this one's, however it came here.
        if user != current_user.user_id || device != current_user.device_id {
            return Err(Refusal::CeremonyExpired.into());
        }
        let trusted_models = self.inner.trusted_models.as_ref();
        let credential = check_registration(&self.inner.webauthn, trusted_models, answer, &state)?;
        // Revoked while the browser was asking: the change is refused, and so what ended does not come
        // back through its passkey.
        let mut tx = self.begin(&proof, origin).await?;
        let device = identity::store::device::find(&tx, device).await?;
        let owner = identity::store::user::find(&tx, user).await?;
        let (Some(device), Some(owner)) = (device, owner) else {
            return Err(Refusal::CeremonyExpired.into());
        };
        let digest = lookup_digest(credential.cred_id());
        refuse_passkey(&tx, &device, &digest).await?;
        let now = self.now();
        let text = serde_json::to_string(&credential).map_err(Error::internal)?;
        let method = AuthMethod::passkey(is_backup_eligible(&text));
        let passkey = Passkey {
            id: PasskeyId::from_uuid(self.inner.settings.rng.uuid(now)),
            user_id: user,
            device_id: device.id,
            credential_digest: digest,
            backed_up: is_backed_up(&text),
            aaguid: aaguid_of(answer),
            credential: text,
            name: match name.trim() {
                "" => device.name,
                typed => DisplayName::parse(typed).map_err(Error::bad_input("name"))?,
            },
            created_at: now,
            last_used_at: None,
        };
        let event = passkey.clone().register(owner);
        let owner = event.owner.clone();
        tx.apply(event).await?;
        let browser = KnownBrowser {
            device: device.id,
            user,
        };
        let proof = Proof {
            method,
            device_name: None,
            limit: DeviceLimit::None,
            is_enrolment: true,
        };
        let named = owner.named();
        let browser = Some(browser);
        let signed_in = match self.sign_in(&mut tx, owner, browser, proof, origin).await {
            Ok(signed_in) => signed_in,
            Err(cause) => {
                drop(tx);
                let reason = Reason::Passkey("enrolment held");
                return Err(self.note_held(cause, named, reason, origin).await);
            }
        };
        tx.end_other_sessions(user, device.id).await?;
        tx.commit().await?;
        Ok((passkey.into(), signed_in))
    }
}

/// The checks of a new credential that need nothing but its ceremony (WebAuthn L3 §7.1 steps 5 to 25).
pub(super) fn check_registration(
    webauthn: &Webauthn,
    trusted_models: Option<&TrustedModels>,
    answer: &RegisterPublicKeyCredential,
    state: &PasskeyRegistration,
) -> Result<Credential> {
    if !is_same_origin(answer.response.client_data_json.as_ref()) {
        return Err(Refusal::PasskeyNotAccepted.into());
    }
    let credential = webauthn
        .finish_passkey_registration(answer, state)
        .map_err(|cause| {
            tracing::info!(cause = %chain(&cause), "a new passkey was not accepted");
            Refusal::PasskeyNotAccepted
        })?;
    if credential.cred_id().len() > MAX_CREDENTIAL_ID_BYTES {
        return Err(Refusal::PasskeyNotAccepted.into());
    }
    match trusted_models {
        Some(models) => attestation::check(webauthn, models, answer, state),
        None => Ok(credential),
    }
}

/// Refuses one more passkey than a user may have, and a credential that somebody has.
async fn refuse_passkey(db: &impl Reads, device: &Device, digest: &[u8]) -> Result<()> {
    // Counted again here: two ceremonies may have begun below the limit.
    if identity::store::passkey::count_by_user(db, device.user_id).await? >= MAX_PASSKEYS {
        return Err(too_many());
    }
    // A credential id is unique among all users (WebAuthn L3 §7.1 step 26).
    match identity::store::passkey::find_by_credential(db, digest).await? {
        Some(_) => Err(Refusal::PasskeyNotAccepted.into()),
        None => Ok(()),
    }
}
