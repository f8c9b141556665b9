//! How a service uses access tokens.

use super::service::require_service;
use crate::{Engine, Error, InvalidInput, RequestOrigin, Result};
use latchkey_domain::{
    access::permission::{Authorizes, ServicesWrite},
    tokens::{
        policy::{AccessTokenPolicy, TokenUse},
        scope::{TokenScope, TokenScopeError, TokenScopes},
    },
};

/// How a service is to use access tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewAccessTokens<'a> {
    /// The scopes that tokens can have, as typed, separated by spaces.
    pub scopes: &'a str,
    /// How often one is accepted.
    pub token_use: TokenUse,
    /// Whether users get tokens for it with `latchkey login`.
    pub native: bool,
    /// Whether proofs of possession need a nonce of ours.
    pub dpop_nonce: bool,
}

impl<'a> NewAccessTokens<'a> {
    /// Tokens with these scopes, for clients.
    #[must_use]
    pub fn new(scopes: &'a str, token_use: TokenUse) -> Self {
        Self {
            scopes,
            token_use,
            ..Self::default()
        }
    }
}

impl Engine {
    /// Changes how a service uses access tokens.
    ///
    /// # Errors
    /// Not found, bad input (`scopes`).
    pub async fn change_access_tokens(
        &self,
        proof: &dyn Authorizes<ServicesWrite>,
        name: &str,
        new: NewAccessTokens<'_>,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let NewAccessTokens {
            scopes,
            token_use,
            native,
            dpop_nonce,
        } = new;
        let scopes = scopes
            .split_ascii_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let scopes = scopes.parse().map_err(Error::bad_input("scopes"))?;
        let scopes: TokenScopes = scopes;
        // A token of another service would look as if it could administer.
        if scopes.iter().any(TokenScope::is_management) {
            let reason = InvalidInput::TokenScopes(TokenScopeError::Text);
            return Err(Error::bad_input("scopes")(reason));
        }
        let access_tokens = AccessTokenPolicy {
            scopes,
            token_use,
            native,
            dpop_nonce,
        };
        let mut tx = self.begin(proof, origin).await?;
        let service = require_service(&tx, name).await?;
        let (_, event) = service.change_access_tokens(access_tokens);
        tx.apply(event).await?;
        tx.commit().await
    }
}
