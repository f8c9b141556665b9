//! Giving what was restored its names. Nothing is overwritten, whoever else begins or restores a Latchkey there meanwhile.

use super::{BackupError, ExistingFile};
use crate::{database, database::new_file, keys::master_key_text};
use std::{fs, io, path::Path};
use zeroize::Zeroizing;

/// Neither a database, nor what SQLite keeps beside one, is in the way.
pub(super) fn refuse_to_overwrite(database: &Path) -> Result<(), BackupError> {
    let files = [
        ("", ExistingFile::Database),
        ("-wal", ExistingFile::OrphanedLog),
        ("-shm", ExistingFile::OrphanedIndex),
        ("-journal", ExistingFile::OrphanedLog),
    ];
    for (suffix, file) in files {
        let path = database::file::beside(database, suffix);
        if fs::symlink_metadata(&path).is_ok() {
            return Err(BackupError::Exists { path, file });
        }
    }
    Ok(())
}

/// Two key files must hold the same keys.
pub(super) fn refuse_another_key(brought: &Path, key_file: &Path) -> Result<(), BackupError> {
    match master_key_text::are_same(&read(brought)?, &read(key_file)?) {
        true => Ok(()),
        false => Err(BackupError::Exists {
            path: key_file.to_owned(),
            file: ExistingFile::OtherMasterKey,
        }),
    }
}

/// Gives the key that the backup brought its name, if it is not there yet, and then the database.
pub(super) fn put(
    brought: Option<&Path>,
    key_file: &Path,
    staged: &Path,
    database: &Path,
) -> Result<(), BackupError> {
    refuse_to_overwrite(database)?;
    let is_made = match brought {
        Some(key) => put_key(key, key_file)?,
        None => false,
    };
    let put = new_file::publish(staged, database);
    // Where a database has appeared, it may be under this key already, and its owner needs it.
    if put.is_err() && is_made && fs::symlink_metadata(database).is_err() {
        fs::remove_file(key_file).map_err(BackupError::at(key_file))?;
    }
    put.map_err(|cause| match cause.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists {
            path: database.to_owned(),
            file: ExistingFile::NewDatabase,
        },
        _ => BackupError::at(database)(cause),
    })
}

/// Whether it was made; the same key may have been put there meanwhile.
fn put_key(brought: &Path, key_file: &Path) -> Result<bool, BackupError> {
    let text = master_key_text::with_database(&read(brought)?);
    match new_file::write(key_file, text.as_bytes()) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            refuse_another_key(brought, key_file).map(|()| false)
        }
        Err(cause) => Err(BackupError::at(key_file)(cause)),
    }
}

fn read(key: &Path) -> Result<Zeroizing<String>, BackupError> {
    fs::read_to_string(key)
        .map(Zeroizing::new)
        .map_err(BackupError::at(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A key and a database that were restored, and where they belong.
    struct Desk {
        dir: tempfile::TempDir,
    }

    impl Desk {
        fn new() -> Self {
            let desk = Self {
                dir: tempfile::tempdir().unwrap(),
            };
            fs::write(desk.at("brought"), "brought\n").unwrap();
            fs::write(desk.at("staged"), "data").unwrap();
            desk
        }

        fn at(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        fn put(&self) -> Result<(), BackupError> {
            let [brought, key, staged, database] =
                ["brought", "master.key", "staged", "latchkey.db"].map(|name| self.at(name));
            put(Some(&brought), &key, &staged, &database)
        }

        fn text(&self, name: &str) -> String {
            fs::read_to_string(self.at(name)).unwrap()
        }
    }

    #[test]
    fn field_1_restore_never_overwrites_a_key_created_meanwhile() {
        // Somebody began a Latchkey there: its database is seen before the key is touched.
        let begun = Desk::new();
        fs::write(begun.at("master.key"), "another\n").unwrap();
        fs::write(begun.at("latchkey.db"), "theirs").unwrap();
        let refused = begun.put().unwrap_err();
        assert!(
            matches!(&refused, BackupError::Exists { path, .. } if path.ends_with("latchkey.db")),
            "{refused}"
        );
        assert_eq!(begun.text("master.key"), "another\n");
        assert_eq!(begun.text("latchkey.db"), "theirs");

        // Another restore got as far as its key.
        let beside = Desk::new();
        fs::write(beside.at("master.key"), "another\n").unwrap();
        let refused = beside.put().unwrap_err();
        let file = ExistingFile::OtherMasterKey;
        assert!(
            matches!(refused, BackupError::Exists { file: found, .. } if found == file),
            "{refused}"
        );
        assert_eq!(beside.text("master.key"), "another\n");
        assert!(!beside.at("latchkey.db").exists());

        // The same backup, by a restore that was killed before it came to the database.
        let again = Desk::new();
        fs::write(again.at("master.key"), "# note\nbrought\n").unwrap();
        again.put().unwrap();
        assert_eq!(again.text("latchkey.db"), "data");
    }

    #[test]
    fn field_1_restore_removes_the_key_if_the_database_cannot_be_installed() {
        let desk = Desk::new();
        fs::remove_file(desk.at("staged")).unwrap();
        desk.put().unwrap_err();
        assert!(!desk.at("master.key").exists());
    }

    #[test]
    fn field_1_a_restored_key_is_marked_as_having_a_database() {
        let desk = Desk::new();
        desk.put().unwrap();
        let text = desk.text("master.key");
        assert!(text.starts_with("# Made by Latchkey together with its database."));
        assert!(text.ends_with("\nbrought\n"), "{text}");
    }
}
