//! Native devices: programs with a key of their own.
//!
//! 1. The program proves its key when it begins a device authorization ([`Engine::key_to_register`]): RFC 9449 §10.1 for codes.
//! 2. Its user compares the fingerprint of the key, and approves on a device of theirs.
//! 3. The holder of that key alone redeems the code. The program becomes a device of the user ([`Engine::register_native`]).
//! 4. From then on, assertions that the key signs give access tokens that are bound to it ([`Engine::issue_to_device`]).
//! 5. An assertion sent to the revocation endpoint ends the device ([`Engine::revoke_native`]).

use super::{
    error::TokenError,
    issue::{IssuedToken, TokenParameters},
    refresh::narrowed,
    store::{self, family::FamilyOwner},
};
use crate::{
    Engine, Error, Lane, RequestOrigin, Result,
    audit::acted_from::ActedFrom,
    identity::{self, cascade, cascade::EndedPasskeys},
    unit_of_work::{Accepts, Actor, CommitOrder, Tx},
};
use latchkey_domain::{
    event::{NamedUser, NativeDeviceRegistered, SignedIn},
    id::DeviceId,
    identity::device::{Device, DeviceKind, NewDevice},
    name::DisplayName,
    tokens::{
        access_token::TokenRefusal,
        client::{Client, GrantType},
        device_key::{DeviceKey, THUMBPRINT_URI, fingerprint},
        family::TokenFamily,
    },
};
use latchkey_jose::{
    Jwk, PublicKey,
    assertion::{Assertion, Expected, Purpose, UnverifiedParties},
    dpop::Proof,
};

impl Engine {
    /// The public key of a program that becomes a device of its user: if its client may use assertions, it must prove a key
    /// before its user is asked.
    pub(super) async fn key_to_register(
        &self,
        client: &Client,
        proof: Option<&Proof>,
    ) -> Result<Option<String>, TokenError> {
        if !client.may_use(GrantType::JwtBearer) {
            return Ok(None);
        }
        let proof = proof.ok_or(TokenError::InvalidRequest)?;
        // The user of a key that was revoked is not asked again: it needs a new one.
        if let Some(key) = store::device_key::find(&self.read(), &proof.thumbprint).await? {
            self.live_device(&self.read(), &key).await?;
        }
        let jwk = serde_json::to_string(&proof.key).map_err(Error::internal)?;
        Ok(Some(jwk))
    }

    /// The device of a key, signed in or out.
    async fn live_device(
        &self,
        db: &impl crate::database::Reads,
        key: &DeviceKey,
    ) -> Result<Device, TokenError> {
        identity::store::device::find(db, key.device_id)
            .await?
            .filter(|device| !device.is_revoked())
            .ok_or(TokenError::InvalidGrant)
    }

    /// Makes a program a device of the user who approved it; `family` rests on the device on which they did. Returns the family
    /// as it rests on the new device, in place of the one that it had for this service.
    pub(super) async fn register_native<O>(
        &self,
        tx: &mut Tx<'_, O>,
        client: &Client,
        family: TokenFamily,
        user: &NamedUser,
        jwk: &str,
        origin: &RequestOrigin,
    ) -> Result<TokenFamily, TokenError>
    where
        O: CommitOrder + Accepts<NativeDeviceRegistered> + Accepts<SignedIn> + Sync,
    {
        let now = self.now();
        let thumbprint = family.key.clone().ok_or(TokenError::InvalidGrant)?;
        let approver = identity::store::device::find(tx, family.device_id)
            .await?
            .ok_or(TokenError::InvalidGrant)?;
        tx.act_as(Actor::User(user.id, user.email.clone()));
        // Where they approved it, which is not where the program runs.
        tx.act_from(
            ActedFrom::device(&approver, &RequestOrigin::default()).through(Some(client.id)),
        );
        let known = store::device_key::find(tx, &thumbprint).await?;
        let device = match known {
            Some(key) => {
                let device = self.live_device(tx, &key).await?;
                // A key is one user's.
                if device.user_id != user.id {
                    return Err(TokenError::InvalidGrant);
                }
                let approved = device.approve_native(&approver, now);
                let (device, event) = approved.map_err(|_| TokenError::InvalidGrant)?;
                tx.apply(event).await?;
                store::device_key::save_approver(tx, device.id, approver.id).await?;
                let before = FamilyOwner::DeviceAt(device.id, family.audience);
                tx.end_token_families(before).await?;
                device
            }
            None => {
                let allowed = self.refuse_more_devices(tx, user.id, None).await;
                allowed.map_err(|error| match error {
                    Error::Conflict { .. } => TokenError::AccessDenied,
                    other => other.into(),
                })?;
                let new = NewDevice {
                    id: DeviceId::from_uuid(self.inner.settings.rng.uuid(now)),
                    user_id: user.id,
                    name: device_name(client, &thumbprint),
                    kind: DeviceKind::Program,
                    ip: origin.ip_text(),
                };
                let (device, event) =
                    Device::register_native(new, &approver, thumbprint, jwk.to_owned(), now);
                tx.apply(event).await?;
                device
            }
        };
        Ok(family.on_native(&device))
    }

    /// Issues an access token to a native device, for an assertion that its key signed.
    pub(super) async fn issue_to_device(
        &self,
        client: Client,
        assertion: &str,
        key: &str,
        parameters: TokenParameters<'_>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let (device_key, assertion) = self.check_device_assertion(assertion).await?;
        // The proof is of the same key: what it gets is bound to it.
        if device_key.thumbprint != key {
            return Err(TokenError::InvalidGrant);
        }
        let engine = self.in_lane(Lane::Known);
        if !engine.use_assertion(&assertion).await? {
            return Err(TokenError::InvalidGrant);
        }
        // Whose families ended, too: it has to be approved again, for whichever service.
        if !engine
            .live_device(&engine.read(), &device_key)
            .await?
            .is_active()
        {
            return Err(TokenError::InvalidGrant);
        }
        let audience = engine.find_audience(parameters).await?;
        let of = (device_key.device_id, client.id);
        let found = store::family::find_native(&engine.read(), of.0, of.1, audience).await?;
        let family = match &found[..] {
            [family] if client.audiences.contains(&family.audience) => family.id,
            // None was approved, or it has to be named, or its service accepts no native devices any more.
            _ => return Err(TokenRefusal::InvalidTarget.into()),
        };
        engine
            .issue_of_native(&client, family, key, parameters, origin)
            .await
    }

    async fn issue_of_native(
        &self,
        client: &Client,
        family: latchkey_domain::id::TokenFamilyId,
        key: &str,
        parameters: TokenParameters<'_>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let found = store::family::find(&self.read(), family).await?;
        let family = found.ok_or(TokenError::InvalidGrant)?;
        self.take_of_quota(client.id, Some(family.user_id))?;
        let (service, delegated) = self.delegated(&family).await?;
        let mut tx = self.begin_sign_in(family.user_id, origin).await?;
        let family = store::family::find(&tx, family.id)
            .await?
            .filter(|family| family.key.as_deref() == Some(key))
            .filter(|family| self.now() < family.expires_at)
            .ok_or(TokenError::InvalidGrant)?;
        let device = self.require_sign_in(&tx, &family).await?;
        tx.act_from(ActedFrom::device(&device, &RequestOrigin::default()));
        let scopes = narrowed(parameters.scope, client, &family, &delegated)?;
        let (seen, ip) = (self.now().unix_timestamp(), origin.ip_text());
        identity::store::device::save_last_seen(&tx, family.device_id, seen, ip).await?;
        store::family::refreshed(&tx, family.id, self.now()).await?;
        let issued = self
            .issue_of_family(&mut tx, client, &family, &service, &delegated, scopes)
            .await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// An assertion of a native device, with its key. It is not marked as used yet.
    async fn check_device_assertion(
        &self,
        assertion: &str,
    ) -> Result<(DeviceKey, Assertion), TokenError> {
        let refused = || TokenError::InvalidGrant;
        let named = UnverifiedParties::read(assertion).map_err(|_| refused())?;
        let thumbprint = named.issuer.strip_prefix(THUMBPRINT_URI);
        let thumbprint = thumbprint.ok_or_else(refused)?;
        let key = store::device_key::find(&self.read(), thumbprint).await?;
        let key = key.ok_or_else(refused)?;
        let jwk: Jwk = serde_json::from_str(&key.jwk).map_err(Error::internal)?;
        let public = PublicKey::from_jwk(&jwk).map_err(Error::internal)?;
        let opened = public.open(assertion).map_err(|_| refused())?;
        let expected = Expected {
            purpose: Purpose::AuthorizationGrant {
                issuer: &named.issuer,
                // It speaks for whoever approved the key.
                subject: &named.issuer,
            },
            audience: self.issuer(),
            now: self.now().unix_timestamp(),
        };
        let checked = expected.check_claims(&opened).map_err(|wrong| {
            tracing::debug!(%wrong, device = %key.device_id, "an assertion was refused");
            refused()
        })?;
        Ok((key, checked))
    }

    /// Ends a native device if this is an assertion that its key signed; whether it is one.
    pub(super) async fn revoke_native(
        &self,
        client: &Client,
        assertion: &str,
        origin: &RequestOrigin,
    ) -> Result<bool> {
        let (key, assertion) = match self.check_device_assertion(assertion).await {
            Ok(checked) => checked,
            Err(TokenError::Failed(cause)) => return Err(cause),
            Err(_) => return Ok(false),
        };
        let engine = self.in_lane(Lane::Known);
        if !engine.use_assertion(&assertion).await? {
            return Ok(false);
        }
        let actor = Actor::Client(client.id, client.name.clone());
        let mut tx = engine.begin(actor, origin).await?;
        if let Some(device) = identity::store::device::find(&tx, key.device_id).await? {
            tx.act_from(ActedFrom::device(&device, &RequestOrigin::default()));
            cascade::end_device(&mut tx, device, EndedPasskeys::Its(&[]), engine.now()).await?;
            tx.commit().await?;
        }
        Ok(true)
    }
}

/// What a new native device is called: several of one program are told apart by their keys.
fn device_name(client: &Client, thumbprint: &str) -> DisplayName {
    let start: String = fingerprint(thumbprint).chars().take(4).collect();
    let name = DisplayName::parse(&format!("{} · {start}", client.name));
    name.unwrap_or_else(|_| client.name.clone())
}
