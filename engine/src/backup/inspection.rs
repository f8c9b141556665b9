//! Looking through the database of a backup, as the program that restores it does.

use super::{BackupError, BackupFault, SealedValue, archive::DATABASE, staging::Staging};
use crate::{ChainReport, Engine, Error, Settings, access, audit, database, identity};
use std::path::Path;

/// What looking through a copy found.
pub(super) struct Contents {
    pub(super) audit_seq: i64,
    pub(super) audit_hash: String,
    /// Sealed values under keys that were taken away.
    pub(super) unreadable: u64,
}

impl Engine {
    /// Looks through everything: the audit log's chain, and whether sealed values open.
    pub(super) async fn contents(&self, shown: &Path) -> Result<Contents, BackupError> {
        // The manifest's tag vouches for all of the log, so a key that was taken away is no reason to have no backups any more.
        let mut walk = self.walk_all().await?.pass_retired();
        while !walk.is_broken() && !walk.next().await?.is_empty() {}
        if let ChainReport::Broken { seq } = walk.report() {
            return Err(BackupError::unfit(shown, BackupFault::ChainBroken { seq }));
        }
        let head = audit::store::head(&self.read())
            .await
            .map_err(Error::from)?;
        let mut unreadable = 0;
        let mut judge = |sealed: &[u8], opened: bool, kind| {
            match (opened, self.inner.keys.knows(sealed)) {
                (true, _) => {}
                (false, false) => unreadable += 1,
                (false, true) => {
                    return Err(BackupError::unfit(shown, BackupFault::ValueChanged(kind)));
                }
            }
            Ok(())
        };
        for secret in identity::store::totp::all(&self.read()).await? {
            judge(
                &secret.sealed,
                self.open_totp_secret(&secret).is_ok(),
                SealedValue::TotpSecret,
            )?;
        }
        for grant in access::store::access_grant::all(&self.read()).await? {
            judge(
                &grant.subject_sealed,
                self.open_subject(&grant).is_ok(),
                SealedValue::Subject,
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
pub(super) async fn open_copy(
    settings: &Settings,
    staging: &Staging,
    key_file: &Path,
    shown: &Path,
) -> Result<Engine, BackupError> {
    let path = staging.file(DATABASE);
    if let Some(fault) = database::copy::damage(&path).await {
        return Err(BackupError::unfit(shown, BackupFault::Damaged(fault)));
    }
    let copy = Settings {
        data_dir: staging.dir().to_owned(),
        database_url: None,
        master_key_file: Some(key_file.to_owned()),
        ..settings.clone()
    };
    Ok(Engine::open(copy).await?)
}

pub(super) async fn look_through(
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
