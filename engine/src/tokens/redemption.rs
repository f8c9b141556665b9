//! The grant type of device codes (RFC 8628 §3.4, §3.5): a program fetches what its user approved.

use super::{
    error::TokenError,
    issue::IssuedToken,
    refresh::{allowed_scopes, is_refreshable},
    refresh_token, store,
};
use crate::{
    Engine, RequestOrigin, audit::acted_from::ActedFrom, identity, keys::keyring::digest,
    unit_of_work::Tx,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    event::NamedUser,
    id::{DeviceId, TokenFamilyId, UserId},
    tokens::{
        access_token::TokenRefusal,
        client::{Client, GrantType},
        device_authorization::{AuthorizationState, DeviceAuthorization},
        family::TokenFamily,
    },
};

impl Engine {
    /// Fetches what the user approved.
    pub(super) async fn redeem_device_code(
        &self,
        client: Client,
        device_code: &str,
        key: Option<String>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let code: Option<[u8; 32]> = (device_code.len() <= 64)
            .then(|| BASE64.decode(device_code).ok()?.try_into().ok())
            .flatten();
        let code = digest("device_code", &code.ok_or(TokenError::InvalidGrant)?);
        let found = store::device_authorization::find(&self.read(), &code).await?;
        let authorization = found
            .filter(|found| found.client_id == client.id)
            // Bound to a key when it began, it is for the holder of that key.
            .filter(|found| found.key.is_none() || found.key == key)
            .ok_or(TokenError::InvalidGrant)?;
        if authorization.expires_at <= self.now() {
            return Err(TokenError::ExpiredToken);
        }
        match authorization.state {
            AuthorizationState::Denied => {
                let permit = self.acquire_write_permit().await?;
                store::device_authorization::take(&permit, &code).await?;
                Err(TokenError::AccessDenied)
            }
            AuthorizationState::Pending => {
                let permit = self.acquire_write_permit().await?;
                match store::device_authorization::poll(&permit, &code, self.now()).await? {
                    true => Err(TokenError::AuthorizationPending),
                    false => Err(TokenError::SlowDown),
                }
            }
            AuthorizationState::Approved { user, device } => {
                self.take_of_quota(client.id, Some(user))?;
                let of = (user, device);
                self.start_family(client, &authorization, of, key, origin)
                    .await
            }
        }
    }

    async fn start_family(
        &self,
        client: Client,
        authorization: &DeviceAuthorization,
        (user, device): (UserId, DeviceId),
        key: Option<String>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let mut tx = self.begin_sign_in(user, origin).await?;
        if !store::device_authorization::take(&tx, &authorization.device_code).await? {
            return Err(TokenError::InvalidGrant);
        }
        let family = self
            .new_family(&tx, &client, authorization, device, key)
            .await?;
        self.require_sign_in(&tx, &family).await?;
        let (service, delegated) = self.delegated(&family).await?;
        let user: NamedUser = delegated.named();
        let family = match &authorization.public_key {
            Some(jwk) => {
                let registered = self.register_native(&mut tx, &client, family, &user, jwk, origin);
                registered.await?
            }
            None => family,
        };
        tx.apply(family.clone().started(client.clone(), user))
            .await?;
        // From here on it is the program that acts.
        tx.act_from(ActedFrom::default());
        let scopes = allowed_scopes(&client, &family, &delegated);
        let issued = self
            .issue_of_family(&mut tx, &client, &family, &service, &delegated, scopes)
            .await?;
        tx.commit().await?;
        let first = || refresh_token::make(&family, family.generation, &self.inner.keys);
        Ok(IssuedToken {
            refresh_token: is_refreshable(&client, &family).then(first),
            ..issued
        })
    }

    async fn new_family<O: Sync>(
        &self,
        tx: &Tx<'_, O>,
        client: &Client,
        authorization: &DeviceAuthorization,
        device: DeviceId,
        key: Option<String>,
    ) -> Result<TokenFamily, TokenError> {
        let (now, rng) = (self.now(), &self.inner.settings.rng);
        let device = identity::store::device::find(tx, device)
            .await?
            .ok_or(TokenError::InvalidGrant)?;
        if !client.audiences.contains(&authorization.audience) {
            return Err(TokenRefusal::InvalidTarget.into());
        }
        Ok(TokenFamily::start(
            TokenFamilyId::from_uuid(rng.uuid(now)),
            client,
            &device,
            authorization.audience,
            authorization.scopes.clone(),
            GrantType::DeviceCode,
            key,
            rng.bytes(),
            now,
        ))
    }
}
