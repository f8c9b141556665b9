//! What a program asked for under a key, so that it is made once although the program asks again
//! (draft-ietf-httpapi-idempotency-key-header).

use crate::{
    Engine, Error, Result,
    ephemeral::purpose::{LookupDigest, ValuePurpose},
    keys::keyring::digest,
};
use serde::{Deserialize, Serialize};
use time::Duration;
use zeroize::Zeroizing;

/// How long a key is known.
const LIFETIME: Duration = Duration::hours(24);

/// How long an answer with a secret is repeated.
const SECRET_LIFETIME: Duration = Duration::minutes(10);

/// A request under a key.
#[derive(Debug)]
pub enum IdempotentRequest {
    /// The first of its key.
    New(IdempotencyToken),
    /// It was answered.
    Answered(KeptResponse),
    /// It is being answered, or the process ended meanwhile.
    InProgress,
    /// The key belongs to another request.
    Another,
}

/// The right to answer a request under a key.
#[derive(Debug)]
pub struct IdempotencyToken {
    key: LookupDigest,
    request: LookupDigest,
}

/// An answer that is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptResponse {
    /// Its status.
    pub status: u16,
    /// Its `Location`.
    pub location: Option<String>,
    /// Its `Content-Type`.
    pub content_type: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    request: LookupDigest,
    response: KeptResponse,
}

impl Engine {
    /// Begins a request of `owner` under a key, in one conditional statement: of requests at once, one is the first.
    ///
    /// # Errors
    /// Internal only.
    pub async fn begin_idempotent(
        &self,
        owner: &str,
        key: &str,
        request: &[&[u8]],
    ) -> Result<IdempotentRequest> {
        let key = digest("idempotency key", format!("{owner}\0{key}").as_bytes());
        let request = digest("idempotent request", &request.join(&0));
        let until = self.now() + LIFETIME;
        let permit = self.acquire_write_permit().await?;
        let is_first = (self.inner.ephemeral)
            .mark_once(permit.db(), ValuePurpose::IdempotencyKey, key, until)
            .await?;
        drop(permit);
        if is_first {
            return Ok(IdempotentRequest::New(IdempotencyToken { key, request }));
        }
        let purpose = ValuePurpose::IdempotentResponse;
        let kept = match self.saved(purpose, key).await? {
            Some(kept) => Some(kept),
            None => self.saved(purpose, afterwards_of(&key)).await?,
        };
        let Some(kept) = kept else {
            return Ok(IdempotentRequest::InProgress);
        };
        let kept: Kept = serde_json::from_slice(&kept).map_err(Error::internal)?;
        Ok(match kept.request == request {
            true => IdempotentRequest::Answered(kept.response),
            false => IdempotentRequest::Another,
        })
    }

    /// Keeps the answer, sealed. One that has a secret is kept for ten minutes, and `afterwards` is the answer then.
    ///
    /// # Errors
    /// Internal only.
    pub async fn finish_idempotent(
        &self,
        token: IdempotencyToken,
        response: &KeptResponse,
        afterwards: Option<&KeptResponse>,
    ) -> Result<()> {
        let IdempotencyToken { key, request } = token;
        let Some(afterwards) = afterwards else {
            return self.keep_response(key, request, response, LIFETIME).await;
        };
        // First, so that a process that ends in between leaves no key that seems to be in progress.
        self.keep_response(afterwards_of(&key), request, afterwards, LIFETIME)
            .await?;
        self.keep_response(key, request, response, SECRET_LIFETIME)
            .await
    }

    async fn keep_response(
        &self,
        key: LookupDigest,
        request: LookupDigest,
        response: &KeptResponse,
        lifetime: Duration,
    ) -> Result<()> {
        let kept = Kept {
            request,
            response: response.clone(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&kept).map_err(Error::internal)?);
        let purpose = ValuePurpose::IdempotentResponse;
        self.save_sealed(purpose, key, &plain, lifetime).await
    }

    /// Frees a key: nothing was made.
    ///
    /// # Errors
    /// Internal only.
    pub async fn forget_idempotent(&self, token: IdempotencyToken) -> Result<()> {
        let permit = self.acquire_write_permit().await?;
        let store = &self.inner.ephemeral;
        let (purpose, now) = (ValuePurpose::IdempotencyKey, self.now());
        store.take(permit.db(), purpose, token.key, now).await?;
        Ok(())
    }
}

/// Where the answer is that follows one with a secret.
fn afterwards_of(key: &LookupDigest) -> LookupDigest {
    digest("idempotency key afterwards", key)
}
