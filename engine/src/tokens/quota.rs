//! How often a client asks for tokens, or about them: counted by whoever serves the requests, when it is known whose they are.

use super::error::TokenError;
use crate::Engine;
use latchkey_domain::id::{ClientId, UserId};
use std::sync::Arc;

/// Counts requests for tokens and introspections.
pub trait TokenQuota: Send + Sync {
    /// Counts a request of a client that has proven who it is, or brought what a user approved for it; whether it may go on.
    fn take(&self, client: ClientId, user: Option<UserId>) -> bool;
}

impl Engine {
    /// The same use cases, whose requests for tokens and introspections are counted.
    #[must_use]
    pub fn counting_tokens(&self, quota: Arc<dyn TokenQuota>) -> Self {
        Self {
            token_quota: Some(quota),
            ..self.clone()
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`TokenError::TooManyRequests`].
    pub(super) fn take_of_quota(
        &self,
        client: ClientId,
        user: Option<UserId>,
    ) -> Result<(), TokenError> {
        let quota = self.token_quota.as_ref();
        match quota.is_none_or(|quota| quota.take(client, user)) {
            true => Ok(()),
            false => Err(TokenError::TooManyRequests),
        }
    }
}
