//! The master key file: one base64 key a line. The first line is the active key; the lines below it are accepted until
//! they are taken out.

use crate::{
    DataFault, OpenError, Rng,
    database::{data_dir, permissions},
    keys::keyring::Keyring,
};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use std::path::Path;
use zeroize::Zeroizing;

/// In a key file that Latchkey made. A key that the operator brought (a secret of the platform) does not say it, and
/// begins a database.
const HAS_DATABASE: &str = "# Made by Latchkey together with its database. While this key is here and the database is not, no new one is begun.";

/// A master key file that is there.
pub(crate) struct MasterKeyFile {
    pub(crate) keys: Keyring,
    /// Whether Latchkey made it, which it does when the database is complete: so there was one.
    pub(crate) has_database: bool,
}

/// The text of a key file that came with a database: it says so, also if Latchkey made it before such files did.
pub(crate) fn with_database(text: &str) -> Zeroizing<String> {
    Zeroizing::new(match says_database(text) {
        true => text.to_owned(),
        false => format!("{HAS_DATABASE}\n{text}"),
    })
}

/// Whether two key files hold the same keys in the same order, whatever else they say.
pub(crate) fn are_same(one: &str, other: &str) -> bool {
    let keys = |(_, line)| line;
    key_lines(one).map(keys).eq(key_lines(other).map(keys))
}

/// A key, and the number of its line, from 1.
pub(crate) struct KeyLine {
    pub(crate) number: usize,
    pub(crate) key: Zeroizing<[u8; 32]>,
}

/// The keys in the text of a master key file.
pub(crate) fn parse(text: &str) -> Result<Vec<KeyLine>, String> {
    let mut keys = Vec::new();
    for (number, line) in key_lines(text) {
        let bytes = Zeroizing::new(BASE64_STANDARD_NO_PAD.decode(line).unwrap_or_default());
        let key: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| format!("line {number} is not 32 bytes in base64"))?;
        keys.push(KeyLine {
            number,
            key: Zeroizing::new(key),
        });
    }
    Ok(keys)
}

fn says_database(text: &str) -> bool {
    text.lines().any(|line| line == HAS_DATABASE)
}

fn key_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number, line.trim().trim_end_matches('=')))
}

/// Reads the master key file, if there is one.
pub(crate) fn read(path: &Path) -> Result<Option<MasterKeyFile>, OpenError> {
    let refuse = |reason: String| OpenError::MasterKey {
        path: path.to_owned(),
        reason,
    };
    // A link that leads nowhere is not a missing key: one in its place would be lost with the next mount.
    if std::fs::symlink_metadata(path)
        .is_err_and(|cause| cause.kind() == std::io::ErrorKind::NotFound)
    {
        return Ok(None);
    }
    let unreadable = |cause| {
        let owner = permissions::remedy(path, &cause).map(|owner| format!("; it {owner}"));
        refuse(format!(
            "it cannot be read: {cause}{}",
            owner.unwrap_or_default()
        ))
    };
    match inspect(path).map_err(unreadable)? {
        Some(fault) if fault.is_fatal => return Err(refuse(fault.reason)),
        Some(fault) => {
            tracing::warn!(path = %path.display(), reason = fault.reason, "others can read the master key");
        }
        None => {}
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(unreadable)?);
    Ok(Some(MasterKeyFile {
        has_database: says_database(&text),
        keys: Keyring::parse(&text).map_err(refuse)?,
    }))
}

/// Makes the master key file, with mode 0600, where none is. The caller holds the database's write lock, so that of
/// processes that start together one makes it.
pub(crate) fn make(path: &Path, rng: &Rng) -> Result<Keyring, OpenError> {
    let refuse = |reason: String| OpenError::MasterKey {
        path: path.to_owned(),
        reason,
    };
    let key = Zeroizing::new(rng.bytes::<32>());
    let line = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(*key));
    let text = Zeroizing::new(format!("{HAS_DATABASE}\n{}\n", *line));
    data_dir::write_new(path, text.as_bytes())
        .map_err(|cause| refuse(format!("it cannot be made: {cause}")))?;
    Keyring::parse(&text).map_err(refuse)
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
    let fault = |is_fatal, reason| {
        Ok(Some(DataFault {
            path: path.to_owned(),
            is_fatal,
            reason,
        }))
    };
    let shown = path.display();
    match mode {
        _ if mode & 0o022 != 0 => fault(
            true,
            format!("others may write to it (mode {mode:o}); run: chmod 600 {shown}"),
        ),
        _ if mode & 0o004 == 0 => Ok(None),
        _ if permissions::is_on_read_only_mount(path) => fault(
            false,
            format!(
                "everybody on this machine may read it (mode {mode:o}), and it is mounted read-only; let the platform give it to Latchkey alone (Kubernetes: defaultMode 0440 and fsGroup; Docker: mode 0400 and uid)"
            ),
        ),
        _ => fault(
            true,
            format!(
                "everybody on this machine may read it (mode {mode:o}); run: chmod 600 {shown}"
            ),
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_key_file_is_rejected_with_the_line() {
        assert_eq!(
            Keyring::parse("# note\nnonsense").err().as_deref(),
            Some("line 2 is not 32 bytes in base64")
        );
        assert!(Keyring::parse("\n").is_err());
    }

    #[test]
    fn keys_keep_the_numbers_of_their_lines() {
        let text = format!("# note\n{0}=\n\n{0}\n", "A".repeat(43));
        let lines = parse(&text).unwrap();
        assert_eq!(
            lines.iter().map(|line| line.number).collect::<Vec<_>>(),
            [2, 4]
        );
    }
}
