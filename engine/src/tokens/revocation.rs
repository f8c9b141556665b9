//! `POST /oauth/revoke` (RFC 7009): a client gives back what it got. What is revoked is denied within a second everywhere.

use super::{
    authentication::ClientCredentials, error::TokenError, refresh_token::RefreshToken, store,
};
use crate::{
    Engine, RequestOrigin, Result, database::at, keys::keyring::digest, unit_of_work::Actor,
};
use latchkey_domain::{
    event::TokenRevoked,
    id::TokenFamilyId,
    tokens::{
        access_token::{LEEWAY, TYP},
        client::Client,
        family::FamilyEnd,
    },
};
use latchkey_jose::{Audience, Expected};
use std::sync::Arc;

impl Engine {
    /// Revokes a refresh token or an access token of a client. A token for a user ends with all of its family. One that is
    /// unknown, over, or another client's is fine (RFC 7009 §2.2): who asks learns nothing of it. An assertion of a native
    /// device ends the device.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn revoke_token(
        &self,
        credentials: ClientCredentials<'_>,
        token: &str,
        origin: &RequestOrigin,
    ) -> Result<(), TokenError> {
        let client = self.authenticate_client(credentials).await?.client;
        if let Some(token) = RefreshToken::parse(token) {
            let family = store::family::find(&self.read(), token.family).await?;
            if let Some(family) = family
                && family.client_id == client.id
                && token.is_of(&family, &self.inner.keys)
            {
                self.end_family(family.id, FamilyEnd::ByProgram, origin)
                    .await?;
            }
            return Ok(());
        }
        if !self.revoke_native(&client, token, origin).await? {
            self.revoke_access_token(client, token, origin).await?;
        }
        Ok(())
    }

    async fn revoke_access_token(
        &self,
        client: Client,
        token: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let expected = Expected {
            typ: TYP,
            issuer: self.issuer(),
            audience: Audience::Any,
            now: self.now().unix_timestamp(),
            leeway: LEEWAY.whole_seconds(),
        };
        let checked = expected.check(self.inner.signing.load().access_tokens(), token);
        let Ok(token) = checked else {
            return Ok(());
        };
        let text = |name: &str| token.claims.get(name).and_then(serde_json::Value::as_str);
        if text("client_id") != Some(&client.id.to_string()) {
            return Ok(());
        }
        if let Some(Ok(family)) = text("sid").map(str::parse::<TokenFamilyId>) {
            return self.end_family(family, FamilyEnd::ByProgram, origin).await;
        }
        let actor = Actor::Client(client.id, client.name.clone());
        let mut tx = self.begin(actor, origin).await?;
        let event = TokenRevoked {
            digest: revoked_digest(&token.id),
            expires_at: at(token.expires_at) + LEEWAY,
            token_id: token.id,
            client,
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Whether an access token was revoked, by its `jti`.
    pub(super) async fn is_revoked(&self, token_id: &str) -> Result<bool> {
        let snapshot = &self.inner.snapshot;
        let digest = revoked_digest(token_id);
        if let Some(revoked) = snapshot.revoked_tokens.load().as_deref() {
            return Ok(revoked.contains(&digest));
        }
        let generation = snapshot.generation();
        let revoked = Arc::new(store::revoked_token::all(&self.read()).await?);
        snapshot.keep_if_current(generation, || {
            snapshot.revoked_tokens.store(Some(Arc::clone(&revoked)));
        });
        Ok(revoked.contains(&digest))
    }
}

fn revoked_digest(token_id: &str) -> [u8; 32] {
    digest("revoked_token", token_id.as_bytes())
}
