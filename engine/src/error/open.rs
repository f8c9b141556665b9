//! Why an engine could not be opened, as values: the command line has the sentences that say what to do.

use crate::{
    Error, MetadataFault,
    database::{
        data_dir::Exposure, open_failure::DatabaseObstacle, permissions::AccessFault,
        schema::LostData,
    },
    keys::master_key_text::KeyTextError,
    relying_party::PublicUrlFault,
};
use std::{io, path::PathBuf};
use url::Url;

/// Why an engine could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file that says which authenticators are trusted cannot be used.
    #[error("metadata file {}: {_1}", _0.display())]
    Metadata(PathBuf, MetadataFault),
    /// The data directory cannot be made or written.
    #[error("data directory {}: {cause}", path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
        /// What the system has against it, if it can be seen.
        access: Option<AccessFault>,
    },
    /// Others could replace what is in the data directory, or have done so.
    #[error("{}: {exposure}", path.display())]
    DataUnsafe {
        /// The directory or the file.
        path: PathBuf,
        /// Why.
        exposure: Exposure,
    },
    /// The master key file is missing, unreadable, malformed, another one, or open to others.
    #[error("master key file {}: {fault}", path.display())]
    MasterKey {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        fault: MasterKeyFault,
    },
    /// The database was written by a newer Latchkey.
    #[error("unknown migration `{0}` in the database")]
    DatabaseNewer(String),
    /// The embedded database's file is missing and cannot be made.
    #[error("new database {}: {cause}", path.display())]
    DatabaseFile {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
        /// What the system has against it, if it can be seen.
        access: Option<AccessFault>,
    },
    /// The embedded database's file is there, and something is in the way.
    #[error("database {}: {obstacle}", path.display())]
    DatabaseUnusable {
        /// Which.
        path: PathBuf,
        /// What is in the way.
        obstacle: DatabaseObstacle,
    },
    /// The embedded database's file is missing, and its write-ahead log is not.
    #[error("write-ahead log without its database {}", .0.display())]
    DatabaseGone(PathBuf),
    /// A master key, and no database that was made with it: lost, empty, or copied without its write-ahead log.
    #[error("master key {} without its database: {state}", key.display())]
    DataGone {
        /// The master key file.
        key: PathBuf,
        /// The embedded database; `None` for one that the configuration names.
        database: Option<PathBuf>,
        /// What is wrong with it.
        state: LostData,
    },
    /// There are tables in the database (`None` for one that the configuration names), and none of them is ours.
    #[error("foreign tables in the database")]
    DatabaseForeign(Option<PathBuf>),
    /// The database could not be opened or migrated.
    #[error(transparent)]
    Database(#[from] sea_orm::DbErr),
    /// The public URL cannot carry passkeys.
    #[error("public URL {0}: {1}")]
    PublicUrl(Url, PublicUrlFault),
    /// The system has no entropy.
    #[error(transparent)]
    Entropy(#[from] getrandom::Error),
}

/// What is wrong with a master key file.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyFault {
    /// There is none, and the database was written with one.
    #[error("missing")]
    Missing,
    /// It was taken away while a backup was restored.
    #[error("gone")]
    Gone,
    /// It cannot be read.
    #[error("unreadable: {cause}")]
    Unreadable {
        /// Why.
        cause: io::Error,
        /// What the system has against it, if it can be seen.
        access: Option<AccessFault>,
    },
    /// It cannot be made.
    #[error("not writable: {0}")]
    NotMade(#[source] io::Error),
    /// Others can read or replace it.
    #[error(transparent)]
    Exposed(Exposure),
    /// Its text is not that of a master key file.
    #[error(transparent)]
    Malformed(#[from] KeyTextError),
    /// The database was written with another one.
    #[error("not the key of the database")]
    OfAnotherDatabase,
    /// A key that is stored in the database does not open with it.
    #[error("stored key {0} was changed")]
    StoredKeyChanged(String),
    /// The keys that are stored in the database cannot be used.
    #[error(transparent)]
    StoredKeys(Error),
}
