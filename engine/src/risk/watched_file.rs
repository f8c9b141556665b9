//! Files that an operator replaces while a server runs: read when they are needed first, and again when they change; a broken one
//! changes nothing. Commands that assess nothing read none: a file of cities takes a second.

use crate::error::chain;
use arc_swap::ArcSwapOption;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

/// By what a file is told from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    modified: Option<SystemTime>,
    length: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Fingerprint {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
            #[cfg(unix)]
            inode: std::os::unix::fs::MetadataExt::ino(&metadata),
        })
    }
}

/// Why the contents of a file cannot be used, for the log.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// A file and what was last read from it.
pub(super) struct WatchedFile<T> {
    path: PathBuf,
    /// Of the file that was last looked at, good, broken or missing: one that does not change is not read again.
    seen: Mutex<Option<Option<Fingerprint>>>,
    /// Whether it was looked at.
    is_seen: AtomicBool,
    contents: ArcSwapOption<T>,
    parse: fn(Vec<u8>) -> Result<T, Fault>,
}

impl<T> WatchedFile<T> {
    pub(super) fn new(path: PathBuf, parse: fn(Vec<u8>) -> Result<T, Fault>) -> Self {
        Self {
            path,
            seen: Mutex::new(None),
            is_seen: AtomicBool::new(false),
            contents: ArcSwapOption::empty(),
            parse,
        }
    }

    /// What was last read from it; `None` if it never could be.
    pub(super) fn contents(&self) -> Option<Arc<T>> {
        if !self.is_seen.load(Ordering::Acquire) {
            self.reload();
        }
        self.contents.load_full()
    }

    /// Reads it again if it is another file than before. Blocks.
    pub(super) fn reload(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let found = Fingerprint::of(&self.path);
        if *seen == Some(found) {
            return;
        }
        let read = fs::read(&self.path).map_err(Fault::from);
        match read.and_then(self.parse) {
            Ok(contents) => {
                self.contents.store(Some(Arc::new(contents)));
                tracing::info!(file = %self.path.display(), "read a file of addresses");
            }
            Err(cause) => {
                let keeps = self.contents.load().is_some();
                tracing::warn!(file = %self.path.display(), error = %chain(&*cause), keeps_the_last_one = keeps, "a file of addresses cannot be used");
            }
        }
        *seen = Some(found);
        self.is_seen.store(true, Ordering::Release);
    }
}
