//! Why a backup is not made or not restored, as values: the command line has the sentences that say what to do.

use crate::{Error, OpenError};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a backup was not made or restored; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is not a file of ours, so there is nothing to do it with.
    #[error("not an embedded database")]
    NotEmbedded(BackupOperation),
    /// A file would be overwritten.
    #[error("{} exists ({file})", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
        /// What it is.
        file: ExistingFile,
    },
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// What would be backed up or restored is not in order.
    #[error("{}: {fault}", path.display())]
    Unfit {
        /// The database or the backup.
        path: PathBuf,
        /// What is wrong.
        fault: BackupFault,
    },
    /// The copy cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database does not do what is asked.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// What is done with backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupOperation {
    /// Making one.
    BackUp,
    /// Restoring one.
    Restore,
}

/// A file that is in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExistingFile {
    /// The backup.
    #[error("backup")]
    Backup,
    /// A database.
    #[error("database")]
    Database,
    /// The last changes of a database that is gone: a write-ahead log or rollback journal.
    #[error("log of a lost database")]
    OrphanedLog,
    /// The index of the write-ahead log of a database that is gone.
    #[error("index of a lost database")]
    OrphanedIndex,
    /// A database that was made while the backup was looked through.
    #[error("new database")]
    NewDatabase,
    /// Another master key than the backup's.
    #[error("another master key")]
    OtherMasterKey,
}

/// What is wrong with a backup, or with what would go into one.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// It is not the archive that Latchkey writes.
    #[error("not a backup")]
    NotABackup,
    /// It cannot be read.
    #[error("unreadable: {0}")]
    Unreadable(#[source] io::Error),
    /// A newer Latchkey made it.
    #[error("newer format")]
    NewerFormat,
    /// A file in it is not what its manifest says.
    #[error("{0} does not match the manifest")]
    FileChanged(&'static str),
    /// Its manifest has no valid tag under the master key.
    #[error("wrong tag")]
    WrongTag,
    /// The master key is neither in it nor in its place.
    #[error("no master key")]
    NoMasterKey {
        /// Where it is expected.
        key_file: PathBuf,
    },
    /// There is a master key in it, and none is expected.
    #[error("unexpected master key")]
    UnexpectedMasterKey,
    /// Its database is damaged.
    #[error("damaged database: {0}")]
    Damaged(String),
    /// The chain of its audit log is broken.
    #[error("chain broken at entry {seq}")]
    ChainBroken {
        /// At this entry.
        seq: i64,
    },
    /// Its audit log is not the one of its manifest.
    #[error("audit log does not match the manifest")]
    OtherAuditLog,
    /// A value in it does not open, although its key is there.
    #[error("sealed value was changed ({0:?})")]
    ValueChanged(SealedValue),
    /// The database has changes that are not in its file.
    #[error("incomplete database file")]
    Incomplete,
    /// Its path is not Unicode.
    #[error("path is not Unicode")]
    PathNotUnicode,
}

/// A kind of sealed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealedValue {
    /// The secret of an authenticator app.
    TotpSecret,
    /// The pseudonymous subject of a grant.
    Subject,
}

impl BackupError {
    pub(super) fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File {
            path: path.clone(),
            cause,
        }
    }

    pub(super) fn unfit(path: &Path, fault: BackupFault) -> Self {
        Self::Unfit {
            path: path.to_owned(),
            fault,
        }
    }
}
