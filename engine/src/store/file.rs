//! Whether the database file is still the one that was opened.
//!
//! A file that somebody deletes or replaces lives on for whoever has it open: reads go on, writes go
//! nowhere, and what other processes write to the new file is never seen. So it is looked at.
//!
//! It is made once, before it is opened. A connection that made it anew later, because it was moved for
//! a moment, would throw away the write-ahead log beside it: the last changes of the old one.

use crate::OpenError;
use std::{fs::OpenOptions, io, path::PathBuf};

/// The embedded database's file.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    identity: Identity,
}

/// Where an embedded database is; `None` for one elsewhere.
fn path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    Some(path.trim_start_matches("//").split('?').next()?.into())
}

impl DatabaseFile {
    /// Makes the file if it is missing and the URL wants it made (`mode=rwc`).
    pub(crate) fn create(url: &str) -> Result<(), OpenError> {
        let Some(path) = path(url).filter(|_| url.contains("mode=rwc")) else {
            return Ok(());
        };
        match OpenOptions::new().append(true).create(true).open(&path) {
            Ok(_) => Ok(()),
            Err(cause) => Err(OpenError::DatabaseFile { path, cause }),
        }
    }

    /// The file of an embedded database that was just opened; `None` for one in memory or elsewhere.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let path = path(url)?;
        let identity = identity(&std::fs::metadata(&path).ok()?)?;
        Some(Self { path, identity })
    }

    /// Fails when the path does not lead to that file any more.
    ///
    /// # Errors
    /// In words for the operator.
    pub(crate) async fn check(&self) -> io::Result<()> {
        let path = self.path.display();
        let present = tokio::fs::metadata(&self.path).await.map_err(|cause| {
            let why = format!("the database {path} is gone ({cause}); put it back");
            io::Error::new(cause.kind(), why)
        })?;
        if identity(&present) == Some(self.identity) {
            return Ok(());
        }
        let why = format!("the database {path} was replaced by another file; start Latchkey again");
        Err(io::Error::other(why))
    }
}

/// Device and inode.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn identity(file: &std::fs::Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    Some((file.dev(), file.ino()))
}

/// Elsewhere an open file cannot be deleted.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<Identity> {
    None
}
