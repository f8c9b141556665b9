//! Which client asks, and with what it proves that (RFC 6749 §2.3).

use super::error::TokenError;
use crate::{Engine, Result};
use latchkey_domain::{
    id::ClientId,
    tokens::client::{Client, ClientKind},
};

/// With what a client authenticates, as it was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientCredentials<'a> {
    /// `client_id`.
    pub id: Option<&'a str>,
    /// `client_secret`.
    pub secret: Option<&'a str>,
}

/// A client that has authenticated, or a public one that said who it is.
pub(crate) struct AuthenticatedClient {
    pub(crate) client: Client,
    /// The label of its secret; `None` for a public client.
    pub(crate) secret: Option<String>,
}

impl Engine {
    /// A confidential client by its secret, or a public one by its id. Which of id and secret is wrong makes no difference, and
    /// takes the same time.
    ///
    /// # Errors
    /// [`TokenError::InvalidClient`], internal.
    pub(crate) async fn authenticate_client(
        &self,
        credentials: ClientCredentials<'_>,
    ) -> Result<AuthenticatedClient, TokenError> {
        let now = self.now();
        let id = credentials.id.and_then(|id| id.parse::<ClientId>().ok());
        let found = self
            .in_client_index(|index| {
                let secret = index.secrets.find(credentials.secret, now);
                let client = index.clients.get(&id?)?;
                let label = match (client.kind, secret, credentials.secret) {
                    (ClientKind::Confidential, Some(secret), _) if secret.owner == client.id => {
                        Some(secret.label.clone())
                    }
                    // A public client has no secret; one that sends any is misconfigured.
                    (ClientKind::Public, None, None) => None,
                    _ => return None,
                };
                Some(AuthenticatedClient {
                    client: client.clone(),
                    secret: label,
                })
            })
            .await?;
        found.ok_or(TokenError::InvalidClient)
    }
}
