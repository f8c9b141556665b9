//! Why a backup is not made or not restored.

use crate::{Error, OpenError};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a backup was not made or restored; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is not a file of ours.
    #[error(
        "The database is not SQLite in a file, so {0} does nothing here. Use the database's own tools (pg_dump and pg_restore, mysqldump), and keep the master key with what they make: without it nothing of it can be read."
    )]
    NotEmbedded(&'static str),
    /// A file would be overwritten.
    #[error("{} is there already, and nothing is overwritten. {remedy}", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// What would be backed up or restored is not in order.
    #[error("{} cannot be used: {reason}. Nothing was changed.", path.display())]
    Unfit {
        /// The database or the backup.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The copy cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database does not do what is asked.
    #[error("the database fails: {}", cause(.0))]
    Failed(#[from] Error),
}

fn cause(error: &Error) -> String {
    match error {
        Error::Internal(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

impl BackupError {
    pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File {
            path: path.clone(),
            cause,
        }
    }

    pub(super) fn unfit(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unfit {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}
