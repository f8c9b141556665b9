//! Failed attempts to sign in, a line each in the server's log, for programs that block addresses (`docs/fail2ban`).
//!
//! The form of the line is fixed: it has the address and what was tried, and nothing that the client sent.

use crate::RequestOrigin;

/// What an anonymous client tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedAttempt {
    /// A code of an authenticator app, or a recovery code.
    Code,
    /// A passkey.
    Passkey,
    /// An enrolment link.
    Link,
    /// A client's secret or key, or a service's token, at `/oauth/…`.
    Client,
}

impl FailedAttempt {
    /// Its word in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Passkey => "passkey",
            Self::Link => "link",
            Self::Client => "client",
        }
    }

    /// Logs it, if the address is known.
    pub fn log(self, origin: &RequestOrigin) {
        if let Some(address) = origin.ip {
            let by = self.as_str();
            tracing::warn!(target: "auth", %address, %by, "sign-in refused");
        }
    }
}
