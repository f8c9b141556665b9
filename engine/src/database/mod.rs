//! The database: opening it, its connections and who may use which, its files, and how stored values are read.

mod connection;
pub(crate) mod copy;
pub(crate) mod data_dir;
pub(crate) mod file;
mod handle;
pub(crate) mod lane;
pub(crate) mod new_file;
pub(crate) mod open_failure;
pub(crate) mod page;
pub(crate) mod permissions;
pub(crate) mod schema;
pub(crate) mod url;
mod write_ahead;

pub(crate) use connection::{Pools, open};
pub(crate) use file::DatabaseFile;
pub(crate) use handle::{Reader, Reads, Writes, begin};
pub(crate) use open_failure::explain;
pub(crate) use schema::{Schema, newest_step};

use crate::Error;
use std::{iter, mem};
use time::OffsetDateTime;

/// A stored time; out-of-range values (nobody writes them) read as the epoch.
pub(crate) fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// A stored text that must parse, because only parsed values are written.
pub(crate) fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, Error>
where
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|cause: T::Err| Error::internal(cause.to_string()))
}

/// Rows of one statement: databases bound the number of values.
const ROWS_OF_A_STATEMENT: usize = 128;

/// Divides rows among statements. Each has a power of two of them, so that few statements have to be prepared, whatever the number
/// of rows.
pub(crate) fn statements<T>(mut rows: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    iter::from_fn(move || {
        let count = 1 << rows.len().checked_ilog2()?;
        let rest = rows.split_off(ROWS_OF_A_STATEMENT.min(count));
        Some(mem::replace(&mut rows, rest))
    })
}

/// A `LIKE` pattern for text that occurs anywhere, with the wildcards in it disarmed.
pub(crate) fn containing(text: &str) -> sea_orm::sea_query::LikeExpr {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\')
}
