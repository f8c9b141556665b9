//! What others could have planted in a data directory, or still can.

use crate::database::new_file;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What is wrong with the data directory or a file in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFault {
    /// The directory or file.
    pub path: PathBuf,
    /// Whether it is too dangerous to go on.
    pub is_fatal: bool,
    /// What is wrong.
    pub exposure: Exposure,
}

/// How others can reach a file or directory of ours. Modes are permission bits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Exposure {
    /// The directory is another user's.
    #[error("directory of user {owner}")]
    ForeignDirectory {
        /// Whose it is.
        owner: u32,
        /// As whom this process runs.
        process_user: u32,
    },
    /// Everybody can replace the files in the directory.
    #[error("directory writable for everybody (mode {mode:o})")]
    OpenDirectory {
        /// Its mode.
        mode: u32,
    },
    /// Others can make files in the directory.
    #[error("directory writable for others (mode {mode:o})")]
    SharedDirectory {
        /// Its mode.
        mode: u32,
    },
    /// A symbolic link in a directory where others can make one.
    #[error("symbolic link")]
    Link,
    /// The file is another user's.
    #[error("file of user {owner}")]
    ForeignFile {
        /// Whose it is.
        owner: u32,
        /// As whom this process runs.
        process_user: u32,
    },
    /// Others can write to the file.
    #[error("writable for others (mode {mode:o})")]
    WritableFile {
        /// Its mode.
        mode: u32,
    },
    /// Others can read the file.
    #[error("readable for others (mode {mode:o})")]
    ReadableFile {
        /// Its mode.
        mode: u32,
    },
    /// Others can write to the master key file.
    #[error("key writable for others (mode {mode:o})")]
    WritableKey {
        /// Its mode.
        mode: u32,
    },
    /// Everybody can read the master key file.
    #[error("key readable for everybody (mode {mode:o})")]
    ReadableKey {
        /// Its mode.
        mode: u32,
    },
    /// Everybody can read the master key file, and its mode cannot be changed.
    #[error("key on a read-only mount, readable for everybody (mode {mode:o})")]
    ReadableMountedKey {
        /// Its mode.
        mode: u32,
    },
}

/// Looks at a data directory and the files in it that are ours, the worst first. It is written to for a moment, which
/// also tells who we are.
///
/// # Errors
/// When it cannot be read or written.
pub fn inspect(dir: &Path) -> io::Result<Vec<DataFault>> {
    #[cfg(unix)]
    {
        unix::inspect(dir)
    }
    #[cfg(not(unix))]
    {
        probe(dir).map(|_| Vec::new())
    }
}

/// Writes a file of a name that nobody can foretell, and takes it away.
fn probe(dir: &Path) -> io::Result<fs::Metadata> {
    let path = new_file::unpredictable_path(dir, "probe")?;
    let file = new_file::create(&path)?;
    let metadata = file.metadata();
    fs::remove_file(&path)?;
    metadata
}

#[cfg(unix)]
pub(super) mod unix {
    use super::{DataFault, Exposure, probe};
    use std::{
        fs, io,
        os::unix::fs::{MetadataExt, PermissionsExt},
        path::Path,
    };

    const ROOT: u32 = 0;
    const STICKY: u32 = 0o1000;

    /// What is ours in the directory by its usual name; one with another name was named by the operator.
    const FILES: [&str; 5] = [
        "master.key",
        "latchkey.db",
        "latchkey.db-wal",
        "latchkey.db-shm",
        "latchkey.db-journal",
    ];

    pub(super) fn inspect(dir: &Path) -> io::Result<Vec<DataFault>> {
        let found = fs::metadata(dir)?;
        let (mode, owner) = (found.mode(), found.uid());
        let fault = |is_fatal, exposure| DataFault {
            path: dir.to_owned(),
            is_fatal,
            exposure,
        };
        let we = probe(dir)?.uid();
        let mut faults = Vec::new();
        if owner != we && owner != ROOT {
            // In containers that run as root, a directory of the host is often somebody's.
            let exposure = Exposure::ForeignDirectory {
                owner,
                process_user: we,
            };
            faults.push(fault(we != ROOT, exposure));
        }
        let shown_mode = mode & 0o7777;
        if mode & 0o002 != 0 && mode & STICKY == 0 {
            faults.push(fault(false, Exposure::OpenDirectory { mode: shown_mode }));
        } else if mode & 0o022 != 0 {
            faults.push(fault(false, Exposure::SharedDirectory { mode: shown_mode }));
        }
        // Whoever else may put files there may have put these.
        let is_shared = !faults.is_empty();
        let can_enter = mode & 0o011 != 0;
        for name in FILES {
            faults.extend(judge(
                &dir.join(name),
                is_shared,
                can_enter,
                &[we, ROOT, owner],
            )?);
        }
        faults.sort_by_key(|fault| !fault.is_fatal);
        Ok(faults)
    }

    /// Takes the leave to write from everybody, where the directory is ours to change. Volumes of
    /// containers often come with mode 777; what was put there before is judged afterwards.
    pub(in crate::database::data_dir) fn close_to_everybody(dir: &Path) -> io::Result<Option<u32>> {
        let found = fs::metadata(dir)?;
        let mode = found.mode();
        if mode & 0o002 == 0 || mode & STICKY != 0 {
            return Ok(None);
        }
        let closed = fs::Permissions::from_mode(mode & !0o002);
        // Somebody else's: it is told, and stays as it is.
        Ok(fs::set_permissions(dir, closed)
            .is_ok()
            .then_some(mode & 0o7777))
    }

    fn judge(
        path: &Path,
        is_shared: bool,
        can_enter: bool,
        owners: &[u32],
    ) -> io::Result<Option<DataFault>> {
        let found = match fs::symlink_metadata(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found?,
        };
        let mode = found.mode() & 0o777;
        // Of the key, as `keys.rs` judges it, the group may be the platform's.
        let readers = if path.ends_with(FILES[0]) {
            0o004
        } else {
            0o044
        };
        let (is_fatal, exposure) = if found.is_symlink() {
            if !is_shared {
                return Ok(None);
            }
            (true, Exposure::Link)
        } else if !owners.contains(&found.uid()) {
            let exposure = Exposure::ForeignFile {
                owner: found.uid(),
                process_user: *owners.first().unwrap_or(&ROOT),
            };
            (true, exposure)
        } else if can_enter && mode & 0o022 != 0 {
            (true, Exposure::WritableFile { mode })
        } else if can_enter && mode & readers != 0 {
            (false, Exposure::ReadableFile { mode })
        } else {
            return Ok(None);
        };
        Ok(Some(DataFault {
            path: path.to_owned(),
            is_fatal,
            exposure,
        }))
    }
}
