//! Noticing that a source file changed.

use std::{
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use anyhow::Result;
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::{interrupt::Interrupt, workspace::Workspace};

/// How often to look whether we shall stop.
const POLL: Duration = Duration::from_millis(200);

/// An editor or a `git checkout` writes many files: no more changes for this long are the end of it.
const QUIET: Duration = Duration::from_millis(300);

/// Watches until it is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    changes: Receiver<()>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// From now on changes are noticed.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let root = workspace.root();
        let (sender, changes) = channel();
        let of_root = root.to_owned();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_change(&event, &of_root)) {
                // Nobody listens any more when the watcher is about to be dropped.
                let _ = sender.send(());
            }
        })?;
        // Editors replace files, so a file is watched by its directory.
        watcher.watch(root, RecursiveMode::NonRecursive)?;
        for source in workspace.crates()?.into_iter().chain(["style".to_owned()]) {
            watcher.watch(&root.join(source), RecursiveMode::Recursive)?;
        }
        Ok(Self {
            changes,
            _watcher: watcher,
        })
    }

    /// Waits for a change, and until no more follow; `false` says that somebody asked to stop instead.
    pub(crate) fn wait(&self, interrupt: &Interrupt) -> bool {
        while !interrupt.raised() {
            match self.changes.recv_timeout(POLL) {
                Ok(()) => {
                    while self.changes.recv_timeout(QUIET).is_ok() {}
                    return true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        false
    }
}

/// Whether a source file was written, made or removed. Compilers read them, and editors keep files of their own beside
/// them.
fn is_change(event: &Event, root: &Path) -> bool {
    let is_source = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.parent() {
            Some(parent) if parent == root => matches!(&*name, "Cargo.toml" | "Cargo.lock"),
            _ => !name.starts_with('.') && !name.ends_with('~'),
        }
    };
    !event.kind.is_access() && event.paths.iter().any(|path| is_source(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, EventKind, ModifyKind};

    #[test]
    fn only_writes_to_source_files_are_changes() {
        let is_change = |kind, path: &str| {
            let event = Event::new(kind).add_path(path.into());
            is_change(&event, Path::new("/latchkey"))
        };
        let (modified, read) = (
            EventKind::Modify(ModifyKind::Any),
            EventKind::Access(AccessKind::Any),
        );
        assert!(is_change(modified, "/latchkey/app/src/lib.rs"));
        assert!(is_change(modified, "/latchkey/Cargo.toml"));
        assert!(!is_change(read, "/latchkey/app/src/lib.rs"));
        assert!(!is_change(modified, "/latchkey/app/src/.lib.rs.swp"));
        assert!(!is_change(modified, "/latchkey/app/src/lib.rs~"));
        assert!(!is_change(modified, "/latchkey/data"));
    }
}
