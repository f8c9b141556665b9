//! What a use case can answer other than success, without a word of HTTP.

mod reason;

pub use reason::{Conflict, InvalidInput, Noun};

use crate::{database, database::permissions};
use latchkey_domain::access::permission::Denial;
use sea_orm::ConnAcquireErr;
use std::{path::Path, time::Duration};

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

/// A sentence about a file that gave this cause, with a remedy; `otherwise` where nothing is known.
fn in_words(path: &Path, cause: &std::io::Error, otherwise: &str) -> String {
    permissions::remedy(path, cause)
        .map_or_else(|| otherwise.to_owned(), |remedy| format!("It {remedy}"))
}

/// Why an engine could not be opened; each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data directory cannot be made or written.
    #[error("The data directory {} cannot be used: {cause}. {}, or name another with --data-dir or LATCHKEY_DATA_DIR.", path.display(), in_words(path, cause, "Make it writable for this user"))]
    DataDir {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Others could replace what is in the data directory, or have done so.
    #[error("{} is not safe to use: {reason}.", path.display())]
    DataUnsafe {
        /// The directory or the file.
        path: std::path::PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The master key file is unreadable, malformed, or open to others.
    #[error("The master key file {} cannot be used: {reason}.", path.display())]
    MasterKey {
        /// Which.
        path: std::path::PathBuf,
        /// Why, and what to do.
        reason: String,
    },
    /// The database was written by a newer Latchkey.
    #[error(
        "The database is newer than this program: it has the migration `{0}`, which this version does not know. Run the newer version, or restore a backup from before the upgrade."
    )]
    DatabaseNewer(String),
    /// The embedded database's file is missing and cannot be made.
    #[error("The database {} cannot be made: {cause}. {}.", path.display(), in_words(path, cause, "Make its directory writable for this user"))]
    DatabaseFile {
        /// Which.
        path: std::path::PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The embedded database's file is there, and something is in the way.
    #[error("The database {} cannot be opened: {reason}.", path.display())]
    DatabaseUnusable {
        /// Which.
        path: std::path::PathBuf,
        /// What is in the way, and what to do.
        reason: String,
    },
    /// The embedded database's file is missing, and its write-ahead log is not.
    #[error("The database {} is gone, and the log of its last changes ({}-wal) is still there. Put the file back; or, to start afresh, take the log away too.", .0.display(), .0.display())]
    DatabaseGone(std::path::PathBuf),
    /// A master key, and no database that was made with it: lost, empty, or copied without its write-ahead log.
    #[error("The master key {} is there, but not the data that belongs to it: the database {database} {state}. Put the database back (latchkey.db, and latchkey.db-wal if there was one), or take what is left of it away and run: latchkey restore BACKUP. To begin anew, move the key away too. Nothing was changed.", key.display())]
    DataGone {
        /// The master key file.
        key: std::path::PathBuf,
        /// The database, as it may be shown.
        database: String,
        /// What is wrong with it.
        state: &'static str,
    },
    /// There are tables in the database, and none of them is ours.
    #[error(
        "The database {0} belongs to another program: it has tables, and none of them is Latchkey's. Name another one."
    )]
    DatabaseForeign(String),
    /// The database could not be opened or migrated.
    #[error("The database cannot be opened: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The public URL cannot carry passkeys.
    #[error("The public URL {0} cannot be used: {1}.")]
    PublicUrl(url::Url, String),
    /// The system has no entropy.
    #[error("The system gives no random bytes: {0}")]
    Entropy(#[from] getrandom::Error),
}
