//! The assertion that approves a request: its challenge is a hash over this request.

use super::{
    decision::picked_by,
    sealed::{decode, encode},
};
use crate::{
    CeremonyHandle, Engine, Error, PublicKeyCredential, Refusal, RequestChallengeResponse,
    RequestOrigin, Result, audit::acted_from::ActedFrom, ephemeral::ceremony::Ceremony, identity,
    keys::keyring::digest, unit_of_work::Actor,
};
use latchkey_domain::{
    access::permission::CurrentUser,
    event::DeviceApprovalGranted,
    id::{DeviceId, UserId},
};
use webauthn_rs::prelude::DiscoverableAuthentication;

impl Engine {
    /// The assertion, step 1 (WebAuthn L3 §7.2): options for `navigator.credentials.get`, whose challenge is a hash over this
    /// request, the user, this device, and a nonce. The user has picked the number.
    ///
    /// # Errors
    /// As [`Engine::asked_approval`]; denied as [`Self::finish_approval`].
    pub async fn begin_approval_assertion(
        &self,
        current_user: &CurrentUser,
        picked: &str,
    ) -> Result<(CeremonyHandle, RequestChallengeResponse)> {
        let copy = picked_by(current_user);
        let request = self.waiting(&self.read(), copy, picked).await?;
        self.approver(&self.read(), current_user).await?;
        let bound = BoundRequest {
            user: current_user.user_id,
            device: current_user.device_id,
            nonce: self.inner.settings.rng.bytes(),
            request: &encode(&request),
        };
        let (options, _) = self.bound_to(bound.challenge())?;
        let ceremony = Ceremony::DeviceApproval {
            user: bound.user,
            device: bound.device,
            request: bound.request.to_vec(),
            nonce: bound.nonce,
        };
        Ok((self.begin_stored_ceremony(&ceremony).await?, options))
    }

    /// An authentication ceremony with this challenge in place of a random one.
    fn bound_to(
        &self,
        challenge: [u8; 32],
    ) -> Result<(RequestChallengeResponse, DiscoverableAuthentication)> {
        let started = self.inner.webauthn.start_discoverable_authentication();
        let (mut options, state) = started.map_err(Error::internal)?;
        // The library lets nobody choose a challenge; its state is what it serialises.
        let random = serde_json::to_value(&options).map_err(Error::internal)?;
        let mut state = serde_json::to_value(&state).map_err(Error::internal)?;
        options.public_key.challenge = challenge.to_vec();
        let bound = serde_json::to_value(&options).map_err(Error::internal)?;
        let (random, bound) = (
            &random["publicKey"]["challenge"],
            &bound["publicKey"]["challenge"],
        );
        let place = state.pointer_mut("/ast/challenge");
        match place.filter(|place| *place == random && !bound.is_null()) {
            Some(place) => *place = bound.clone(),
            None => return Err(Error::internal("the state of a ceremony has its challenge")),
        }
        let state = serde_json::from_value(state).map_err(Error::internal)?;
        Ok((options, state))
    }

    /// The assertion, step 3: approves the request that it was made for.
    ///
    /// # Errors
    /// [`Refusal::CeremonyExpired`], [`Refusal::PasskeyNotAccepted`], [`Refusal::UnknownPasskey`]; as [`Engine::asked_approval`];
    /// denied when the sign-in on this device has ended, when it is limited, and without a passkey.
    pub async fn finish_approval(
        &self,
        current_user: &CurrentUser,
        handle: Option<&str>,
        answer: &PublicKeyCredential,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let Some(Ceremony::DeviceApproval {
            user,
            device,
            request: encoded,
            nonce,
        }) = self.take_ceremony(handle).await?
        else {
            return Err(Refusal::CeremonyExpired.into());
        };
        // A ceremony of another user or device is not this one's, however it came here.
        if user != current_user.user_id || device != current_user.device_id {
            return Err(Refusal::CeremonyExpired.into());
        }
        let bound = BoundRequest {
            user,
            device,
            nonce,
            request: &encoded,
        };
        let (_, state) = self.bound_to(bound.challenge())?;
        let assertion = self.verify_assertion(answer, state, origin).await?;
        if assertion.user() != user {
            return Err(Refusal::PasskeyNotAccepted.into());
        }
        let request = decode(&encoded)
            .filter(|request| self.now() < request.expires_at())
            .ok_or(Refusal::ApprovalExpired)?;
        let mut tx = self.begin_sign_in(user, origin).await?;
        tx.act_as(Actor::from(current_user));
        // Revoked, limited or disabled while the browser was asking: the transaction's view decides.
        let device = self.approver(&tx, current_user).await?;
        tx.act_from(ActedFrom::device(&device, origin).in_session(current_user.session));
        let decision = self.decision(&request, current_user, Some(assertion.passkey()));
        if !identity::store::approval::decide(&tx, &decision).await? {
            return Err(Refusal::ApprovalDecided.into());
        }
        let here = device.id;
        tx.apply(DeviceApprovalGranted { device, request }).await?;
        assertion.record(&mut tx, here, self.now()).await?;
        tx.commit().await
    }
}

/// What an assertion approves.
struct BoundRequest<'a> {
    user: UserId,
    device: DeviceId,
    nonce: [u8; 32],
    request: &'a [u8],
}

impl BoundRequest<'_> {
    /// The request comes last: it alone has no fixed length.
    fn challenge(&self) -> [u8; 32] {
        let mut bytes = self.nonce.to_vec();
        bytes.extend(self.user.uuid().as_bytes());
        bytes.extend(self.device.uuid().as_bytes());
        bytes.extend(self.request);
        digest("device approval challenge", &bytes)
    }
}
