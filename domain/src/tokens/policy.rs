//! How a service uses access tokens.

use crate::tokens::scope::TokenScopes;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// How often an access token is accepted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TokenUse {
    /// Until it expires.
    #[default]
    Reusable,
    /// Once: a second use is a replay.
    OneShot,
    /// Until the same user or client gets a newer one for this service.
    SingleActive,
}

impl TokenUse {
    /// The word in the database and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How a service uses access tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccessTokenPolicy {
    /// The scopes that tokens for this service can have.
    pub scopes: TokenScopes,
    /// How often one is accepted.
    #[serde(rename = "policy")]
    pub token_use: TokenUse,
    /// Whether users get tokens for it with `latchkey login`.
    #[serde(default)]
    pub native: bool,
    /// Whether proofs of possession need a nonce of the server (RFC 9449 §9).
    #[serde(default)]
    pub dpop_nonce: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_uses_are_read_as_they_are_written() {
        for one in TokenUse::VARIANTS {
            assert_eq!(one.as_str().parse(), Ok(*one));
        }
        assert_eq!(TokenUse::OneShot.as_str(), "one_shot");
        assert!("forever".parse::<TokenUse>().is_err());
    }
}
