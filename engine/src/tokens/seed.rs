//! Starts token families without the approval of their users, for benchmarks.

use super::{refresh_token, store};
use crate::{Engine, Error, RequestOrigin, Result, identity, keys::device_cookie::DeviceCookie};
use latchkey_domain::{
    access::permission::Operator,
    event::NamedUser,
    id::{ClientId, TokenFamilyId},
    secret::SecretText,
    tokens::{client::GrantType, family::TokenFamily},
};

impl Engine {
    /// Starts a family of a client on the device of a cookie, with all that the client may do at its only service. Returns its first
    /// refresh token.
    ///
    /// # Errors
    /// Internal when one of them does not exist.
    pub async fn seed_token_family(
        &self,
        operator: &Operator,
        client: ClientId,
        cookie: &str,
    ) -> Result<SecretText> {
        let missing = || Error::internal("the client, its service or the device does not exist");
        let (now, rng) = (self.now(), &self.inner.settings.rng);
        let cookie = DeviceCookie::parse(cookie, &self.inner.keys, now).map_err(|_| missing())?;
        let mut tx = self.begin(operator, &RequestOrigin::default()).await?;
        let client = store::client::find(&tx, &client.to_string()).await?;
        let device = identity::store::device::find(&tx, cookie.device).await?;
        let (client, device) = client.zip(device).ok_or_else(missing)?;
        let user = identity::store::user::find(&tx, device.user_id).await?;
        let user = user.ok_or_else(missing)?;
        let family = TokenFamily::start(
            TokenFamilyId::from_uuid(rng.uuid(now)),
            &client,
            &device,
            client.only_audience().ok_or_else(missing)?,
            client.scopes.clone(),
            GrantType::DeviceCode,
            None,
            rng.bytes(),
            now,
        );
        let token = refresh_token::make(&family, family.generation, &self.inner.keys);
        let user = NamedUser {
            id: user.id,
            email: user.email,
        };
        tx.apply(family.started(client, user)).await?;
        tx.commit().await?;
        Ok(token)
    }
}
