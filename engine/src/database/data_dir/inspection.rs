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
    /// What is wrong, and what to do.
    pub reason: String,
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
    use super::{DataFault, probe};
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
        let shown = dir.display();
        let fault = |is_fatal: bool, reason: String| DataFault {
            path: dir.to_owned(),
            is_fatal,
            reason,
        };
        let we = probe(dir)?.uid();
        let mut faults = Vec::new();
        if owner != we && owner != ROOT {
            // In containers that run as root, a directory of the host is often somebody's.
            let reason = format!(
                "it belongs to the user {owner}, who may replace its files; run: chown {we} {shown}"
            );
            faults.push(fault(we != ROOT, reason));
        }
        if mode & 0o002 != 0 && mode & STICKY == 0 {
            let reason = format!(
                "everybody on this machine may write to it (mode {:o}) and so replace its files; run: chmod go= {shown}",
                mode & 0o7777
            );
            faults.push(fault(false, reason));
        } else if mode & 0o022 != 0 {
            let reason = format!(
                "others may make files in it (mode {:o}); run: chmod go= {shown}",
                mode & 0o7777
            );
            faults.push(fault(false, reason));
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
        let (shown, mode) = (path.display(), found.mode() & 0o777);
        // Of the key, as `keys.rs` judges it, the group may be the platform's.
        let readers = if path.ends_with(FILES[0]) {
            0o004
        } else {
            0o044
        };
        let (is_fatal, reason) = if found.is_symlink() {
            if !is_shared {
                return Ok(None);
            }
            let reason = "it is a symbolic link in a directory where others may put one; take it away, or close the directory to others first";
            (true, reason.to_owned())
        } else if !owners.contains(&found.uid()) {
            let reason = format!(
                "it belongs to the user {}, who may have put it there; look at it, then delete it or run: chown {} {shown}",
                found.uid(),
                owners.first().unwrap_or(&ROOT)
            );
            (true, reason)
        } else if can_enter && mode & 0o022 != 0 {
            let reason = format!("others may write to it (mode {mode:o}); run: chmod go= {shown}");
            (true, reason)
        } else if can_enter && mode & readers != 0 {
            let reason = format!("others may read it (mode {mode:o}); run: chmod go= {shown}");
            (false, reason)
        } else {
            return Ok(None);
        };
        Ok(Some(DataFault {
            path: path.to_owned(),
            is_fatal,
            reason,
        }))
    }
}
