//! What a value is for, and by what it is found.

/// By what a value is found: a digest of what its owner brings, so that a leaked database gives nobody a ceremony.
pub(crate) type LookupDigest = [u8; 32];

/// What a value is for. One that was put for one purpose is found for no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValuePurpose {
    /// A ceremony of a signed-in user.
    Ceremony,
    /// A challenge that was answered.
    UsedChallenge,
    /// The text of a form that waits for its owner's sign-in.
    SavedForm,
    /// A target that is too long for a header.
    SavedTarget,
    /// An assertion with which a client authenticated.
    UsedAssertion,
    /// A proof of possession that was used.
    UsedProof,
    /// An access token that is accepted once, and was.
    UsedToken,
    /// The id of the newest access token of a client for a service.
    NewestToken,
    /// The key of a request that is made once.
    IdempotencyKey,
    /// The answer to such a request.
    IdempotentResponse,
}

impl ValuePurpose {
    /// Marks of use: what was used stays used, also after a backup was restored.
    pub(crate) const MARKS: [Self; 4] = [
        Self::UsedChallenge,
        Self::UsedAssertion,
        Self::UsedProof,
        Self::UsedToken,
    ];

    /// Those whose values are marks or ids, which are not sealed.
    pub(crate) const NOT_SEALED: [Self; 6] = [
        Self::UsedChallenge,
        Self::UsedAssertion,
        Self::UsedProof,
        Self::UsedToken,
        Self::NewestToken,
        Self::IdempotencyKey,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ceremony => "ceremony",
            Self::UsedChallenge => "used_challenge",
            Self::SavedForm => "saved_form",
            Self::SavedTarget => "saved_target",
            Self::UsedAssertion => "used_assertion",
            Self::UsedProof => "used_proof",
            Self::UsedToken => "used_token",
            Self::NewestToken => "newest_token",
            Self::IdempotencyKey => "idempotency_key",
            Self::IdempotentResponse => "idempotent_response",
        }
    }
}
