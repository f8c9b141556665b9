//! Backups: made beside a running server, checked before they are believed.
//!
//! 1. The database is copied within one read transaction (`VACUUM INTO`), so the copy is what was committed at one moment.
//! 2. The copy is opened with the master key and looked through: the pages, the audit log's chain, the sealed
//!    values. A backup that could not be restored is not made. An older schema is brought up to date in a copy of the copy: the
//!    backup has it as it was, for the version that wrote it.
//! 3. Database, key and manifest go into one archive (`backup/archive.rs`), under another name until it is on the disk.
//!
//! `backup/restore.rs` goes the way back.

mod archive;
mod install;
mod restore;
mod staging;

pub use restore::{RestoreOptions, Restored};

use crate::{
    ChainReport, Engine, Error, OpenError, RequestOrigin, Settings, access, audit,
    audit::chain::Link, database, database::data_dir, identity, keys::keyring::Purpose,
    unit_of_work::Actor,
};
use archive::{DATABASE, FORMAT, KEY, Manifest, Part};
use latchkey_domain::{access::permission::Administrator, event::BackupMade};
use staging::{Staging, with_files};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use time::OffsetDateTime;

/// An archive that is being written.
const DRAFT: &str = "draft";

/// Why a backup was not made or restored; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database is not a file of ours.
    #[error(
        "The database is not SQLite in a file, so {0} does nothing here. Use the database's own tools (pg_dump and pg_restore, mysqldump), and keep the master key with what they make: without it nothing of it can be read."
    )]
    NotEmbedded(&'static str),
    /// A file would be overwritten.
    #[error("{} is there already, and nothing is overwritten. {remedy}", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
        /// What to do.
        remedy: &'static str,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}: {cause}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// What would be backed up or restored is not in order.
    #[error("{} cannot be used: {reason}. Nothing was changed.", path.display())]
    Unfit {
        /// The database or the backup.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The copy cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database does not do what is asked.
    #[error("the database fails: {}", cause(.0))]
    Failed(#[from] Error),
}

fn cause(error: &Error) -> String {
    match error {
        Error::Internal(cause) => cause.to_string(),
        other => other.to_string(),
    }
}

impl BackupError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File {
            path: path.clone(),
            cause,
        }
    }

    fn unfit(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unfit {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}

impl From<sea_orm::DbErr> for BackupError {
    fn from(cause: sea_orm::DbErr) -> Self {
        Self::Failed(cause.into())
    }
}

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

/// What looking through a copy found.
struct Contents {
    audit_seq: i64,
    audit_hash: String,
    /// Sealed values under keys that were taken away.
    unreadable: u64,
}

impl Engine {
    /// Makes a backup: one file with the database as it is at one moment, the master key if it is in the data directory and wanted,
    /// and a manifest. Beside a running server, which goes on meanwhile.
    ///
    /// # Errors
    /// [`BackupError`], in words for the operator; then there is no file.
    pub async fn back_up(
        &self,
        _administrator: &Administrator,
        to: &Path,
        with_key: bool,
    ) -> Result<Backup, BackupError> {
        let settings = &self.inner.settings;
        if self.inner.database_file.is_none() {
            return Err(BackupError::NotEmbedded("latchkey backup"));
        }
        let taken = || BackupError::Exists {
            path: to.to_owned(),
            remedy: "Name another file.",
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
            data_dir::write_new(&staging.file(KEY), &key).map_err(BackupError::at(to))?;
        }
        let staged = staging.file(DATABASE);
        let schema = database::last_step(&staged).await?;
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
            let draft = data_dir::create_new(&staging.file(DRAFT))?;
            archive::pack(draft, &manifest, &text, &tag, staging.dir(), abandoned)
        });
        packed.await?.map_err(BackupError::at(to))?;
        let draft = staging.file(DRAFT);
        let bytes = fs::metadata(&draft).map_err(BackupError::at(to))?.len();
        if !is_older {
            self.record_backup(to, key_elsewhere.is_none()).await?;
        }
        data_dir::publish(&draft, to).map_err(|cause| match cause.kind() {
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
        drop(data_dir::create_new(to).map_err(BackupError::at(to))?);
        let name = to
            .to_str()
            .ok_or_else(|| BackupError::unfit(to, "its path is not Unicode"))?;
        self.check_database_file().await?;
        database::copy_into(self.db(), name).await?;
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

    /// Looks through everything: the audit log's chain, and whether sealed values open.
    async fn contents(&self, shown: &Path) -> Result<Contents, BackupError> {
        // The manifest's tag vouches for all of the log, so a key that was taken away is no reason to have no backups any more.
        let mut walk = self.walk(Link::START).await?.pass_retired();
        while !walk.is_broken() && !walk.next().await?.is_empty() {}
        if let ChainReport::Broken { seq } = walk.report() {
            let reason = format!(
                "the chain of its audit log is broken at entry {seq}: the entry, or the one before it, is not what was written"
            );
            return Err(BackupError::unfit(shown, reason));
        }
        let head = audit::store::head(&self.read()).await?;
        let mut unreadable = 0;
        let mut judge =
            |sealed: &[u8], opened: bool, what: &str| match (opened, self.inner.keys.knows(sealed))
            {
                (true, _) => Ok(()),
                (false, false) => {
                    unreadable += 1;
                    Ok(())
                }
                (false, true) => Err(BackupError::unfit(
                    shown,
                    format!("{what} in it does not open: it was changed"),
                )),
            };
        for secret in identity::store::totp::all(&self.read()).await? {
            judge(
                &secret.sealed,
                self.open_totp_secret(&secret).is_ok(),
                "the secret of an authenticator app",
            )?;
        }
        for grant in access::store::access_grant::all(&self.read()).await? {
            judge(
                &grant.subject_sealed,
                self.open_subject(&grant).is_ok(),
                "a pseudonym",
            )?;
        }
        Ok(Contents {
            audit_seq: head.seq,
            audit_hash: hex::encode(&head.hash),
            unreadable,
        })
    }
}

/// Opens the copied database with a key, as a data directory of its own, and looks through it. Brings an older schema up to
/// date on the way.
async fn open_copy(
    settings: &Settings,
    staging: &Staging,
    key_file: &Path,
    shown: &Path,
) -> Result<Engine, BackupError> {
    let path = staging.file(DATABASE);
    if let Some(fault) = database::damage(&path).await {
        return Err(BackupError::unfit(
            shown,
            format!("its database is damaged ({fault})"),
        ));
    }
    let copy = Settings {
        data_dir: staging.dir().to_owned(),
        database_url: None,
        master_key_file: Some(key_file.to_owned()),
        ..settings.clone()
    };
    Ok(Engine::open(copy).await?)
}

async fn look_through(
    settings: &Settings,
    staging: &Staging,
    key_file: &Path,
    shown: &Path,
) -> Result<Contents, BackupError> {
    let copy = open_copy(settings, staging, key_file, shown).await?;
    let contents = copy.contents(shown).await;
    copy.close().await;
    contents
}
