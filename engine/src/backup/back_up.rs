//! Making a backup; `backup.rs` has the steps.

use super::{
    BackupError, BackupFault, BackupOperation, ExistingFile,
    archive::{self, DATABASE, FORMAT, KEY, Manifest, Part},
    inspection::look_through,
    staging::{Staging, with_files},
};
use crate::{
    Engine, Error, RequestOrigin, database, database::new_file, keys::keyring::Purpose,
    unit_of_work::Actor,
};
use latchkey_domain::{access::permission::Operator, event::BackupMade};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use time::OffsetDateTime;

/// An archive that is being written.
const DRAFT: &str = "draft";

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its length.
    pub bytes: u64,
    /// When the database was copied.
    pub made_at: OffsetDateTime,
    /// How far the audit log had come.
    pub audit_seq: i64,
    /// The master key file, if the key is not in the backup.
    pub key_elsewhere: Option<PathBuf>,
    /// Whether an older version wrote the database. It stays as it is, and so its audit log does not tell of the backup.
    pub is_older: bool,
}

impl Engine {
    /// Makes a backup: one file with the database as it is at one moment, the master key if it is in the data directory and wanted,
    /// and a manifest. Beside a running server, which goes on meanwhile.
    ///
    /// # Errors
    /// [`BackupError`]; then there is no file.
    pub async fn back_up(
        &self,
        _operator: &Operator,
        to: &Path,
        with_key: bool,
    ) -> Result<Backup, BackupError> {
        let settings = &self.inner.settings;
        if self.inner.database_file.is_none() {
            return Err(BackupError::NotEmbedded(BackupOperation::BackUp));
        }
        let taken = || BackupError::Exists {
            path: to.to_owned(),
            file: ExistingFile::Backup,
        };
        if fs::symlink_metadata(to).is_ok() {
            return Err(taken());
        }
        let staging = Arc::new(Staging::beside(to, "backup")?);
        let made_at = self.now();
        self.copy_database(&staging.file(DATABASE)).await?;
        let key_file = settings.key_file();
        // A key that the operator keeps elsewhere is kept apart on purpose.
        let key_elsewhere =
            (!with_key || settings.master_key_file.is_some()).then(|| key_file.clone());
        if key_elsewhere.is_none() {
            let key =
                zeroize::Zeroizing::new(fs::read(&key_file).map_err(BackupError::at(&key_file))?);
            new_file::write(&staging.file(KEY), &key).map_err(BackupError::at(to))?;
        }
        let staged = staging.file(DATABASE);
        let schema = database::copy::last_step(&staged).await?;
        let is_older = schema != database::newest_step();
        let contents = if is_older {
            let trial = with_files(&staging, |staging, abandoned| {
                let trial = Staging::beside(&staging.file(DATABASE), "trial")?;
                archive::copy_file(&staging.file(DATABASE), &trial.file(DATABASE), abandoned)
                    .map_err(BackupError::at(trial.dir()))?;
                Ok::<_, BackupError>(trial)
            });
            let trial = trial.await??;
            look_through(settings, &trial, &key_file, to).await?
        } else {
            look_through(settings, &staging, &key_file, to).await?
        };
        let files = with_files(&staging, |staging, abandoned| {
            let mut files = std::collections::BTreeMap::new();
            for name in [KEY, DATABASE] {
                let path = staging.file(name);
                if path.exists() {
                    let part = Part::of(&path, abandoned).map_err(BackupError::at(&path))?;
                    files.insert(name.to_owned(), part);
                }
            }
            Ok::<_, BackupError>(files)
        });
        let files = files.await??;
        let manifest = Manifest {
            format: FORMAT,
            latchkey: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            public_url: settings.public_url.to_string(),
            schema,
            audit_seq: contents.audit_seq,
            audit_hash: contents.audit_hash,
            files,
        };
        let text = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
        let tag = hex::encode(self.inner.keys.tag(Purpose::Backup, &text));
        let packed = with_files(&staging, move |staging, abandoned| {
            let draft = new_file::create(&staging.file(DRAFT))?;
            archive::pack(draft, &manifest, &text, &tag, staging.dir(), abandoned)
        });
        packed.await?.map_err(BackupError::at(to))?;
        let draft = staging.file(DRAFT);
        let bytes = fs::metadata(&draft).map_err(BackupError::at(to))?.len();
        if !is_older {
            self.record_backup(to, key_elsewhere.is_none()).await?;
        }
        new_file::publish(&draft, to).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => taken(),
            _ => BackupError::at(to)(cause),
        })?;
        Ok(Backup {
            bytes,
            made_at,
            audit_seq: contents.audit_seq,
            key_elsewhere,
            is_older,
        })
    }

    async fn copy_database(&self, to: &Path) -> Result<(), BackupError> {
        // SQLite writes into an empty file, so it is one that only we may read.
        drop(new_file::create(to).map_err(BackupError::at(to))?);
        let name = to
            .to_str()
            .ok_or_else(|| BackupError::unfit(to, BackupFault::PathNotUnicode))?;
        self.check_database_file().await?;
        database::copy::into_file(self.db(), name).await?;
        Ok(())
    }

    async fn record_backup(&self, to: &Path, has_key: bool) -> Result<(), BackupError> {
        let mut tx = (self.begin(Actor::Operator, &RequestOrigin::default())).await?;
        let file = to.file_name().unwrap_or_default().to_string_lossy();
        let event = BackupMade {
            file: file.into_owned(),
            has_key,
        };
        tx.apply(event).await?;
        Ok(tx.commit().await?)
    }
}
