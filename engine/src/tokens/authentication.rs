//! Which client asks, and with what it proves that (RFC 6749 §2.3).

use super::error::TokenError;
use crate::{
    Engine, Result,
    database::at,
    ephemeral::{one_time::OneTime, purpose::ValuePurpose},
    keys::keyring::digest,
};
use latchkey_domain::{
    id::ClientId,
    tokens::client::{Client, ClientKind},
};
use latchkey_jose::{
    KeySet,
    assertion::{Assertion, Expected, Purpose, UnverifiedParties},
};

/// With what a client authenticates, as it was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientCredentials<'a> {
    /// `client_id`.
    pub id: Option<&'a str>,
    /// `client_secret`.
    pub secret: Option<&'a str>,
    /// `client_assertion`, of the type of RFC 7523 §2.2.
    pub assertion: Option<&'a str>,
}

/// A client that has authenticated, or a public one that said who it is.
pub(crate) struct AuthenticatedClient {
    pub(crate) client: Client,
    /// On what its own tokens rest (`sid`): the label of its secret, or the id of its key behind [`KEY`]; `None` for a public
    /// client.
    pub(crate) secret: Option<String>,
}

/// In front of the id of a client's key: it is the client's choice, and must not look like a label or a family.
pub(super) const KEY: &str = "key:";

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
        if let Some(assertion) = credentials.assertion {
            return Box::pin(self.authenticate_with_key(credentials, assertion)).await;
        }
        let now = self.now();
        let id = credentials.id.and_then(|id| id.parse::<ClientId>().ok());
        let found = self
            .in_client_index(|index| {
                let secret = index.secrets.find(credentials.secret, now);
                let client = index.clients.get(&id?)?;
                let label = match (client.kind, secret, credentials.secret) {
                    (ClientKind::Confidential, Some(secret), _)
                        if client.keys.is_none() && secret.owner == client.id =>
                    {
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

    /// A client by a signature of a key of its own (`private_key_jwt`): nothing that it sends can be used again.
    async fn authenticate_with_key(
        &self,
        credentials: ClientCredentials<'_>,
        assertion: &str,
    ) -> Result<AuthenticatedClient, TokenError> {
        let refused = || TokenError::InvalidClient;
        let named = UnverifiedParties::read(assertion)
            .map_err(|_| refused())?
            .issuer;
        let is_clear = credentials.secret.is_none() && credentials.id.is_none_or(|id| id == named);
        let id = Some(named.as_str())
            .filter(|_| is_clear)
            .ok_or_else(refused)?;
        let id: ClientId = id.parse().map_err(|_| refused())?;
        let client = self
            .in_client_index(|index| index.clients.get(&id).cloned())
            .await?
            .ok_or_else(refused)?;
        let keys = client
            .keys
            .as_deref()
            .and_then(|keys| KeySet::parse(keys).ok());
        let opened = keys
            .and_then(|keys| keys.open(assertion).ok())
            .ok_or_else(refused)?;
        let expected = Expected {
            purpose: Purpose::ClientAuthentication { client_id: &named },
            audience: self.issuer(),
            now: self.now().unix_timestamp(),
        };
        let checked = expected.check_claims(&opened).map_err(|wrong| {
            tracing::debug!(%wrong, client = %id, "an assertion was refused");
            refused()
        })?;
        match self.use_assertion(&checked).await? {
            true => Ok(AuthenticatedClient {
                secret: opened.header.kid.map(|id| format!("{KEY}{id}")),
                client,
            }),
            false => Err(refused()),
        }
    }

    /// Marks an assertion as used; whether it was not.
    pub(super) async fn use_assertion(&self, assertion: &Assertion) -> Result<bool> {
        let name = format!("{}\0{}", assertion.issuer, assertion.id);
        let used = OneTime {
            purpose: ValuePurpose::UsedAssertion,
            digest: digest("client_assertion", name.as_bytes()),
            usable_from: assertion.usable_from,
            usable_until: at(assertion.usable_until.saturating_add(1)),
        };
        self.use_once(&used).await?.is_first()
    }
}
