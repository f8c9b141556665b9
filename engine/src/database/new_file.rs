//! New files, which only we may read, and which overwrite nothing.
//!
//! Nothing is made at a name that can be foretold except with `O_EXCL`, which follows no link.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A path in a directory that nobody can foretell.
pub(crate) fn unpredictable_path(dir: &Path, what: &str) -> io::Result<PathBuf> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let random = u128::from_ne_bytes(random);
    Ok(dir.join(format!(".latchkey-{what}-{random:032x}")))
}

/// The directory of a file.
pub(crate) fn directory_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes a file that only we may read, where none is; a link in its place is not followed (`O_EXCL`).
pub(crate) fn create(path: &Path) -> io::Result<File> {
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
pub(crate) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let draft = unpredictable_path(directory_of(path), "draft")?;
    let mut file = create(&draft)?;
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
    match rename(draft, path) {
        // Not every system and file system can.
        Err(cause) if !is_taken(&cause) => match fs::hard_link(draft, path) {
            Ok(()) => fs::remove_file(draft)?,
            Err(cause) if is_taken(&cause) => return Err(cause),
            Err(_) => copy(draft, path)?,
        },
        renamed => renamed?,
    }
    sync_dir(directory_of(path))
}

/// Renames a file in one step, where nothing is.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename(draft: &Path, path: &Path) -> io::Result<()> {
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
fn rename(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// For file systems without links, too. Whoever is killed in the middle leaves a part, which is refused by whoever reads it.
fn copy(draft: &Path, path: &Path) -> io::Result<()> {
    let mut from = File::open(draft)?;
    let mut to = create(path)?;
    let copied = io::copy(&mut from, &mut to).and_then(|_| to.sync_all());
    if copied.is_err() {
        // What matters is why it could not be written.
        let _ = fs::remove_file(path);
    }
    copied.and_then(|()| fs::remove_file(draft))
}

/// Puts the names in a directory on the disk.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file.
#[cfg(not(unix))]
fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_1_a_file_created_meanwhile_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let (draft, path) = (dir.path().join("draft"), dir.path().join("path"));
        let ways: [fn(&Path, &Path) -> io::Result<()>; 4] =
            [publish, rename, copy, |draft, path| {
                write(path, &fs::read(draft)?)
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
}
