//! Whose a file is and what we may do with it, in words for the operator.

use std::{io, path::Path};

/// Why a file or directory cannot be written, and what to do; `None` where it can, or is not there.
pub(crate) fn obstacle(path: &Path) -> Option<String> {
    let cause = refused(path).err()?;
    let remedy = remedy(path, &cause)?;
    Some(format!("{} {remedy}", path.display()))
}

/// The end of a sentence about a file for which the system gave this cause; `None` where it has nothing to do
/// with whose the file is.
pub(crate) fn remedy(path: &Path, cause: &io::Error) -> Option<String> {
    match cause.kind() {
        io::ErrorKind::ReadOnlyFilesystem => {
            Some("lies on a read-only file system; mount it writable".to_owned())
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Some("lies on a disk that is full; make room there".to_owned())
        }
        io::ErrorKind::PermissionDenied => whose(path),
        _ => None,
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

/// Of the nearest directory above, where the file itself cannot be looked at.
#[cfg(unix)]
fn whose(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let path = &std::path::absolute(path).ok()?;
    let is_missing =
        std::fs::symlink_metadata(path).is_err_and(|cause| cause.kind() == io::ErrorKind::NotFound);
    let (of, found) = path
        .ancestors()
        .find_map(|path| Some((path, std::fs::metadata(path).ok()?)))?;
    let (owner, we) = (found.uid(), rustix::process::geteuid().as_raw());
    let (shown, place) = (path.display(), of.display());
    let (start, remedy) = match of == path {
        true if owner == we => (String::new(), format!("run: chmod u+rwX {shown}")),
        true => (
            String::new(),
            format!("run it as the user {owner}, or: chown {we} {shown}"),
        ),
        // Not the directory above: that may be everybody's.
        false if is_missing => (
            format!("lies below {place}, which "),
            format!("make it as that user: install -d -m 700 -o {we} {shown}"),
        ),
        false => (
            format!("lies below {place}, which "),
            format!("run it as the user {owner}, or: chmod a+x {place}"),
        ),
    };
    Some(format!(
        "{start}belongs to the user {owner} and the group {} (mode {:o}), and Latchkey runs as the user {we}; {remedy}",
        found.gid(),
        found.mode() & 0o7777,
    ))
}

#[cfg(not(unix))]
fn whose(_path: &Path) -> Option<String> {
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
