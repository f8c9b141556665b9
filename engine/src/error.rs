//! What a use case can answer other than success, without a word of HTTP.

mod open;
mod reason;

pub use open::{MasterKeyFault, OpenError};
pub use reason::{Conflict, InvalidInput, Noun};

use crate::database;
use latchkey_domain::access::permission::Denial;
use sea_orm::ConnAcquireErr;
use std::time::Duration;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not happen: values for whoever tells the user, and technical text for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The proof was not good enough; says no more than it must.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The caller may not, or not without signing in again.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// Something typed cannot be used; nothing was changed.
    #[error("bad input ({field}): {reason}")]
    BadInput {
        /// The name of the form field or argument.
        field: &'static str,
        /// What is wrong with it.
        reason: InvalidInput,
    },
    /// There is no such thing (or the caller may not know of it).
    #[error("no such {0}")]
    NotFound(Noun),
    /// It would clash with what is there.
    #[error("conflict ({field}): {reason}")]
    Conflict {
        /// The name of the form field or argument.
        field: &'static str,
        /// With what.
        reason: Conflict,
    },
    /// The resource is not as the caller saw it.
    #[error("the resource is not as expected")]
    PreconditionFailed,
    /// Too many attempts.
    #[error("throttled for {} s", wait.as_secs())]
    Throttled {
        /// How long until the next attempt counts.
        wait: Duration,
    },
    /// Too much to do just now for those whom nobody knows; nothing was changed.
    #[error("busy for {} s", wait.as_secs())]
    Busy {
        /// When to try again.
        wait: Duration,
    },
    /// It cannot be known whether a credential that is accepted once was used before; nothing was accepted.
    #[error("uses are not known")]
    UsesUnknown,
    /// Our own fault; the cause is for the log alone.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a proof was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// E-mail, code or both: one answer for all that could be wrong.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// The code was right, but this account signs in with passkeys only.
    #[error("passkeys only")]
    PasskeyOnly,
    /// The code during enrolment did not fit the secret just shown.
    #[error("wrong code")]
    WrongCode,
    /// The link was never made, used, or is too old.
    #[error("link not valid")]
    LinkNotValid,
    /// The ceremony was used, took too long, or belongs to somebody else.
    #[error("ceremony expired")]
    CeremonyExpired,
    /// The passkey's answer did not verify.
    #[error("passkey not accepted")]
    PasskeyNotAccepted,
    /// Its authenticator did not attest a model that is accepted.
    #[error("authenticator not accepted")]
    AuthenticatorNotAccepted,
    /// The recovery code was never made, or used; one answer for all that could be wrong.
    #[error("recovery code not valid")]
    InvalidRecoveryCode,
    /// The code of a mail that confirms a recovery is wrong, was used, or is too old.
    #[error("confirmation code not valid")]
    InvalidConfirmationCode,
    /// It is so unusual that nothing is enrolled now.
    #[error("enrolment held")]
    EnrolmentHeld,
    /// There is no such passkey (any more).
    #[error("unknown passkey")]
    UnknownPasskey,
    /// The request for an approval is none of ours, or is too old.
    #[error("approval expired")]
    ApprovalExpired,
    /// The request for an approval was decided before, or what it rested on has ended.
    #[error("approval decided")]
    ApprovalDecided,
    /// Another number was picked than the one that the browser shows; that ends the request.
    #[error("wrong number")]
    WrongNumber,
    /// Nobody has decided about the request yet.
    #[error("approval pending")]
    ApprovalPending,
    /// The browser that asks for an approval cannot give it.
    #[error("approval by the browser that asks")]
    ApprovalBySelf,
}

impl Error {
    /// Wraps a cause that is nobody's business outside.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Says that the value in `field` cannot be used.
    pub(crate) fn bad_input<E: Into<InvalidInput>>(field: &'static str) -> impl FnOnce(E) -> Self {
        move |reason| Self::BadInput {
            field,
            reason: reason.into(),
        }
    }

    /// Says that the value in `field` clashes with what is there.
    pub(crate) const fn conflict(field: &'static str, reason: Conflict) -> Self {
        Self::Conflict { field, reason }
    }
}

impl From<sea_orm::DbErr> for Error {
    fn from(cause: sea_orm::DbErr) -> Self {
        match cause {
            // All connections of the lane are in use.
            sea_orm::DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Busy {
                wait: database::lane::COME_AGAIN,
            },
            cause => Self::internal(cause),
        }
    }
}

/// An error with all its causes on one line, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
