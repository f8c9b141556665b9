//! The reasons for which a ceremony fails in the browser. Their texts come from the server: the wasm has none.

/// A reason, as far as the user can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureCode {
    /// The server cannot be reached.
    Unreachable,
    /// The response has an unexpected form.
    Unreadable,
    /// The request was cancelled or timed out, or there is no passkey.
    Cancelled,
    /// The device already has a passkey for the account.
    AlreadyRegistered,
    /// Another request is pending.
    Busy,
    /// The page has not the origin that passkeys are for, or is not secure.
    WrongOrigin,
    /// The authenticator cannot create such a passkey.
    CannotCreate,
    /// The authenticator cannot use such a passkey.
    CannotUse,
    /// The browser has no passkeys.
    Unsupported,
    /// Any other error; its text has `{name}` for the name of the error.
    Other,
}

impl FailureCode {
    /// All of them, in the order of [`FailureCode::text_in`].
    pub const ALL: [Self; 10] = [
        Self::Unreachable,
        Self::Unreadable,
        Self::Cancelled,
        Self::AlreadyRegistered,
        Self::Busy,
        Self::WrongOrigin,
        Self::CannotCreate,
        Self::CannotUse,
        Self::Unsupported,
        Self::Other,
    ];

    /// Its line in the texts that an island got from the server.
    #[must_use]
    pub fn text_in(self, texts: &str) -> &str {
        let index = Self::ALL.iter().position(|code| *code == self);
        index
            .and_then(|index| texts.lines().nth(index))
            .unwrap_or_default()
    }
}
