//! Events of clients and of the tokens that they get.

use crate::{
    access::service::ServiceName,
    tokens::{
        client::{Client, ClientSecret, GrantType},
        scope::TokenScopes,
    },
};
use time::{Duration, OffsetDateTime};

/// A client was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAdded {
    /// The client.
    pub client: Client,
    /// Its secret, if it has one.
    pub secret: Option<ClientSecret>,
}

/// A client got a new secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecretRotated {
    /// The client.
    pub client: Client,
    /// The new secret.
    pub secret: ClientSecret,
    /// When the old one stops being accepted.
    pub until: OffsetDateTime,
    /// How long that is from now.
    pub overlap: Duration,
}

/// A client was deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDeleted {
    /// The client, as it was.
    pub client: Client,
}

/// An access token that is accepted once was sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenReplayed {
    /// Its client.
    pub client: Client,
    /// The service that it is for.
    pub audience: ServiceName,
    /// Its `jti`.
    pub token_id: String,
}

/// A client got an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenIssued {
    /// The client.
    pub client: Client,
    /// The service that accepts the token.
    pub audience: ServiceName,
    /// What it may do there.
    pub scopes: TokenScopes,
    /// How the client got it.
    pub grant_type: GrantType,
    /// The `jti` of the token.
    pub token_id: String,
}
