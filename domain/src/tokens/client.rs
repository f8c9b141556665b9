//! Clients: programs that ask for access tokens (RFC 6749 §2).

mod view;

pub use view::ClientView;

use crate::{
    event::{ClientAdded, ClientDeleted, ClientSecretRotated},
    id::{ClientId, ServiceId},
    name::DisplayName,
    rotating_secret::RotatingSecret,
    tokens::{
        access_token::{MAX_LIFETIME, TokenAlgorithm},
        redirect_uri::RedirectUri,
        scope::TokenScopes,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use strum::{EnumString, IntoStaticStr, VariantArray};
use thiserror::Error;
use time::{Duration, OffsetDateTime};

/// Whether a client can keep a secret (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ClientKind {
    /// It has a secret of its own: a server.
    Confidential,
    /// It has none: a program on somebody's device.
    Public,
}

impl ClientKind {
    /// What clients of this kind usually do.
    #[must_use]
    pub fn usual_grant_types(self) -> BTreeSet<GrantType> {
        match self {
            Self::Confidential => [GrantType::ClientCredentials].into(),
            Self::Public => [GrantType::DeviceCode, GrantType::RefreshToken].into(),
        }
    }

    /// The word in the database and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How a client gets tokens.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(try_from = "String", into = "&'static str")]
pub enum GrantType {
    /// For itself, with its secret (RFC 6749 §4.4).
    #[strum(serialize = "client_credentials")]
    ClientCredentials,
    /// For a user who approves on another device (RFC 8628).
    #[strum(serialize = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// For the user of a device whose key signs the request (RFC 7523).
    #[strum(serialize = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// With a refresh token from before (RFC 6749 §6).
    #[strum(serialize = "refresh_token")]
    RefreshToken,
}

impl GrantType {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The value of `grant_type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether a client without a secret may use it. One that anybody can claim to be gets no tokens of its own.
    #[must_use]
    pub const fn is_for_public_clients(self) -> bool {
        !matches!(self, Self::ClientCredentials)
    }
}

impl TryFrom<String> for GrantType {
    type Error = strum::ParseError;

    fn try_from(text: String) -> Result<Self, strum::ParseError> {
        text.parse()
    }
}

/// A program that asks for access tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The client; its `client_id`.
    pub id: ClientId,
    /// Its name, for whoever approves or revokes it.
    pub name: DisplayName,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// How it gets tokens.
    pub grant_types: BTreeSet<GrantType>,
    /// The services that it gets tokens for.
    pub audiences: BTreeSet<ServiceId>,
    /// The scopes that it may ask for.
    pub scopes: TokenScopes,
    /// Where a browser returns to it.
    pub redirect_uris: BTreeSet<RedirectUri>,
    /// With what its access tokens are signed.
    pub algorithm: TokenAlgorithm,
    /// How long its access tokens live.
    pub token_lifetime: Duration,
    /// The JWK set with which it authenticates instead of a secret (RFC 7523 §2.2).
    pub keys: Option<String>,
    /// Whether its tokens are bound to a key (RFC 9449).
    pub requires_dpop: bool,
    /// When it was added.
    pub created_at: OffsetDateTime,
}

/// A client cannot be like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClientError {
    /// It has no way to get a token.
    #[error("a client needs a grant type")]
    NoGrantType,
    /// A public client would get tokens for itself.
    #[error("a public client cannot use client_credentials")]
    PublicCredentials,
    /// Refresh tokens come with a grant of a user.
    #[error("refresh_token needs another grant type, of a user")]
    LoneRefreshToken,
    /// A public client would authenticate.
    #[error("a public client has no keys")]
    PublicKeys,
    /// Its tokens would live too long, or not at all.
    #[error("a lifetime out of bounds")]
    Lifetime,
    /// It has no service to get tokens for.
    #[error("a client needs an audience")]
    NoAudience,
}

impl ClientError {
    /// The name of the form field or argument that has to be changed.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoGrantType | Self::PublicCredentials | Self::LoneRefreshToken => "grant_types",
            Self::NoAudience => "audiences",
            Self::PublicKeys => "keys",
            Self::Lifetime => "lifetime",
        }
    }
}

impl Client {
    /// Checks what makes a client sound.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn checked(self) -> Result<Self, ClientError> {
        let has = |grant: GrantType| self.grant_types.contains(&grant);
        if self.grant_types.is_empty() {
            return Err(ClientError::NoGrantType);
        }
        let is_for_public = |grant: &GrantType| grant.is_for_public_clients();
        if self.kind == ClientKind::Public && !self.grant_types.iter().all(is_for_public) {
            return Err(ClientError::PublicCredentials);
        }
        if has(GrantType::RefreshToken) && !has(GrantType::DeviceCode) && !has(GrantType::JwtBearer)
        {
            return Err(ClientError::LoneRefreshToken);
        }
        if self.kind == ClientKind::Public && self.keys.is_some() {
            return Err(ClientError::PublicKeys);
        }
        if !(Duration::SECOND..=MAX_LIFETIME).contains(&self.token_lifetime) {
            return Err(ClientError::Lifetime);
        }
        if self.audiences.is_empty() {
            return Err(ClientError::NoAudience);
        }
        Ok(self)
    }

    /// The event of a new client; a confidential one has a secret.
    #[must_use]
    pub const fn add(self, secret: Option<ClientSecret>) -> ClientAdded {
        ClientAdded {
            client: self,
            secret,
        }
    }

    /// Replaces the current secret, which is accepted for `overlap` more; one that was retiring ends.
    #[must_use]
    pub fn rotate_secret(self, secret: ClientSecret, overlap: Duration) -> ClientSecretRotated {
        ClientSecretRotated {
            until: secret.created_at + overlap,
            client: self,
            secret,
            overlap,
        }
    }

    /// Deletes the client; all its tokens end with it.
    #[must_use]
    pub const fn delete(self) -> ClientDeleted {
        ClientDeleted { client: self }
    }

    /// Whether it may be used in this way.
    #[must_use]
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The one service that a request means which names none.
    #[must_use]
    pub fn only_audience(&self) -> Option<ServiceId> {
        let mut audiences = self.audiences.iter();
        match (audiences.next(), audiences.next()) {
            (Some(one), None) => Some(*one),
            _ => None,
        }
    }
}

/// The secret of a client: a salted digest alone.
pub type ClientSecret = RotatingSecret<ClientId>;

/// How long an old secret is accepted beside a new one, unless it is said otherwise.
pub const SECRET_OVERLAP: Duration = Duration::DAY;

#[cfg(test)]
mod tests;
