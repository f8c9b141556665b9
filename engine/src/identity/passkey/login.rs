//! The authentication ceremony (WebAuthn L3 §7.2).

use super::{credential, is_backed_up, is_same_origin, row_of};
use crate::{
    CeremonyHandle, Engine, Error, KnownBrowser, PublicKeyCredential, Refusal,
    RequestChallengeResponse, RequestOrigin, Result, SignedIn, audit::log::Actor,
    ephemeral::ceremony::Ceremony, error::chain, identity, identity::authentication::Proof,
    throttle::refusal_log::Reason,
};
use latchkey_domain::{
    id::{DeviceId, PasskeyId, UserId},
    identity::device::{DeviceState, Registration},
};
use webauthn_rs::prelude::DiscoverableAuthentication;

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

    /// Sign-in, step 3: checks the assertion; registers this browser as a device if it is not one of this person's.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`].
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
        let (mut passkey, user, updated) = match self.check_assertion(answer, *state).await? {
            Ok(checked) => checked,
            Err(reason) => {
                self.record_refusal(None, Reason::Passkey(reason), origin)
                    .await?;
                return Err(Refusal::PasskeyNotAccepted.into());
            }
        };
        let mut change = self.change(Actor::Anonymous, origin).await?;
        // Removed or switched off between the check and now: the transaction's view decides.
        let user_id = UserId::from_uuid(user.id);
        let user = identity::store::user::find(change.db(), user_id)
            .await?
            .filter(|user| user.disabled_at.is_none());
        let id = PasskeyId::from_uuid(passkey.id);
        let (Some(user), Some(current)) =
            (user, identity::store::passkey::find(change.db(), id).await?)
        else {
            return Err(Refusal::PasskeyNotAccepted.into());
        };
        // Another assertion was quicker: this one was checked against a counter that has moved on.
        if current.credential != passkey.credential {
            return Err(Refusal::CeremonyExpired.into());
        }
        passkey.device_id = current.device_id;
        self.refuse_more_devices(&change, user_id, browser).await?;
        let signed_in = self
            .sign_in(
                &mut change,
                &user,
                browser,
                Proof {
                    registration: Registration::Passkey,
                    device_name: None,
                    is_limited: false,
                },
                origin,
            )
            .await?;
        // A passkey whose device signed out belongs to the device on which it is used now.
        let home =
            identity::store::device::find(change.db(), DeviceId::from_uuid(passkey.device_id))
                .await?;
        if home.is_none_or(|home| home.facts().state != DeviceState::Active) {
            passkey.device_id = signed_in.current_user.device_id.uuid();
        }
        passkey.backed_up = is_backed_up(&updated);
        passkey.credential = updated;
        passkey.last_used_at = Some(self.now().unix_timestamp());
        identity::store::passkey::used(change.db(), &passkey).await?;
        identity::store::passkey::note_used_on(
            change.db(),
            id,
            signed_in.current_user.device_id,
            self.now().unix_timestamp(),
        )
        .await?;
        change.commit().await?;
        Ok(signed_in)
    }

    /// Whose passkey it is, and the credential as the assertion left it; or why it is refused.
    async fn check_assertion(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
    ) -> Result<
        std::result::Result<
            (
                identity::store::passkey::Model,
                identity::store::user::Model,
                String,
            ),
            &'static str,
        >,
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
            identity::store::passkey::find_by_credential(self.db(), &row_of(credential_id)).await?
        else {
            return Ok(Err("unknown passkey"));
        };
        // The user handle must be the owner's (WebAuthn L3 §7.2 step 6).
        if row.user_id != handle {
            return Ok(Err("passkey of somebody else"));
        }
        let Some(user) =
            identity::store::user::find(self.db(), UserId::from_uuid(row.user_id)).await?
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
}
