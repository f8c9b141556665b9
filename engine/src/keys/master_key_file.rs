//! The master key file: one base64 key a line. The first line is the active key; the lines below it are accepted until
//! they are taken out.

use crate::{
    DataFault, Exposure, MasterKeyFault, OpenError, Rng,
    database::{new_file, permissions, permissions::AccessFault},
    keys::{
        keyring::Keyring,
        master_key_text::{HAS_DATABASE, says_database},
    },
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use std::path::Path;
use zeroize::Zeroizing;

/// A master key file that is there.
pub(crate) struct MasterKeyFile {
    pub(crate) keys: Keyring,
    /// Whether Latchkey made it, which it does when the database is complete: so there was one.
    pub(crate) has_database: bool,
    /// What is wrong with it, but does not prevent its use.
    pub(crate) fault: Option<DataFault>,
}

/// Reads the master key file, if there is one.
pub(crate) fn read(path: &Path) -> Result<Option<MasterKeyFile>, OpenError> {
    let refuse = |fault| OpenError::MasterKey {
        path: path.to_owned(),
        fault,
    };
    // A link that leads nowhere is not a missing key: one in its place would be lost with the next mount.
    if std::fs::symlink_metadata(path)
        .is_err_and(|cause| cause.kind() == std::io::ErrorKind::NotFound)
    {
        return Ok(None);
    }
    let unreadable = |cause| {
        refuse(MasterKeyFault::Unreadable {
            access: AccessFault::of(path, &cause),
            cause,
        })
    };
    let fault = inspect(path).map_err(unreadable)?;
    if let Some(fatal) = fault.as_ref().filter(|fault| fault.is_fatal) {
        return Err(refuse(MasterKeyFault::Exposed(fatal.exposure.clone())));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    Ok(Some(MasterKeyFile {
        has_database: says_database(&text),
        keys: Keyring::parse(&text).map_err(|error| refuse(error.into()))?,
        fault,
    }))
}

/// Makes the master key file, with mode 0600, where none is. The caller holds the database's write lock, so that of
/// processes that start together one makes it.
pub(crate) fn make(path: &Path, rng: &Rng) -> Result<Keyring, OpenError> {
    let refuse = |fault| OpenError::MasterKey {
        path: path.to_owned(),
        fault,
    };
    let key = Zeroizing::new(rng.bytes::<32>());
    let line = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(*key));
    let text = Zeroizing::new(format!("{HAS_DATABASE}\n{}\n", *line));
    new_file::write(path, text.as_bytes())
        .map_err(|cause| refuse(MasterKeyFault::NotMade(cause)))?;
    Keyring::parse(&text).map_err(|error| refuse(error.into()))
}

/// Whether a master key file is safe from others. Its group may read it: that is how platforms hand a secret
/// to a process that does not run as root (Kubernetes with `fsGroup`). They mount it read-only, so that
/// nobody can take a mode back that is too wide; then it is told and not refused.
///
/// # Errors
/// When it cannot be looked at.
#[cfg(unix)]
pub fn inspect(path: &Path) -> std::io::Result<Option<DataFault>> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    let fault = |is_fatal, exposure| {
        Ok(Some(DataFault {
            path: path.to_owned(),
            is_fatal,
            exposure,
        }))
    };
    match mode {
        _ if mode & 0o022 != 0 => fault(true, Exposure::WritableKey { mode }),
        _ if mode & 0o004 == 0 => Ok(None),
        _ if permissions::is_on_read_only_mount(path) => {
            fault(false, Exposure::ReadableMountedKey { mode })
        }
        _ => fault(true, Exposure::ReadableKey { mode }),
    }
}

/// Modes are a matter of Unix.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn inspect(_path: &Path) -> std::io::Result<Option<DataFault>> {
    Ok(None)
}
