//! How often a service accepts a token: any number of times, once, or until the same client gets a newer one.

use super::accepted_token::AcceptedToken;
use crate::{
    Engine, RequestOrigin, Result,
    cache::service_index::ServiceEntry,
    database::at,
    ephemeral::{
        one_time::{OneTime, Use},
        purpose::{LookupDigest, ValuePurpose},
    },
    keys::keyring::digest,
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    event::TokenReplayed,
    id::{ClientId, ServiceId},
    tokens::{access_token::LEEWAY, policy::TokenUse},
};
use time::{Duration, OffsetDateTime};

impl Engine {
    /// Whether the token may be used now, and marks it as used.
    pub(super) async fn may_use(
        &self,
        token: &AcceptedToken,
        service: &ServiceEntry,
    ) -> Result<bool> {
        match service.access_tokens.token_use {
            TokenUse::Reusable => Ok(true),
            TokenUse::OneShot => Box::pin(self.use_once_only(token, service)).await,
            TokenUse::SingleActive => Box::pin(self.is_newest(token, service)).await,
        }
    }

    /// Whether the token could be used now. Nothing is marked.
    pub(super) async fn is_usable(
        &self,
        token: &AcceptedToken,
        service: &ServiceEntry,
    ) -> Result<bool> {
        match service.access_tokens.token_use {
            TokenUse::Reusable => Ok(true),
            TokenUse::OneShot => self.is_unused(&marked(token, "used_token")).await,
            TokenUse::SingleActive => self.is_newest(token, service).await,
        }
    }

    /// Marks a token as used. One whose earlier use could have been forgotten is refused like a used one, so that its client gets
    /// another.
    async fn use_once_only(&self, token: &AcceptedToken, service: &ServiceEntry) -> Result<bool> {
        let used = self.use_once(&marked(token, "used_token")).await?;
        // Whoever has a used token decides how often it is sent, but not how much is written.
        if used == Use::Repeated
            && self.use_once(&marked(token, "replayed_token")).await? == Use::First
        {
            self.record_replay(token, service).await?;
        }
        Ok(used == Use::First)
    }

    async fn record_replay(&self, token: &AcceptedToken, service: &ServiceEntry) -> Result<()> {
        let client = self
            .in_client_index(|index| index.clients.get(&token.client).cloned())
            .await?;
        let Some(client) = client else {
            return Ok(());
        };
        let origin = RequestOrigin::default();
        let mut tx = self.begin_unordered(Actor::Anonymous, &origin).await?;
        let event = TokenReplayed {
            client,
            audience: service.name.clone(),
            token_id: token.id.clone(),
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Whether the client got no other token for the same subject and service since.
    async fn is_newest(&self, token: &AcceptedToken, service: &ServiceEntry) -> Result<bool> {
        let subject = token.subject();
        let newest = newest(token.client, &subject, service.facts.id);
        let found = self
            .inner
            .ephemeral
            .peek(self.db(), ValuePurpose::NewestToken, newest, self.now())
            .await?;
        Ok(found.as_deref() == Some(token.id.as_bytes()))
    }

    /// Notes a new token as the newest of its client and subject for a service.
    pub(super) async fn note_newest<O: Sync>(
        &self,
        tx: &Tx<'_, O>,
        (client, subject, service): (ClientId, &str, ServiceId),
        token_id: &str,
        expires_at: OffsetDateTime,
    ) -> Result<()> {
        let newest = newest(client, subject, service);
        let id = token_id.as_bytes().to_vec();
        let until = expires_at + LEEWAY + Duration::SECOND;
        let purpose = ValuePurpose::NewestToken;
        (self.inner.ephemeral)
            .put(tx.db(), purpose, newest, id, until)
            .await
    }
}

/// A token as its mark has it: that it was used, or that this was logged.
fn marked(token: &AcceptedToken, name: &str) -> OneTime {
    OneTime {
        purpose: ValuePurpose::UsedToken,
        digest: digest(name, token.id.as_bytes()),
        usable_from: token.issued_at.saturating_sub(LEEWAY.whole_seconds()),
        usable_until: at(token.expires_at) + LEEWAY + Duration::SECOND,
    }
}

fn newest(client: ClientId, subject: &str, service: ServiceId) -> LookupDigest {
    let (client, service) = (client.uuid(), service.uuid());
    let all = [client.as_bytes(), service.as_bytes(), subject.as_bytes()];
    digest("newest_token", &all.concat())
}
