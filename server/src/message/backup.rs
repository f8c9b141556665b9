//! Why a backup is not made or not restored.

use super::open;
use latchkey_engine::{
    BackupError, BackupFault, BackupOperation, Error, ExistingFile, SealedValue,
};

/// Why a backup was not made or restored, and what to do.
pub(crate) fn message(error: &BackupError) -> String {
    match error {
        BackupError::NotEmbedded(operation) => {
            let command = match operation {
                BackupOperation::BackUp => "latchkey backup",
                BackupOperation::Restore => "latchkey restore",
            };
            format!(
                "The database is not SQLite in a file, so {command} does nothing here. Use the database's own tools (pg_dump and pg_restore, mysqldump), and keep the master key with what they make: without it nothing of it can be read."
            )
        }
        BackupError::Exists { path, file } => format!(
            "{} is there already, and nothing is overwritten. {}",
            path.display(),
            remedy(*file)
        ),
        BackupError::File { path, cause } => format!("cannot use {}: {cause}", path.display()),
        BackupError::Unfit { path, fault } => format!(
            "{} cannot be used: {}. Nothing was changed.",
            path.display(),
            unfit(fault)
        ),
        BackupError::Open(error) => open::message(error),
        BackupError::Failed(Error::Internal(cause)) => format!("the database fails: {cause}"),
        BackupError::Failed(error) => format!("the database fails: {error}"),
    }
}

const fn remedy(file: ExistingFile) -> &'static str {
    match file {
        ExistingFile::Backup => "Name another file.",
        ExistingFile::Database => {
            "Name an empty data directory with --data-dir, or stop Latchkey and move this file away."
        }
        ExistingFile::OrphanedLog => {
            "It has the last changes of a database that is gone, and would be taken for the restored one's: move it away."
        }
        ExistingFile::OrphanedIndex => "It belongs to a database that is gone: delete it.",
        ExistingFile::NewDatabase => {
            "It was made while the backup was looked through: stop whoever made it, move it and the master key away, and restore again."
        }
        ExistingFile::OtherMasterKey => {
            "It is another master key than the backup's: move it away, or keep it if the backup is of something else."
        }
    }
}

fn unfit(fault: &BackupFault) -> String {
    let text = match fault {
        BackupFault::Unreadable(cause) => return format!("it cannot be read ({cause})"),
        BackupFault::FileChanged(name) => {
            return format!("its {name} is not what its manifest says: it was cut off or changed");
        }
        BackupFault::NoMasterKey { key_file } => {
            return format!(
                "the master key is not in it and not at {}; put it there first",
                key_file.display()
            );
        }
        BackupFault::Damaged(cause) => return format!("its database is damaged ({cause})"),
        BackupFault::ChainBroken { seq } => {
            return format!(
                "the chain of its audit log is broken at entry {seq}: the entry, or the one before it, is not what was written"
            );
        }
        BackupFault::NotABackup => "it is not a backup that Latchkey made",
        BackupFault::NewerFormat => "a newer Latchkey made it; restore it with that one",
        BackupFault::WrongTag => "it was not made with this master key, or was changed since",
        BackupFault::UnexpectedMasterKey => {
            "there is a master key in it, and with --without-key none is expected: if you made it with its key, leave that option out; otherwise somebody may have put another backup in its place"
        }
        BackupFault::OtherAuditLog => "its audit log is not the one that its manifest tells of",
        BackupFault::ValueChanged(SealedValue::TotpSecret) => {
            "the secret of an authenticator app in it does not open: it was changed"
        }
        BackupFault::ValueChanged(SealedValue::Subject) => {
            "a pseudonym in it does not open: it was changed"
        }
        BackupFault::Incomplete => "it could not be written in whole; try again",
        BackupFault::PathNotUnicode => "its path is not Unicode",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_file_and_says_what_to_do() {
        let unfit = |fault| BackupError::Unfit {
            path: "a.backup".into(),
            fault,
        };
        for (error, expected) in [
            (
                BackupError::Exists {
                    path: "data/latchkey.db".into(),
                    file: ExistingFile::Database,
                },
                "data/latchkey.db is there already, and nothing is overwritten. Name an empty",
            ),
            (
                BackupError::Exists {
                    path: "data/master.key".into(),
                    file: ExistingFile::OtherMasterKey,
                },
                "It is another master key than the backup's: move it away,",
            ),
            (
                unfit(BackupFault::ChainBroken { seq: 2 }),
                "a.backup cannot be used: the chain of its audit log is broken at entry 2: ",
            ),
            (
                unfit(BackupFault::ValueChanged(SealedValue::Subject)),
                "a pseudonym in it does not open: it was changed. Nothing was changed.",
            ),
            (
                unfit(BackupFault::NotABackup),
                "it is not a backup that Latchkey made. Nothing was changed.",
            ),
        ] {
            let message = message(&error);
            assert!(message.contains(expected), "{message}");
        }
    }
}
