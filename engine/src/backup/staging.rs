//! Where a backup is made and unpacked, and the work on its files, which ends when nobody waits for it any more.

use super::BackupError;
use crate::{Error, database::new_file};
use std::{
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::spawn_blocking;

/// A directory of our own beside the file that is to be made; goes with all that is in it.
pub(super) struct Staging(PathBuf);

impl Staging {
    pub(super) fn beside(file: &Path, what: &str) -> Result<Self, BackupError> {
        let dir = new_file::directory_of(file);
        let make = || {
            let path = new_file::unpredictable_path(dir, what)?;
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(&path)?;
            Ok(path)
        };
        make().map(Self).map_err(BackupError::at(dir))
    }

    pub(super) fn dir(&self) -> &Path {
        &self.0
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // One within another may be gone with it.
        if let Err(cause) = fs::remove_dir_all(&self.0)
            && cause.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.0.display(), %cause, "a copy of the database is left over; delete it");
        }
    }
}

/// Whether whoever wanted something done has gone meanwhile: the program was asked to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Abandoned(Arc<AtomicBool>);

impl Abandoned {
    pub(super) fn check(&self) -> io::Result<()> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(io::Error::other("stopped half-way")),
            false => Ok(()),
        }
    }
}

/// Tells the work when nobody waits for it any more.
struct Waiting(Abandoned);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Does what takes long with files beside everything else. Whoever stops waiting ends it, and the directory goes afterwards.
pub(super) async fn with_files<T: Send + 'static>(
    staging: &Arc<Staging>,
    work: impl FnOnce(&Staging, &Abandoned) -> T + Send + 'static,
) -> Result<T, BackupError> {
    let (staging, abandoned) = (Arc::clone(staging), Abandoned::default());
    let waiting = Waiting(abandoned.clone());
    let done = spawn_blocking(move || work(&staging, &abandoned)).await;
    drop(waiting);
    Ok(done.map_err(Error::internal)?)
}
