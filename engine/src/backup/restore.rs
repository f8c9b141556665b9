//! Restoring a backup: into a place where nothing is, in whole or not at all.
//!
//! 1. What is there already is never overwritten; nor does a database come to lie beside another one's write-ahead log,
//!    which SQLite would take for its own.
//! 2. The parts are unpacked beside the database's place and compared with the manifest, and the manifest with its tag.
//! 3. The copy is opened with the master key and looked through, as when it was made.
//! 4. What must not come back ends: sessions, enrolment links and recovery codes, which may have ended or been used since; devices in
//!    recovery, which may have been cancelled; and devices' sign-ins, whose cookies may have been replaced since.
//! 5. The key is put in its place, then the database. Who is killed in between finds a key without its data, which is
//!    told, and can restore again.

use super::{
    BackupError, BackupFault, BackupOperation,
    archive::{self, DATABASE, KEY, Unpacked},
    inspection::open_copy,
    install::{self, refuse_to_overwrite},
    staging::{Staging, with_files},
};
use crate::{
    DataFault, Engine, MasterKeyFault, OpenError, RequestOrigin, Settings,
    audit::chain::unhex,
    database,
    database::data_dir,
    identity,
    identity::cascade::{self, EndedPasskeys, end_authority},
    identity::store::recovery_mail,
    keys::{keyring::Purpose, master_key_file},
    notification, risk, tokens,
    unit_of_work::Actor,
};
use latchkey_domain::event::{BackupRestored, Ended};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use time::OffsetDateTime;

/// What to do besides.
#[derive(Debug, Clone, Copy, Default)]
pub struct RestoreOptions {
    /// Devices that were signed in stay signed in. Otherwise each comes back with its user's next proof: a copy of a cookie that
    /// a later proof made worthless would be good again.
    pub keep_sign_ins: bool,
    /// A backup that brings a key of its own is refused: whoever replaced all of it replaced the key too.
    pub without_key: bool,
}

/// A backup that was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// When it was made. What happened since is lost.
    pub made_at: OffsetDateTime,
    /// How far the audit log had come.
    pub audit_seq: i64,
    /// The address under which people reached Latchkey.
    pub public_url: String,
    /// The database.
    pub database: PathBuf,
    /// Sessions that ended.
    pub sessions: u64,
    /// Enrolment links that ended.
    pub links: u64,
    /// Recovery codes that ended, used ones not counted.
    pub recovery_codes: u64,
    /// Values that were sealed under keys that are not here any more.
    pub unreadable: u64,
    /// The master key file.
    pub key_file: PathBuf,
    /// Whether the key in it is the backup's, and was not there before.
    pub brought_key: bool,
    /// How others can reach the data directory or the key.
    pub data_faults: Vec<DataFault>,
}

impl Engine {
    /// Restores a backup to where these settings have the database and the master key.
    ///
    /// # Errors
    /// [`BackupError`]; then nothing was restored.
    pub async fn restore(
        settings: &Settings,
        from: &Path,
        options: RestoreOptions,
    ) -> Result<Restored, BackupError> {
        let url = database::url::of_settings(settings.database_url.as_deref(), &settings.data_dir);
        let database =
            database::url::path(&url).ok_or(BackupError::NotEmbedded(BackupOperation::Restore))?;
        refuse_to_overwrite(&database)?;
        let mut data_faults = data_dir::prepare(&settings.data_dir)?;
        let staging = Arc::new(Staging::beside(&database, "restore")?);
        let archive = from.to_owned();
        let unpacked = with_files(&staging, move |staging, abandoned| {
            archive::unpack(&archive, staging.dir(), abandoned)
        });
        let unpacked = unpacked.await??;
        let key_file = settings.key_file();
        if options.without_key && staging.file(KEY).exists() {
            return Err(BackupError::unfit(from, BackupFault::UnexpectedMasterKey));
        }
        let (key, is_new) = the_key(&staging, &key_file, from)?;
        refuse_untagged(&unpacked, &key, from)?;

        let copy = open_copy(settings, &staging, &key, from).await?;
        data_faults.extend_from_slice(copy.data_faults());
        let done = async {
            let contents = copy.contents(from).await?;
            let said = (
                unpacked.manifest.audit_seq,
                unpacked.manifest.audit_hash.as_str(),
            );
            if (contents.audit_seq, contents.audit_hash.as_str()) != said {
                return Err(BackupError::unfit(from, BackupFault::OtherAuditLog));
            }
            let (sessions, links, recovery_codes) = copy
                .end_what_must_not_return(unpacked.manifest.made_at, options)
                .await?;
            Ok(Restored {
                made_at: unpacked.manifest.made_at,
                audit_seq: contents.audit_seq,
                public_url: unpacked.manifest.public_url.clone(),
                database: database.clone(),
                sessions,
                links,
                recovery_codes,
                unreadable: contents.unreadable,
                key_file: key_file.clone(),
                brought_key: is_new,
                data_faults,
            })
        };
        let done = done.await;
        // Closed, its file has everything; with a log left over, it would not.
        copy.close().await;
        let done = done?;
        let staged = staging.file(DATABASE);
        if fs::metadata(database::file::beside(&staged, "-wal")).is_ok_and(|log| log.len() > 0) {
            return Err(BackupError::unfit(&staged, BackupFault::Incomplete));
        }
        install::put(is_new.then_some(&*key), &key_file, &staged, &database)?;
        Ok(done)
    }

    /// Ends sessions, unused enrolment links and recovery codes: since the backup they may have been ended or used, and would be
    /// good again. Which codes were used since then is not in the backup, so none is left. Tells the audit log.
    async fn end_what_must_not_return(
        &self,
        made_at: OffsetDateTime,
        options: RestoreOptions,
    ) -> Result<(u64, u64, u64), BackupError> {
        let mut tx = (self.begin(Actor::Operator, &RequestOrigin::default())).await?;
        let links = identity::store::enrolment::void_unused(&tx).await?;
        let codes = identity::store::recovery::delete_all(&tx).await?;
        let sessions = self.inner.ephemeral.delete_sessions(tx.db()).await?;
        self.inner.ephemeral.delete_values(tx.db()).await?;
        tokens::store::family::delete_all(&tx).await?;
        tokens::store::device_authorization::delete_all(&tx).await?;
        identity::store::approval::end_all(&tx).await?;
        recovery_mail::end(&tx, recovery_mail::Of::Everybody).await?;
        notification::store::mail::delete_all(&tx).await?;
        // Their users may have erased them since, or asked not to be compared.
        risk::store::behaviour_template::delete_all(&tx).await?;
        for device in identity::store::device::list_recovering(&tx).await? {
            let ends = EndedPasskeys::None;
            cascade::end_device(&mut tx, device, ends, self.now()).await?;
        }
        if !options.keep_sign_ins {
            for user in identity::store::user::ids(&tx).await? {
                end_authority(&mut tx, user, "a backup was restored", self.now()).await?;
            }
        }
        let event = BackupRestored {
            made_on: made_at.date(),
            ended: Ended::new([
                (sessions, "session"),
                (links, "enrolment link"),
                (codes, "recovery code"),
            ]),
        };
        tx.apply(event).await?;
        tx.commit().await?;
        Ok((sessions, links, codes))
    }
}

/// The file of the key with which the copy is opened, and whether it is the backup's and to be put in its place.
fn the_key(
    staging: &Staging,
    key_file: &Path,
    from: &Path,
) -> Result<(PathBuf, bool), BackupError> {
    let brought = staging.file(KEY);
    match (brought.exists(), master_key_file::read(key_file)?.is_some()) {
        (true, false) => Ok((brought, true)),
        (true, true) => {
            install::refuse_another_key(&brought, key_file)?;
            Ok((key_file.to_owned(), false))
        }
        (false, true) => Ok((key_file.to_owned(), false)),
        (false, false) => {
            let key_file = key_file.to_owned();
            Err(BackupError::unfit(
                from,
                BackupFault::NoMasterKey { key_file },
            ))
        }
    }
}

fn refuse_untagged(unpacked: &Unpacked, key: &Path, from: &Path) -> Result<(), BackupError> {
    let keys = master_key_file::read(key)?
        .map(|found| found.keys)
        .ok_or_else(|| OpenError::MasterKey {
            path: key.to_owned(),
            fault: MasterKeyFault::Gone,
        })?;
    let tag = unhex(&unpacked.tag).unwrap_or_default();
    match keys.is_tag_of(Purpose::Backup, &unpacked.manifest_text, &tag) {
        true => Ok(()),
        false => Err(BackupError::unfit(from, BackupFault::WrongTag)),
    }
}

#[cfg(test)]
mod tests;
