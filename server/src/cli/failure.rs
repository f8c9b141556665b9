//! Why a command failed: a code for programs, a message for people.

use super::native::NativeError;
use crate::{
    config::ConfigError,
    demo::NotFilled,
    message::{backup, open},
};
use latchkey_app::error::command::message;
use latchkey_engine::{BackupError, Error, OpenError};
use std::net::SocketAddr;

/// The exit code if a command was refused or failed.
pub(super) const FAILED: u8 = 1;
/// The exit code of wrong usage.
pub(super) const USAGE: u8 = 2;
/// The exit code if the result could not be written.
pub(super) const UNWRITTEN: u8 = 3;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The arguments are wrong.
    #[error("{0}")]
    Usage(String),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data cannot be opened.
    #[error("{}", open::message(.0))]
    Open(#[from] OpenError),
    /// The engine refused or failed.
    #[error("{}", message(.0).text())]
    Refused(#[from] Error),
    /// A listener cannot bind its address.
    #[error("cannot listen on {address}: {cause}. {advice}; to use another address, change `{setting}` (LATCHKEY_{variable}).", advice = advice(.cause), variable = .setting.to_ascii_uppercase())]
    Listen {
        /// Its address.
        address: SocketAddr,
        /// The setting to change.
        setting: &'static str,
        /// Why.
        cause: std::io::Error,
    },
    /// `--demo` found other data.
    #[error(
        "--demo fills an empty data directory with sample data, and {0} is not empty. Name another with --data-dir."
    )]
    NotEmpty(String),
    /// The doctor cannot listen in place of the backend.
    #[error(
        "cannot listen on {address} in place of the backend: {cause}. Stop what listens there, or point the proxy's upstream at another address and give it to --listen."
    )]
    MockBackend {
        /// Its address.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// A file cannot be read or written.
    #[error("cannot use {path}: {cause}")]
    File {
        /// Its path; `-` for standard input.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// A backup cannot be made or restored.
    #[error("{}", backup::message(.0))]
    Backup(#[from] BackupError),
    /// There is no data to back up.
    #[error("There is no Latchkey in {}, so there is nothing to back up. Name its directory with --data-dir.", .0.display())]
    NothingHere(std::path::PathBuf),
    /// The audit log, or what it is compared with, is wrong.
    #[error("{0}")]
    Audit(String),
    /// A mail was not accepted.
    #[error("{delivery} did not accept the mail: {cause}")]
    Mail {
        /// Where it was to go.
        delivery: String,
        /// Why.
        cause: String,
    },
    /// A command of a user's terminal failed.
    #[error(transparent)]
    Native(#[from] NativeError),
    /// The operator interrupted it.
    #[error("interrupted; nothing was kept")]
    Interrupted,
    /// The operator did not confirm it.
    #[error("nothing was changed")]
    NotConfirmed,
    /// The result cannot be written.
    #[error("cannot write to standard output: {0}. If this was a change, it was made.")]
    Output(std::io::Error),
    /// A secret that is shown only once cannot be written, so it was not created.
    #[error("cannot write to standard output: {0}. Nothing was changed.")]
    NotShown(std::io::Error),
    /// A secret that is shown only once was written, but could not be stored.
    #[error("what was printed is not valid, because it could not be stored: {}", message(.0).text())]
    Void(Error),
    /// The system provides no threads or no signals.
    #[error("the system does not provide what Latchkey needs: {0}")]
    Runtime(std::io::Error),
}

impl From<NotFilled> for Failure {
    fn from(not_filled: NotFilled) -> Self {
        match not_filled {
            NotFilled::NotEmpty(dir) => Self::NotEmpty(dir),
            NotFilled::Unusable(error) => Self::Open(error),
            NotFilled::Failed(error) => Self::Refused(error),
        }
    }
}

impl Failure {
    /// The code for programs.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Usage(_) => "usage",
            Self::Config(_) => "config",
            Self::Open(_) => "open",
            Self::Listen { .. } | Self::MockBackend { .. } => "listen",
            Self::NotEmpty(_) => "not_empty",
            Self::File { .. } => "file",
            Self::Backup(_) | Self::NothingHere(_) => "backup",
            Self::Audit(_) => "audit",
            Self::Mail { .. } => "mail",
            Self::Native(error) => error.code(),
            Self::Interrupted => "interrupted",
            Self::NotConfirmed => "not_confirmed",
            Self::Output(_) | Self::NotShown(_) => "output",
            Self::Void(_) => "void",
            Self::Runtime(_) => "runtime",
            Self::Refused(error) => match error {
                Error::Refused(_) => "refused",
                Error::Denied(_) => "denied",
                Error::BadInput { .. } => "bad_input",
                Error::NotFound(_) => "not_found",
                Error::Conflict { .. } => "conflict",
                Error::PreconditionFailed => "precondition_failed",
                Error::Throttled { .. } => "throttled",
                Error::Busy { .. } => "busy",
                Error::UsesUnknown => "uses_unknown",
                Error::Internal(_) => "internal",
            },
        }
    }

    /// The exit code.
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Config(_) => USAGE,
            Self::Output(_) | Self::NotShown(_) => UNWRITTEN,
            _ => FAILED,
        }
    }
}

fn advice(cause: &std::io::Error) -> &'static str {
    match cause.kind() {
        std::io::ErrorKind::AddrInUse => {
            "Another program, perhaps another Latchkey, listens there already: stop it"
        }
        std::io::ErrorKind::PermissionDenied => {
            "Ports below 1024 need a privilege: leave them to the proxy in front"
        }
        std::io::ErrorKind::AddrNotAvailable => "This machine has no such address",
        _ => "Check the address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_names_the_address_and_the_setting() {
        let failure = Failure::Listen {
            address: ([127, 0, 0, 1], 3000).into(),
            setting: "public_addr",
            cause: std::io::ErrorKind::AddrInUse.into(),
        };
        let message = failure.to_string();
        assert!(
            message.contains("127.0.0.1:3000")
                && message.contains("`public_addr` (LATCHKEY_PUBLIC_ADDR)"),
            "{message}"
        );
        assert_eq!(failure.exit_code(), FAILED);
    }
}
