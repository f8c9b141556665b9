//! A client as lists and pages show it.

use super::{ClientKind, GrantType};
use crate::{
    access::service::ServiceName,
    id::ClientId,
    name::DisplayName,
    rotating_secret::RotatingSecretView,
    tokens::{access_token::TokenAlgorithm, redirect_uri::RedirectUri, scope::TokenScopes},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A client as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientView {
    /// Its `client_id`.
    pub id: ClientId,
    /// Its name.
    pub name: DisplayName,
    /// Whether it has a secret.
    pub kind: ClientKind,
    /// How it gets tokens.
    pub grant_types: Vec<GrantType>,
    /// The services that it gets tokens for, by name.
    pub audiences: Vec<ServiceName>,
    /// The scopes that it may ask for.
    pub scopes: TokenScopes,
    /// Where a browser returns to it.
    pub redirect_uris: Vec<RedirectUri>,
    /// With what its access tokens are signed.
    pub algorithm: TokenAlgorithm,
    /// How long its access tokens live, in seconds.
    pub token_seconds: i64,
    /// Whether it authenticates with keys of its own instead of a secret.
    pub has_keys: bool,
    /// Whether its tokens are bound to a key (RFC 9449).
    pub requires_dpop: bool,
    /// When it was added.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// Secrets that are accepted now: one, or two during a rotation; none for a public client.
    pub secrets: Vec<RotatingSecretView>,
}
