//! Whose a file is and what we may do with it.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why the system does not let us use a file or directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessFault {
    /// Nothing can be written there.
    #[error("read-only file system")]
    ReadOnlyFileSystem,
    /// There is no room left.
    #[error("full disk")]
    FullDisk,
    /// Its mode does not let us.
    #[error("owned by {}", .0.owner)]
    Ownership(Ownership),
}

/// Whose a file is that we may not use, or else the nearest directory above it that can be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// The absolute path of the file.
    pub path: PathBuf,
    /// The path to which the rest applies: the file's own, or that of a directory above.
    pub of: PathBuf,
    /// Whether there is no such file.
    pub is_missing: bool,
    /// The user to whom it belongs.
    pub owner: u32,
    /// The group to which it belongs.
    pub group: u32,
    /// Its permission bits.
    pub mode: u32,
    /// The user as whom this process runs.
    pub process_user: u32,
}

impl AccessFault {
    /// Why a file or directory cannot be written; `None` where it can, or is not there.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let cause = refused(path).err()?;
        Self::of(path, &cause)
    }

    /// What is behind this cause, which the system gave for a file; `None` where it has nothing to do with whose the file is.
    pub(crate) fn of(path: &Path, cause: &io::Error) -> Option<Self> {
        match cause.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnlyFileSystem),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Self::FullDisk),
            io::ErrorKind::PermissionDenied => whose(path).map(Self::Ownership),
            _ => None,
        }
    }
}

#[cfg(unix)]
fn refused(path: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    let mut mode = Access::READ_OK | Access::WRITE_OK;
    if path.is_dir() {
        mode |= Access::EXEC_OK;
    }
    Ok(access(path, mode)?)
}

#[cfg(not(unix))]
fn refused(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn whose(path: &Path) -> Option<Ownership> {
    use std::os::unix::fs::MetadataExt;
    let path = std::path::absolute(path).ok()?;
    let is_missing = std::fs::symlink_metadata(&path)
        .is_err_and(|cause| cause.kind() == io::ErrorKind::NotFound);
    let (of, found) = path
        .ancestors()
        .find_map(|path| Some((path.to_owned(), std::fs::metadata(path).ok()?)))?;
    Some(Ownership {
        path,
        of,
        is_missing,
        owner: found.uid(),
        group: found.gid(),
        mode: found.mode() & 0o7777,
        process_user: rustix::process::geteuid().as_raw(),
    })
}

#[cfg(not(unix))]
fn whose(_path: &Path) -> Option<Ownership> {
    None
}

/// Whether there is no room left where a file is.
#[cfg(unix)]
pub(crate) fn is_on_full_disk(path: &Path) -> bool {
    const LITTLE: u64 = 64 * 1024;
    rustix::fs::statvfs(path)
        .is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) < LITTLE)
}

#[cfg(not(unix))]
pub(crate) fn is_on_full_disk(_path: &Path) -> bool {
    false
}

/// Whether nobody can change what is there: a secret or configuration that a platform has mounted.
#[cfg(unix)]
pub(crate) fn is_on_read_only_mount(path: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    statvfs(path).is_ok_and(|found| found.f_flag.contains(StatVfsMountFlags::RDONLY))
}
