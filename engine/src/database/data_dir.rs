//! The data directory: made for us alone, and looked at before anything in it is believed.
//!
//! Whoever can write there can put another master key or database in our place, or a link on which we
//! write over a file elsewhere. So nothing is made at a name that can be foretold except with
//! `O_EXCL`, which follows no link, and what others could have planted is refused.

use crate::OpenError;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
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

/// Makes the directory if it is missing, and refuses one that cannot be written or in which others can replace our files.
pub(crate) fn prepare(path: &Path) -> Result<(), OpenError> {
    let refuse = |cause| OpenError::DataDir {
        path: path.to_owned(),
        cause,
    };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(refuse)?;
    // Judged as it was found: what others could have planted is refused also when they no longer can.
    let faults = inspect(path).map_err(refuse)?;
    #[cfg(unix)]
    if let Some(mode) = unix::close_to_everybody(path).map_err(refuse)? {
        tracing::warn!(path = %path.display(), mode = format!("{mode:o}"), "everybody on this machine could write to the data directory; it was closed to them");
    }
    for fault in faults {
        let DataFault {
            path,
            is_fatal,
            reason,
        } = fault;
        if is_fatal {
            return Err(OpenError::DataUnsafe { path, reason });
        }
        tracing::warn!(path = %path.display(), reason, "others can reach Latchkey's data");
    }
    Ok(())
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

/// A path in a directory that nobody can foretell.
pub(crate) fn unforeseen(dir: &Path, what: &str) -> io::Result<PathBuf> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let random = u128::from_ne_bytes(random);
    Ok(dir.join(format!(".latchkey-{what}-{random:032x}")))
}

/// The directory of a file.
pub(crate) fn parent(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Writes a file of a name that nobody can foretell, and takes it away.
fn probe(dir: &Path) -> io::Result<fs::Metadata> {
    let path = unforeseen(dir, "probe")?;
    let file = create_new(&path)?;
    let metadata = file.metadata();
    fs::remove_file(&path)?;
    metadata
}

/// Makes a file that only we may read, where none is; a link in its place is not followed (`O_EXCL`).
pub(crate) fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a file that only we may read, in whole or not at all: whoever is killed in the middle leaves nothing under its name.
/// Overwrites nothing.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where there is something.
pub(crate) fn write_new(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = unforeseen(parent(path), "draft")?;
    let mut file = create_new(&draft)?;
    let written = file
        .write_all(text)
        .and_then(|()| file.sync_all())
        .and_then(|()| publish(&draft, path));
    if written.is_err() {
        // What matters is why it could not be written.
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Gives a file its name, and overwrites nothing.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where there is something.
pub(crate) fn publish(draft: &Path, path: &Path) -> io::Result<()> {
    let is_taken = |cause: &io::Error| cause.kind() == io::ErrorKind::AlreadyExists;
    match rename_new(draft, path) {
        // Not every system and file system can.
        Err(cause) if !is_taken(&cause) => match fs::hard_link(draft, path) {
            Ok(()) => fs::remove_file(draft)?,
            Err(cause) if is_taken(&cause) => return Err(cause),
            Err(_) => copy_new(draft, path)?,
        },
        renamed => renamed?,
    }
    sync_dir(parent(path))
}

/// Renames a file in one step, where nothing is.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_new(draft: &Path, path: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(
        CWD,
        draft,
        CWD,
        path,
        RenameFlags::NOREPLACE,
    )?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_new(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// For file systems without links, too. Whoever is killed in the middle leaves a part, which is refused by whoever reads it.
fn copy_new(draft: &Path, path: &Path) -> io::Result<()> {
    let mut from = File::open(draft)?;
    let mut to = create_new(path)?;
    let copied = io::copy(&mut from, &mut to).and_then(|_| to.sync_all());
    if copied.is_err() {
        // What matters is why it could not be written.
        let _ = fs::remove_file(path);
    }
    copied.and_then(|()| fs::remove_file(draft))
}

/// Puts the names in a directory on the disk.
#[cfg(unix)]
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
mod unix {
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
    pub(super) fn close_to_everybody(dir: &Path) -> io::Result<Option<u32>> {
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

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn fatal(dir: &Path) -> bool {
        inspect(dir).unwrap().iter().any(|fault| fault.is_fatal)
    }

    #[test]
    fn concurrent_commands_do_not_mistake_each_others_probe_file_for_an_error() {
        let data = tempfile::tempdir().unwrap();
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| {
                    for _ in 0..500 {
                        prepare(data.path()).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }

    #[test]
    fn field_1_a_file_created_meanwhile_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let (draft, path) = (dir.path().join("draft"), dir.path().join("path"));
        let ways: [fn(&Path, &Path) -> io::Result<()>; 4] =
            [publish, rename_new, copy_new, |draft, path| {
                write_new(path, &fs::read(draft)?)
            }];
        for way in ways {
            fs::write(&draft, "ours").unwrap();
            fs::write(&path, "theirs").unwrap();
            let refused = way(&draft, &path).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
            fs::remove_file(&path).unwrap();
            way(&draft, &path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn audit_14_a_planted_symlink_at_the_probe_name_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        let target = data.path().join("precious");
        fs::write(&target, "kept").unwrap();
        let link = data.path().join(".latchkey-write-test");
        symlink(&target, &link).unwrap();
        prepare(data.path()).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");
        assert!(link.is_symlink());
    }

    #[test]
    fn audit_14_a_world_writable_directory_is_reported_and_closed() {
        let data = tempfile::tempdir().unwrap();
        for mode in [0o777, 0o707, 0o702] {
            set_mode(data.path(), mode);
            let told = inspect(data.path()).unwrap();
            assert!(told[0].reason.contains("chmod go= "), "{told:?}");
            prepare(data.path()).unwrap();
            assert_eq!(
                fs::metadata(data.path()).unwrap().mode() & 0o777,
                mode & !0o002
            );
        }
        for (mode, faults) in [(0o700, 0), (0o755, 0), (0o770, 1), (0o1777, 1)] {
            set_mode(data.path(), mode);
            let found = inspect(data.path()).unwrap();
            assert_eq!(found.len(), faults, "{mode:o} {found:?}");
            assert!(!fatal(data.path()));
        }
    }

    #[test]
    fn audit_14_files_that_others_could_have_planted_are_rejected() {
        let data = tempfile::tempdir().unwrap();
        let other = data.path().join("other");
        fs::write(&other, "").unwrap();
        let link = data.path().join("latchkey.db");
        symlink(&other, &link).unwrap();
        // In a directory of our own it is ours, on another disk perhaps.
        assert_eq!(inspect(data.path()).unwrap(), []);
        set_mode(data.path(), 0o1777);
        assert!(fatal(data.path()));
        set_mode(data.path(), 0o770);
        assert!(matches!(
            prepare(data.path()),
            Err(OpenError::DataUnsafe { path, .. }) if path == link
        ));
        fs::remove_file(&link).unwrap();
        assert!(!fatal(data.path()));
        let key = data.path().join("master.key");
        drop(create_new(&key).unwrap());
        assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
        assert!(!fatal(data.path()));
        set_mode(&key, 0o622);
        assert!(fatal(data.path()));
    }

    #[test]
    fn audit_14_files_and_directories_of_other_users_are_detected() {
        let data = tempfile::tempdir().unwrap();
        let key = data.path().join("master.key");
        drop(create_new(&key).unwrap());
        // Only root can give files away.
        if chown(&key, Some(4242), None).is_err() {
            return;
        }
        assert!(fatal(data.path()));
        chown(data.path(), Some(4242), None).unwrap();
        let found = inspect(data.path()).unwrap();
        assert!(
            found.iter().any(|fault| fault.reason.contains("chown 0 ")),
            "{found:?}"
        );
    }
}
