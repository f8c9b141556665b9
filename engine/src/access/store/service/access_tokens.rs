//! How a stored service uses access tokens.

use latchkey_domain::tokens::{
    policy::{AccessTokenPolicy, TokenUse},
    scope::TokenScopes,
};

/// The columns of a row.
pub(super) struct StoredAccessTokens<'a> {
    pub(super) scopes: &'a str,
    pub(super) token_use: &'a str,
    pub(super) native: bool,
    pub(super) dpop_nonce: bool,
}

impl StoredAccessTokens<'_> {
    /// What they say of the service of this name. What cannot be read is the strictest: no scopes, one use, nonces.
    pub(super) fn read(&self, service: &str) -> AccessTokenPolicy {
        match (self.scopes.parse(), self.token_use.parse()) {
            (Ok(scopes), Ok(token_use)) => AccessTokenPolicy {
                scopes,
                token_use,
                native: self.native,
                dpop_nonce: self.dpop_nonce,
            },
            _ => {
                tracing::error!(
                    service,
                    "how this service uses access tokens cannot be read, so each is accepted once and without scopes; set it anew"
                );
                AccessTokenPolicy {
                    scopes: TokenScopes::default(),
                    token_use: TokenUse::OneShot,
                    native: false,
                    dpop_nonce: true,
                }
            }
        }
    }
}
