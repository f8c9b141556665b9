//! Whether the database file is still the one that was opened.
//!
//! A file that somebody deletes or replaces lives on for whoever has it open: reads go on, writes go
//! nowhere, and what other processes write to the new file is never seen. So it is looked at.
//!
//! It is made before it is opened, and never where its write-ahead log is still there: a connection that
//! made it anew, because it was moved for a moment, would throw away that log, the last changes.

use super::{new_file, permissions::AccessFault, schema::LostData, url};
use crate::OpenError;
use std::{
    io,
    path::{Path, PathBuf},
};

/// The embedded database's file.
#[derive(Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
    log: PathBuf,
    identity: Identity,
}

/// One of the files that SQLite keeps beside a database.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(suffix);
    name.into()
}

/// The write-ahead log of a database. SQLite has it beside the file to which links lead.
fn log_of(path: &Path) -> PathBuf {
    let mut end = path.to_owned();
    // As many links as Linux follows.
    for _ in 0..40 {
        match std::fs::read_link(&end) {
            Ok(next) => end = new_file::directory_of(&end).join(next),
            Err(_) => break,
        }
    }
    beside(&end, "-wal")
}

/// Makes an empty file that only we may read, unless there is one.
fn make(path: &Path) -> io::Result<()> {
    match new_file::create(path) {
        // Opened and closed later, it would take SQLite's locks with it.
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

impl DatabaseFile {
    /// Makes the file if it is missing and the URL wants it made (`mode=rwc`), but not where only its
    /// write-ahead log is left, which SQLite would throw away, nor beside the master key of one that was lost.
    pub(crate) fn create(url: &str, its_key: Option<&Path>) -> Result<(), OpenError> {
        let Some(path) = url::path(url).filter(|_| url.contains("mode=rwc")) else {
            return Ok(());
        };
        // In this order: who starts beside us makes the file before its log.
        let has_log = log_of(&path).exists();
        if path.exists() {
            return Ok(());
        }
        if has_log {
            return Err(OpenError::DatabaseGone(path));
        }
        if let Some(key) = its_key {
            return Err(OpenError::DataGone {
                key: key.to_owned(),
                database: Some(path),
                state: LostData::Missing,
            });
        }
        make(&path).map_err(|cause| OpenError::DatabaseFile {
            access: AccessFault::of(&path, &cause),
            path,
            cause,
        })
    }

    /// The write-ahead log's file.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The file of an embedded database that was just opened; `None` for one in memory or elsewhere.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let path = url::path(url)?;
        let identity = identity(&std::fs::metadata(&path).ok()?)?;
        Some(Self {
            log: log_of(&path),
            path,
            identity,
        })
    }

    /// Fails when the path does not lead to that file any more.
    pub(crate) async fn check(&self) -> Result<(), DatabaseFileError> {
        let path = || self.path.clone();
        let present =
            (tokio::fs::metadata(&self.path).await).map_err(|cause| DatabaseFileError::Gone {
                path: path(),
                cause,
            })?;
        match identity(&present) == Some(self.identity) {
            true => Ok(()),
            false => Err(DatabaseFileError::Replaced(path())),
        }
    }
}

/// The database is not the one that was opened: it has to be put back, or Latchkey to be started again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseFileError {
    #[error("the database {} is gone: {cause}", path.display())]
    Gone { path: PathBuf, cause: io::Error },
    #[error("the database {} was replaced by another file", .0.display())]
    Replaced(PathBuf),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn field_1_the_write_ahead_log_is_beside_the_target_of_a_symlinked_database() {
        let data = tempfile::tempdir().unwrap();
        let at = |name: &str| data.path().join(name);
        std::fs::create_dir(at("disk")).unwrap();
        std::os::unix::fs::symlink("disk/real.db", at("a.db")).unwrap();
        let url = format!("sqlite://{}?mode=rwc", at("a.db").display());
        std::fs::write(at("disk/real.db-wal"), "changes").unwrap();
        let refused = DatabaseFile::create(&url, None).unwrap_err();
        assert!(matches!(refused, OpenError::DatabaseGone(_)));

        std::fs::write(at("disk/real.db"), "").unwrap();
        let file = DatabaseFile::of(&url).unwrap();
        assert_eq!(file.log(), at("disk/real.db-wal"));
    }

    #[test]
    fn must_survive_23_no_database_is_created_beside_a_leftover_write_ahead_log() {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("a.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        std::fs::write(data.path().join("a.db-wal"), "changes").unwrap();
        let refused = DatabaseFile::create(&url, None).unwrap_err();
        assert!(matches!(refused, OpenError::DatabaseGone(_)) && !file.exists());
        std::fs::write(&file, "").unwrap();
        DatabaseFile::create(&url, None).unwrap();

        std::fs::remove_file(data.path().join("a.db-wal")).unwrap();
        std::fs::remove_file(&file).unwrap();
        DatabaseFile::create(&url, None).unwrap();
        assert!(file.exists());
    }
}
