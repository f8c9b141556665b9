//! Why a command of a user's terminal failed.

use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum NativeError {
    /// Nowhere to keep the key.
    #[error("There is no place for the key: set HOME or XDG_CONFIG_HOME.")]
    NoConfigDir,
    /// Others can read the key.
    #[error(
        "{0} belongs to another user, or others can read it, so it is not used. If nobody has read the key: chmod go-rwx {0}. Otherwise revoke the device in the browser, delete the file and log in again."
    )]
    Exposed(PathBuf),
    /// The file of the key was damaged.
    #[error("{0} cannot be read. Delete it and log in again.")]
    Damaged(PathBuf),
    /// No file.
    #[error("This terminal is not logged in: latchkey login --server https://…")]
    NotLoggedIn,
    /// More than one file.
    #[error("This terminal is logged in at several servers; name one with --server: {0}")]
    Several(String),
    /// Over the network without TLS.
    #[error("{0} is not on this machine, and tokens are not sent over plain http")]
    Plaintext(String),
    /// No answer.
    #[error("no response from {0}: {1}")]
    Unreachable(String, String),
    /// An answer that is none of the protocol's.
    #[error("{0} does not answer like Latchkey (status {1}); is the address right?")]
    Unexpected(String, u16),
    /// An error of the protocol, by its code.
    #[error("{}", meaning(.0))]
    Refused(String),
    /// The system has no random numbers, or a key cannot sign.
    #[error("cannot sign: {0}")]
    Signing(String),
}

impl NativeError {
    /// The code for programs; an error of the protocol has its own.
    pub(in crate::cli) const fn code(&self) -> &'static str {
        match self {
            Self::NoConfigDir | Self::Exposed(_) | Self::Damaged(_) => "login_file",
            Self::NotLoggedIn | Self::Several(_) => "not_logged_in",
            Self::Plaintext(_) | Self::Unreachable(..) | Self::Unexpected(..) => "unreachable",
            Self::Refused(_) => "refused",
            Self::Signing(_) => "signing",
        }
    }
}

/// What an error code means here, and what to do next.
fn meaning(code: &str) -> String {
    let meaning = match code {
        "access_denied" => "The request was denied in the browser; nothing was registered.",
        "expired_token" => "Nobody approved in time. Log in again.",
        "invalid_target" => {
            "This terminal may not ask for that service. Name one with --audience, log in for it first, and ask an administrator whether it accepts the command line (latchkey service tokens NAME --native)."
        }
        "invalid_scope" => "A scope was not approved, or the service does not have it.",
        "invalid_grant" => {
            "This terminal has no access any more: it was revoked, it expired, or you have no access to the service. Log in again: latchkey login --server https://…"
        }
        "invalid_client" | "unauthorized_client" => {
            "The server does not know this client, or it may not do this."
        }
        "invalid_dpop_proof" => {
            "The server did not accept the proof: check that --server is the address that browsers use, and the clock of this machine."
        }
        _ => "The server refused the request.",
    };
    format!("{meaning} ({code})")
}
