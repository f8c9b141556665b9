//! Why the embedded database cannot be opened. SQLite says "unable to open database file" and a number;
//! an operator needs the file, whose it is, and what to do.

use super::{
    file::beside,
    permissions::{self, AccessFault},
    url,
};
use crate::OpenError;
use sea_orm::{DbErr, RuntimeErr, sqlx};
use std::path::{Path, PathBuf};

/// What keeps the embedded database from being opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseObstacle {
    /// There is no room left on its disk.
    #[error("full disk")]
    FullDisk,
    /// The file is not one of SQLite's.
    #[error("not an SQLite database")]
    NotADatabase,
    /// We may not use one of its files, or its directory.
    #[error("{}: {fault}", path.display())]
    NoAccess {
        /// Which.
        path: PathBuf,
        /// Why.
        fault: AccessFault,
    },
}

/// SQLite's primary result codes (sqlite.org/rescode.html).
const BUSY: i32 = 5;
const INPUT_OUTPUT: i32 = 10;
const FULL: i32 = 13;
const NOT_A_DATABASE: i32 = 26;

/// Puts the obstacle in the place of the driver's words, where there is one to be seen.
pub(crate) fn explain(address: &str, error: OpenError) -> OpenError {
    let cause = match error {
        OpenError::Database(cause) => cause,
        other => return other,
    };
    let Some(path) = url::path(address) else {
        return OpenError::Database(cause);
    };
    match obstacle(&path, &cause) {
        Some(obstacle) => OpenError::DatabaseUnusable { path, obstacle },
        None => OpenError::Database(cause),
    }
}

fn obstacle(path: &Path, cause: &DbErr) -> Option<DatabaseObstacle> {
    match code(cause) {
        Some(FULL) => return Some(DatabaseObstacle::FullDisk),
        // Of the index of the write-ahead log, SQLite says only that it could not be made longer.
        Some(INPUT_OUTPUT) if permissions::is_on_full_disk(path) => {
            return Some(DatabaseObstacle::FullDisk);
        }
        Some(NOT_A_DATABASE) => return Some(DatabaseObstacle::NotADatabase),
        _ => {}
    }
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    // The write-ahead log and its index are made beside the database, by whoever opens it first: by root, if
    // that was a command of somebody's in a hurry.
    [path.to_owned(), beside(path, "-wal"), beside(path, "-shm")]
        .iter()
        .map(PathBuf::as_path)
        .chain(dir)
        .find_map(|path| {
            Some(DatabaseObstacle::NoAccess {
                fault: AccessFault::at(path)?,
                path: path.to_owned(),
            })
        })
}

/// Whether another connection is in the way, which will be done soon.
pub(super) fn is_busy(cause: &DbErr) -> bool {
    code(cause) == Some(BUSY)
}

/// The primary code; the bytes above it say more of the same.
fn code(cause: &DbErr) -> Option<i32> {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = cause
    else {
        return None;
    };
    let sqlx::Error::Database(cause) = &**cause else {
        return None;
    };
    Some(cause.code()?.parse::<i32>().ok()? & 0xff)
}
