//! What a program asked for under a key, so that it is made once although the program asks again
//! (draft-ietf-httpapi-idempotency-key-header).

use crate::{
    Engine, Error, Result,
    ephemeral::purpose::{LookupDigest, ValuePurpose},
    keys::keyring::digest,
};
use serde::{Deserialize, Serialize};
use time::Duration;
use zeroize::Zeroize;

/// How long a key is known.
const LIFETIME: Duration = Duration::hours(24);

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
        let Some(kept) = self.saved(ValuePurpose::IdempotentResponse, key).await? else {
            return Ok(IdempotentRequest::InProgress);
        };
        let kept: Kept = serde_json::from_slice(&kept).map_err(Error::internal)?;
        Ok(match kept.request == request {
            true => IdempotentRequest::Answered(kept.response),
            false => IdempotentRequest::Another,
        })
    }

    /// Keeps the answer, sealed.
    ///
    /// # Errors
    /// Internal only.
    pub async fn finish_idempotent(
        &self,
        token: IdempotencyToken,
        response: &KeptResponse,
    ) -> Result<()> {
        let kept = Kept {
            request: token.request,
            response: response.clone(),
        };
        let mut plain = serde_json::to_vec(&kept).map_err(Error::internal)?;
        let purpose = ValuePurpose::IdempotentResponse;
        let saved = self.save_sealed(purpose, token.key, &plain, LIFETIME).await;
        plain.zeroize();
        saved
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
