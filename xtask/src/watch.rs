//! Noticing that a source changed, by looking: works on every file system and needs no library.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::interrupt::Interrupt;

/// How often to look.
const POLL: Duration = Duration::from_millis(500);

/// What is looked at, below the workspace's root.
const SOURCES: [&str; 9] = [
    "app",
    "domain",
    "engine",
    "frontend",
    "migrations",
    "server",
    "style",
    "Cargo.toml",
    "Cargo.lock",
];

/// The sources as they were when last looked at.
#[derive(Debug)]
pub(crate) struct Watch {
    sources: Vec<PathBuf>,
    seen: u64,
}

impl Watch {
    /// Remembers the sources as they are now.
    pub(crate) fn start(root: &Path) -> Self {
        let sources: Vec<PathBuf> = SOURCES.iter().map(|name| root.join(name)).collect();
        Self {
            seen: fingerprint(&sources),
            sources,
        }
    }

    /// Whether something changed since last time. Waits until it is quiet again, because an
    /// editor or a `git checkout` writes many files.
    pub(crate) fn changed(&mut self) -> bool {
        thread::sleep(POLL);
        let mut now = fingerprint(&self.sources);
        if now == self.seen {
            return false;
        }
        loop {
            thread::sleep(POLL / 2);
            let later = fingerprint(&self.sources);
            if later == now {
                break;
            }
            now = later;
        }
        self.seen = now;
        true
    }

    /// Waits for a change; `false` says that somebody asked to stop instead.
    pub(crate) fn wait(&mut self, interrupt: &Interrupt) -> bool {
        while !interrupt.raised() {
            if self.changed() {
                return true;
            }
        }
        false
    }
}

/// Paths, sizes and times of change of all files. A file that cannot be read counts as absent:
/// editors replace files, and the next look sees the new one.
fn fingerprint(sources: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for source in sources {
        visit(source, &mut hasher);
    }
    hasher.finish()
}

fn visit(path: &Path, hasher: &mut DefaultHasher) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if metadata.is_dir() {
        let Ok(entries) = fs::read_dir(path) else {
            return;
        };
        let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        // The order of a directory's entries is not promised.
        entries.sort();
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            // Editors keep their own notes beside the file.
            if !name.starts_with('.') && !name.ends_with('~') {
                visit(&entry, hasher);
            }
        }
    } else {
        path.hash(hasher);
        metadata.len().hash(hasher);
        if let Ok(modified) = metadata.modified() {
            modified.hash(hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::ThrowAway;

    #[test]
    fn a_write_a_new_file_and_a_removal_are_changes() {
        let root = ThrowAway::create("latchkey-watch").unwrap();
        let app = root.path().join("app");
        fs::create_dir(&app).unwrap();
        let sources = [app.clone()];
        let empty = fingerprint(&sources);
        fs::write(app.join("lib.rs"), "one").unwrap();
        let one = fingerprint(&sources);
        fs::write(app.join("lib.rs"), "two, longer").unwrap();
        let two = fingerprint(&sources);
        fs::write(app.join(".lib.rs.swp"), "an editor's note").unwrap();
        assert_eq!(fingerprint(&sources), two);
        fs::remove_file(app.join("lib.rs")).unwrap();
        assert!(empty != one && one != two);
        assert_eq!(fingerprint(&sources), empty);
    }
}
