//! The authentication ceremony (WebAuthn L3 §7.2).

use super::{credential, is_backed_up, is_backup_eligible, is_same_origin, lookup_digest};
use crate::{
    CeremonyHandle, Engine, Error, KnownBrowser, PublicKeyCredential, Refusal,
    RequestChallengeResponse, RequestOrigin, Result, SignedIn,
    database::Reads,
    ephemeral::ceremony::Ceremony,
    error::chain,
    identity,
    identity::sign_in::Proof,
    throttle::refusal_log::Reason,
    unit_of_work::{Accepts, CommitOrder, Tx},
};
use latchkey_domain::{
    event::{NamedUser, PasskeyUsed},
    id::{DeviceId, PasskeyId, UserId},
    identity::{
        device::{AuthMethod, Device, DeviceLimit},
        passkey::Passkey,
    },
    name::DisplayName,
};
use time::OffsetDateTime;
use webauthn_rs::{
    Webauthn,
    prelude::{DiscoverableAuthentication, Passkey as Credential, WebauthnError},
};

/// Why an assertion was refused, for the audit log.
#[derive(Debug, thiserror::Error)]
enum AssertionError {
    #[error("{0}")]
    Refused(&'static str),
    #[error("a passkey's signature counter went back")]
    Copied(Box<(NamedUser, DisplayName)>),
    #[error("unknown passkey")]
    Unknown,
    #[error(transparent)]
    Failed(#[from] Error),
}

/// An assertion that was accepted: the passkey as it was when it was checked, and its credential as the assertion left it.
pub(in crate::identity) struct VerifiedAssertion {
    passkey: Passkey,
    updated: String,
}

impl VerifiedAssertion {
    /// Whose passkey it is.
    pub(in crate::identity) const fn user(&self) -> UserId {
        self.passkey.user_id
    }

    /// Which it is.
    pub(in crate::identity) const fn passkey(&self) -> PasskeyId {
        self.passkey.id
    }

    /// The passkey as the transaction sees it. Refuses if it was removed since, or another assertion was quicker: this one was
    /// checked against a counter that has moved on.
    async fn latest(&self, db: &impl Reads) -> Result<Passkey> {
        let passkey = identity::store::passkey::find(db, self.passkey.id)
            .await?
            .ok_or(Refusal::PasskeyNotAccepted)?;
        match passkey.credential == self.passkey.credential {
            true => Ok(passkey),
            false => Err(Refusal::CeremonyExpired.into()),
        }
    }

    /// Writes that the passkey was used on a device.
    pub(in crate::identity) async fn record<O>(
        self,
        tx: &mut Tx<'_, O>,
        here: DeviceId,
        now: OffsetDateTime,
    ) -> Result<()>
    where
        O: CommitOrder + Accepts<PasskeyUsed> + Sync,
    {
        let passkey = self.latest(tx).await?;
        let updated = self.updated;
        // A passkey whose device signed out belongs to the device on which it is used now.
        let owner = identity::store::device::find(tx, passkey.device_id).await?;
        let belongs_to = match owner.is_some_and(|device: Device| device.is_active()) {
            true => passkey.device_id,
            false => here,
        };
        let backed_up = is_backed_up(&updated);
        tx.apply(passkey.use_on(here, belongs_to, updated, backed_up, now))
            .await
    }
}

impl Engine {
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
        let ceremony = Ceremony::PasskeyLogin {
            state: Box::new(state),
        };
        let handle = self.begin_sealed_ceremony(ceremony, self.ceremony_end())?;
        Ok((handle, options))
    }

    /// Sign-in, step 3: checks the assertion; registers this browser as a device if it is not one of this user's.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`], [`Refusal::UnknownPasskey`].
    pub async fn finish_passkey_login(
        &self,
        handle: Option<&str>,
        answer: &PublicKeyCredential,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let Some(Ceremony::PasskeyLogin { state }) = self.take_ceremony(handle).await? else {
            return Err(Refusal::CeremonyExpired.into());
        };
        let assertion = self.verify_assertion(answer, *state, origin).await?;
        let mut tx = self.begin_sign_in(assertion.user(), origin).await?;
        // Disabled between the check and now: the transaction's view decides.
        let user = identity::store::user::find(&tx, assertion.user())
            .await?
            .filter(|user| !user.is_disabled())
            .ok_or(Refusal::PasskeyNotAccepted)?;
        assertion.latest(&tx).await?;
        self.refuse_more_devices(&tx, user.id, browser).await?;
        let proof = Proof {
            method: AuthMethod::passkey(is_backup_eligible(&assertion.updated)),
            device_name: None,
            limit: DeviceLimit::None,
            is_enrolment: false,
        };
        let signed_in = self.sign_in(&mut tx, user, browser, proof, origin).await?;
        let here = signed_in.current_user.device_id;
        assertion.record(&mut tx, here, self.now()).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Checks the assertion of a ceremony; what is refused is recorded.
    pub(in crate::identity) async fn verify_assertion(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
        origin: &RequestOrigin,
    ) -> Result<VerifiedAssertion> {
        let (reason, refusal) = match self.check_assertion(answer, state).await {
            Ok(verified) => return Ok(verified),
            Err(AssertionError::Failed(cause)) => return Err(cause),
            Err(AssertionError::Copied(whose)) => {
                let (user, passkey) = *whose;
                self.record_copied_passkey(user, passkey, origin).await?;
                return Err(Refusal::PasskeyNotAccepted.into());
            }
            Err(AssertionError::Refused(reason)) => (reason, Refusal::PasskeyNotAccepted),
            // Credential ids are random: only their authenticators can ask about them, and should forget this one.
            Err(AssertionError::Unknown) => ("unknown passkey", Refusal::UnknownPasskey),
        };
        self.record_refusal(None, Reason::Passkey(reason), origin)
            .await?;
        Err(refusal.into())
    }

    async fn check_assertion(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
    ) -> Result<VerifiedAssertion, AssertionError> {
        let refused = AssertionError::Refused;
        let Ok((handle, credential_id)) = self
            .inner
            .webauthn
            .identify_discoverable_authentication(answer)
        else {
            return Err(refused("passkey without a user handle"));
        };
        let digest = lookup_digest(credential_id);
        let passkey = identity::store::passkey::find_by_credential(&self.read(), &digest)
            .await?
            .ok_or(AssertionError::Unknown)?;
        // The user handle must be the owner's (WebAuthn L3 §7.2 step 6).
        if passkey.user_id.uuid() != handle {
            return Err(refused("passkey of somebody else"));
        }
        let user = identity::store::user::find(&self.read(), passkey.user_id)
            .await?
            .ok_or(refused("unknown passkey"))?;
        if user.is_disabled() {
            return Err(refused("disabled account"));
        }
        let credential = credential(&passkey)?;
        let checked = check_credential(&self.inner.webauthn, answer, state, credential);
        let updated = checked.map_err(|refusal| match refusal {
            CredentialRefusal::CounterWentBack => {
                AssertionError::Copied(Box::new((user.named(), passkey.name.clone())))
            }
            CredentialRefusal::Other(reason) => refused(reason),
        })?;
        let updated = serde_json::to_string(&updated).map_err(Error::internal)?;
        Ok(VerifiedAssertion { passkey, updated })
    }
}

/// Why an assertion was refused that names a passkey of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CredentialRefusal {
    /// All but the signature counter was right (WebAuthn L3 §7.2 step 22): there may be a copy of the passkey, and which of the two
    /// this is cannot be told.
    CounterWentBack,
    /// Anything else, for the audit log.
    Other(&'static str),
}

/// The checks of an assertion that need nothing but its ceremony and its credential (WebAuthn L3 §7.2 steps 7 to 26).
/// Returns the credential as the assertion left it.
pub(super) fn check_credential(
    webauthn: &Webauthn,
    answer: &PublicKeyCredential,
    state: DiscoverableAuthentication,
    mut credential: Credential,
) -> Result<Credential, CredentialRefusal> {
    let refused = CredentialRefusal::Other;
    if !is_same_origin(answer.response.client_data_json.as_ref()) {
        return Err(refused("passkey used inside another site"));
    }
    let result = webauthn
        .finish_discoverable_authentication_v2(answer, state, &credential)
        .map_err(|cause| {
            tracing::info!(cause = %chain(&cause), "a passkey was not accepted");
            match cause {
                WebauthnError::CredentialPossibleCompromise => CredentialRefusal::CounterWentBack,
                _ => refused("passkey not accepted"),
            }
        })?;
    // The result is looked at, not only that there is one.
    if !result.user_verified() || credential.update_credential(&result).is_none() {
        return Err(refused("passkey without user verification"));
    }
    Ok(credential)
}
