//! Directories as a whole: reading all of one, and bringing one to a wanted state.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// Every file below the directory, by its path with `/`, sorted. Hidden files are left out.
pub(crate) fn files_below(dir: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    collect(dir, "", &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(dir: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            bail!(
                "{} has a name that no address can carry",
                entry.path().display()
            );
        };
        if name.starts_with('.') {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else {
            files.push((format!("{prefix}{name}"), fs::read(entry.path())?));
        }
    }
    Ok(())
}

/// Writes the file unless it is right already: its time of change tells Cargo what to build again.
pub(crate) fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == content) {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, content).with_context(|| format!("could not write {}", path.display()))
}

/// Removes every file below the directory that is not wanted, and directories left empty.
pub(crate) fn remove_others(dir: &Path, kept: &HashSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
            if path.read_dir()?.next().is_none() {
                fs::remove_dir(path)?;
            }
        } else if !kept.contains(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwanted_files_are_removed_and_hidden_ones_ignored() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for name in ["a.js", "old/b.js", ".notes"] {
            write_if_changed(&path(name), b"x").unwrap();
        }
        let names = |dir| {
            let files = files_below(dir).unwrap().into_iter();
            files.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(root.path()), ["a.js", "old/b.js"]);
        remove_others(root.path(), &HashSet::from([path("a.js")])).unwrap();
        assert_eq!(names(root.path()), ["a.js"]);
        assert!(!path("old").exists());
    }
}
