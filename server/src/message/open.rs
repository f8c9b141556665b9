//! Why the data cannot be opened.

use super::access;
use latchkey_engine::{
    AccessFault, DatabaseObstacle, KeyTextError, LostData, MasterKeyFault, MetadataFault,
    OpenError, PublicUrlFault,
};
use std::path::{Path, PathBuf};

/// Why the data cannot be opened, and what to do.
pub(crate) fn message(error: &OpenError) -> String {
    match error {
        OpenError::DataDir {
            path,
            cause,
            access,
        } => format!(
            "The data directory {} cannot be used: {cause}. {}, or name another with --data-dir or LATCHKEY_DATA_DIR.",
            path.display(),
            remedy(access.as_ref(), "Make it writable for this user")
        ),
        OpenError::DataUnsafe { path, exposure } => format!(
            "{} is not safe to use: {}.",
            path.display(),
            access::exposure(path, exposure)
        ),
        OpenError::MasterKey { path, fault } => format!(
            "The master key file {} cannot be used: {}.",
            path.display(),
            master_key(path, fault)
        ),
        OpenError::DatabaseNewer(step) => format!(
            "The database is newer than this program: it has the migration `{step}`, which this version does not know. Run the newer version, or restore a backup from before the upgrade."
        ),
        OpenError::DatabaseFile {
            path,
            cause,
            access,
        } => format!(
            "The database {} cannot be made: {cause}. {}.",
            path.display(),
            remedy(access.as_ref(), "Make its directory writable for this user")
        ),
        OpenError::DatabaseUnusable { path, obstacle } => format!(
            "The database {} cannot be opened: {}.",
            path.display(),
            in_the_way(obstacle)
        ),
        OpenError::DatabaseGone(path) => {
            let path = path.display();
            format!(
                "The database {path} is gone, and the log of its last changes ({path}-wal) is still there. Put the file back; or, to start afresh, take the log away too."
            )
        }
        OpenError::DataGone {
            key,
            database,
            state,
        } => format!(
            "The master key {} is there, but not the data that belongs to it: the database {} {}. Put the database back (latchkey.db, and latchkey.db-wal if there was one), or take what is left of it away and run: latchkey restore BACKUP. To begin anew, move the key away too. Nothing was changed.",
            key.display(),
            name(database.as_ref()),
            lost(*state)
        ),
        OpenError::DatabaseForeign(database) => format!(
            "The database {} belongs to another program: it has tables, and none of them is Latchkey's. Name another one.",
            name(database.as_ref())
        ),
        OpenError::Database(cause) => format!("The database cannot be opened: {cause}"),
        OpenError::PublicUrl(url, fault) => {
            format!(
                "The public URL {url} cannot be used: {}.",
                public_url(fault)
            )
        }
        OpenError::Metadata(path, fault) => format!(
            "The metadata file {} cannot be used: {}.",
            path.display(),
            metadata(fault)
        ),
        OpenError::Entropy(cause) => format!("The system gives no random bytes: {cause}"),
    }
}

/// A sentence about a file, without its full stop; `otherwise` if nothing is known.
fn remedy(access: Option<&AccessFault>, otherwise: &str) -> String {
    access.map_or_else(
        || otherwise.to_owned(),
        |fault| format!("It {}", access::fault(fault)),
    )
}

fn name(database: Option<&PathBuf>) -> String {
    database.map_or_else(
        || "that is configured".to_owned(),
        |path| path.display().to_string(),
    )
}

const fn lost(state: LostData) -> &'static str {
    match state {
        LostData::Missing => "is not there",
        LostData::Empty => "is empty",
        LostData::WithoutTables => "has none of its tables",
    }
}

fn in_the_way(obstacle: &DatabaseObstacle) -> String {
    match obstacle {
        DatabaseObstacle::FullDisk => "its disk is full; make room there".to_owned(),
        DatabaseObstacle::NotADatabase => {
            "it is no SQLite database; put the right file there, or restore a backup".to_owned()
        }
        DatabaseObstacle::NoAccess { path, fault } => {
            format!("{} {}", path.display(), access::fault(fault))
        }
    }
}

fn master_key(path: &Path, fault: &MasterKeyFault) -> String {
    match fault {
        MasterKeyFault::Missing => "it is missing, and this database was written with it; put it back. To start afresh, take the database away too".to_owned(),
        MasterKeyFault::Gone => "it is gone".to_owned(),
        MasterKeyFault::Unreadable { cause, access } => {
            let access = access.as_ref().map(|fault| format!("; it {}", access::fault(fault)));
            format!("it cannot be read: {cause}{}", access.unwrap_or_default())
        }
        MasterKeyFault::NotMade(cause) => format!("it cannot be made: {cause}"),
        MasterKeyFault::Exposed(exposure) => access::exposure(path, exposure),
        MasterKeyFault::Malformed(error) => key_text(*error),
        MasterKeyFault::OfAnotherDatabase => "it is not the one with which this database was written; put that one back (after a rotation: as a line of its own below the new one)".to_owned(),
        MasterKeyFault::StoredKeyChanged(id) => {
            format!("the key {id} in the database was changed; restore a backup")
        }
        MasterKeyFault::StoredKeys(error) => format!("{error}; restore a backup"),
    }
}

fn key_text(error: KeyTextError) -> String {
    match error {
        KeyTextError::Empty => "it holds no key; restore it from a backup, or take it and the database away to start afresh (every device then registers again)".to_owned(),
        KeyTextError::NotAKey { line } => format!("line {line} is not 32 bytes in base64"),
        KeyTextError::Repeated { line, first } => {
            format!("line {line} has the same key as line {first}; remove one of them")
        }
    }
}

fn metadata(fault: &MetadataFault) -> String {
    match fault {
        MetadataFault::Unreadable(cause) => format!("it cannot be read: {cause}"),
        MetadataFault::Malformed => {
            "it is not what https://mds3.fidoalliance.org returns; download it again, and do not unpack it".to_owned()
        }
        MetadataFault::Untrusted(cause) => {
            format!("its certificates do not lead to the FIDO Metadata Service ({cause}); download it again")
        }
        MetadataFault::Signature => "it was changed after it was signed; download it again".to_owned(),
        MetadataFault::NoModel => {
            "it has none of the models in passkey.aaguids, or they are compromised".to_owned()
        }
    }
}

fn public_url(fault: &PublicUrlFault) -> &str {
    match fault {
        PublicUrlFault::Address => {
            "passkeys need a name, not an address; use a domain, or localhost to try it out"
        }
        PublicUrlFault::NoHost => "it names no host",
        PublicUrlFault::NotHttps => {
            "browsers allow passkeys and Secure cookies over https only (or on localhost); write https://…"
        }
        PublicUrlFault::NotAnOrigin => "write only scheme and host, like https://login.example.com",
        PublicUrlFault::Refused(cause) => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_engine::Exposure;

    #[test]
    fn a_message_names_the_file_and_says_what_to_do() {
        let key = |fault| OpenError::MasterKey {
            path: "/data/master.key".into(),
            fault,
        };
        for (error, expected) in [
            (
                OpenError::DatabaseNewer("m2099".to_owned()),
                "The database is newer than this program: it has the migration `m2099`",
            ),
            (
                key(MasterKeyFault::Missing),
                "The master key file /data/master.key cannot be used: it is missing, and this database was written with it; put it back.",
            ),
            (
                key(MasterKeyFault::OfAnotherDatabase),
                "it is not the one with which this database was written; put that one back (",
            ),
            (
                key(MasterKeyFault::Exposed(Exposure::ReadableKey {
                    mode: 0o644,
                })),
                "may read it (mode 644); run: chmod 600 /data/master.key.",
            ),
            (
                key(KeyTextError::NotAKey { line: 2 }.into()),
                "line 2 is not 32 bytes in base64.",
            ),
            (
                key(KeyTextError::Repeated { line: 4, first: 2 }.into()),
                "line 4 has the same key as line 2; remove one of them.",
            ),
        ] {
            let message = message(&error);
            assert!(message.contains(expected), "{message}");
        }
    }
}
