//! Backups: made beside a running server, checked before they are believed.
//!
//! 1. The database is copied within one read transaction (`VACUUM INTO`), so the copy is what was committed at one moment.
//! 2. The copy is opened with the master key and looked through: the pages, the audit log's chain, the sealed
//!    values. A backup that could not be restored is not made. An older schema is brought up to date in a copy of the copy: the
//!    backup has it as it was, for the version that wrote it.
//! 3. Database, key and manifest go into one archive (`backup/archive.rs`), under another name until it is on the disk.
//!
//! `backup/restore.rs` goes the way back.

mod archive;
mod back_up;
mod error;
mod inspection;
mod install;
mod restore;
mod staging;

pub use back_up::Backup;
pub use error::{BackupError, BackupFault, BackupOperation, ExistingFile, SealedValue};
pub use restore::{RestoreOptions, Restored};
