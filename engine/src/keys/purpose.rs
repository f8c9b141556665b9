//! What a signing key is for, and where it is in its life.

use latchkey_domain::tokens::access_token::TokenAlgorithm;
use latchkey_jose::Algorithm;
use std::fmt;

/// What a signing key is for. Each purpose has keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Signs what services are told about a user.
    IdentityToken,
    /// Signs access tokens, of clients that chose nothing else.
    AccessToken,
    /// Signs access tokens of clients that need ES256.
    AccessTokenEs256,
    /// Signs access tokens of clients that need RS256. Made when the first of them is added.
    AccessTokenRs256,
    /// Signs checkpoints of the audit log.
    AuditCheckpoint,
}

impl KeyPurpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [
        Self::IdentityToken,
        Self::AccessToken,
        Self::AccessTokenEs256,
        Self::AccessTokenRs256,
        Self::AuditCheckpoint,
    ];

    /// Those whose public keys are in the key set that services fetch.
    pub(crate) const OF_TOKENS: [Self; 4] = [
        Self::IdentityToken,
        Self::AccessToken,
        Self::AccessTokenEs256,
        Self::AccessTokenRs256,
    ];

    /// Those that sign access tokens.
    pub(crate) const OF_ACCESS_TOKENS: [Self; 3] = [
        Self::AccessToken,
        Self::AccessTokenEs256,
        Self::AccessTokenRs256,
    ];

    /// The key that signs access tokens with an algorithm.
    pub(crate) const fn of_access_tokens(algorithm: TokenAlgorithm) -> Self {
        match algorithm {
            TokenAlgorithm::EdDsa => Self::AccessToken,
            TokenAlgorithm::Es256 => Self::AccessTokenEs256,
            TokenAlgorithm::Rs256 => Self::AccessTokenRs256,
        }
    }

    /// The algorithm of new keys.
    pub(crate) const fn algorithm(self) -> Algorithm {
        match self {
            Self::AccessToken => Algorithm::EdDsa,
            Self::AccessTokenRs256 => Algorithm::Rs256,
            Self::IdentityToken | Self::AccessTokenEs256 | Self::AuditCheckpoint => {
                Algorithm::Es256
            }
        }
    }

    /// Whether an installation has such keys from its start. RSA keys take long to make and few need them.
    pub(crate) fn is_always_there(self) -> bool {
        self.algorithm() != Algorithm::Rs256
    }

    /// The word in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityToken => "identity_token",
            Self::AccessToken => "access_token",
            Self::AccessTokenEs256 => "access_token_es256",
            Self::AccessTokenRs256 => "access_token_rs256",
            Self::AuditCheckpoint => "audit_checkpoint",
        }
    }

    /// The last audit log entry of which a key may have signed a checkpoint, when it stops to sign at `head`. `None` for keys that
    /// sign something else.
    pub(crate) fn last_entry(self, head: i64) -> Option<i64> {
        (self == Self::AuditCheckpoint).then_some(head)
    }

    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.as_str() == word)
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a signing key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// Published, so that whoever checks signatures knows it before it signs.
    Next,
    /// Signs.
    Current,
    /// Signs no more; its signatures are still checked.
    Retiring,
}

impl KeyState {
    /// Every state, in the order of a key's life.
    pub const ALL: [Self; 3] = [Self::Next, Self::Current, Self::Retiring];

    /// The word in the database and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retiring => "retiring",
        }
    }

    /// Reads a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
