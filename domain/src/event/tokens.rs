//! Events of clients and of the tokens that they get.

use crate::{
    access::service::ServiceName,
    event::NamedUser,
    tokens::{
        client::{Client, ClientSecret, GrantType},
        device_authorization::DeviceAuthorization,
        family::{FamilyEnd, TokenFamily},
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

/// A user approved what a program asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAuthorizationApproved {
    /// What it asked for.
    pub authorization: DeviceAuthorization,
    /// The program.
    pub client: Client,
    /// The user.
    pub user: NamedUser,
}

/// A user denied what a program asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceAuthorizationDenied {
    /// What it asked for.
    pub authorization: DeviceAuthorization,
    /// The program.
    pub client: Client,
    /// The user.
    pub user: NamedUser,
}

/// A program got its first tokens for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFamilyStarted {
    /// The family.
    pub family: TokenFamily,
    /// The program.
    pub client: Client,
    /// The user.
    pub user: NamedUser,
}

/// The tokens of a program for a user ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFamilyEnded {
    /// The family.
    pub family: TokenFamily,
    /// The program.
    pub client: Client,
    /// The user.
    pub user: NamedUser,
    /// When it ended.
    pub at: OffsetDateTime,
    /// Why.
    pub reason: FamilyEnd,
}

/// A client gave an access token back before it expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRevoked {
    /// The client.
    pub client: Client,
    /// Its `jti`.
    pub token_id: String,
    /// The digest of that.
    pub digest: [u8; 32],
    /// When it would have been refused anyway.
    pub expires_at: OffsetDateTime,
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
    /// The user whom it speaks for; `None` if it speaks for its client.
    pub user: Option<NamedUser>,
}
