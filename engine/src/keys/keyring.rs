//! Keys. One master key file; every other key is derived from it with HKDF-SHA256 (RFC 5869) under
//! a purpose, so that no key serves two ends.
//!
//! The file holds one base64 key a line. The first line is the active one; the others are on their
//! way out and still accepted, so that a rotation signs nobody out. A line taken away is retired:
//! what it signed or sealed is refused from then on.

use crate::{DataFault, OpenError, Rng, database::data_dir, database::permissions};
use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};
use p256::ecdsa::SigningKey;
use ring::{digest, hkdf, hmac};
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of a key id in front of whatever the key made.
pub(crate) const KEY_ID_BYTES: usize = 4;

/// Bytes of an HMAC-SHA256 tag.
pub(crate) const TAG_BYTES: usize = 32;

/// In a key file that Latchkey made. A key that somebody brought (a secret of the platform) does not say it, and begins
/// a database.
const HAS_DATABASE: &str = "# Made by Latchkey together with its database. While this key is here and the database is not, no new one is begun.";

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

fn says_database(text: &str) -> bool {
    text.lines().any(|line| line == HAS_DATABASE)
}

/// The lines that are keys, with their places.
fn key_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(place, line)| (place, line.trim().trim_end_matches('=')))
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Tags device cookies.
    Cookie,
    /// Signs device secrets for storage.
    DeviceSecret,
    /// Links the audit log's entries.
    Audit,
    /// Names targets that are kept.
    Target,
    /// Tags the manifests of backups.
    Backup,
}

/// Names a master key: the first bytes of a value derived from it.
pub(crate) type KeyId = [u8; KEY_ID_BYTES];

struct Generation {
    id: KeyId,
    cookie: hmac::Key,
    device_secret: hmac::Key,
    audit: hmac::Key,
    target: hmac::Key,
    backup: hmac::Key,
    seal: Zeroizing<[u8; 32]>,
    web: Zeroizing<[u8; 64]>,
    assertion: SigningKey,
    checkpoint: SigningKey,
}

/// The keys in force, the active one first.
pub(crate) struct Keyring(Vec<Generation>);

/// A master key file that is there.
pub(crate) struct Found {
    pub(crate) keys: Keyring,
    /// Whether Latchkey made it, which it does when the database is complete: so there was one.
    pub(crate) has_database: bool,
}

impl Keyring {
    /// Reads the master key file, if there is one.
    pub(crate) fn read(path: &Path) -> Result<Option<Found>, OpenError> {
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
            let whose = permissions::remedy(path, &cause).map(|whose| format!("; it {whose}"));
            refuse(format!(
                "it cannot be read: {cause}{}",
                whose.unwrap_or_default()
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
        Ok(Some(Found {
            has_database: says_database(&text),
            keys: Self::parse(&text).map_err(refuse)?,
        }))
    }

    /// Makes the master key file, with mode 0600, where none is. The caller holds the database's write lock, so that
    /// of processes that start together one makes it.
    pub(crate) fn make(path: &Path, rng: &Rng) -> Result<Self, OpenError> {
        let key = Zeroizing::new(rng.bytes::<32>());
        let line = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(*key));
        let text = Zeroizing::new(format!("{HAS_DATABASE}\n{}\n", *line));
        data_dir::write_new(path, text.as_bytes()).map_err(|cause| OpenError::MasterKey {
            path: path.to_owned(),
            reason: format!("it cannot be made: {cause}"),
        })?;
        Ok(Self(vec![Generation::derive(&key)]))
    }

    /// Keys from the text of a master key file.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut generations = Vec::new();
        for (number, line) in key_lines(text) {
            let bytes = Zeroizing::new(BASE64_STANDARD_NO_PAD.decode(line).unwrap_or_default());
            let master: &[u8; 32] = bytes
                .as_slice()
                .try_into()
                .map_err(|_| format!("line {} is not 32 bytes in base64", number + 1))?;
            generations.push(Generation::derive(master));
        }
        if generations.is_empty() {
            return Err("it holds no key; restore it from a backup, or take it and the database away to start afresh (every device then registers again)".to_owned());
        }
        Ok(Self(generations))
    }

    /// Whether something was tagged under one of these keys: whether its key id is one of theirs.
    pub(crate) fn knows(&self, tag: &[u8]) -> bool {
        tag.first_chunk().is_some_and(|id| self.of(*id).is_some())
    }

    fn active(&self) -> &Generation {
        &self.0[0]
    }

    fn of(&self, id: KeyId) -> Option<&Generation> {
        self.0.iter().find(|generation| generation.id == id)
    }

    /// The active key's id.
    pub(crate) fn active_id(&self) -> KeyId {
        self.active().id
    }

    /// The key that seals values for storage, by id.
    pub(crate) fn sealing(&self, id: KeyId) -> Option<&[u8; 32]> {
        self.of(id).map(|generation| &*generation.seal)
    }

    /// The key that signs assertions.
    pub(crate) fn assertion(&self) -> (KeyId, &SigningKey) {
        (self.active().id, &self.active().assertion)
    }

    /// The keys under which assertions may have been signed, the active one first.
    pub(crate) fn assertions(&self) -> impl Iterator<Item = (KeyId, &SigningKey)> {
        self.0
            .iter()
            .map(|generation| (generation.id, &generation.assertion))
    }

    /// The keys under which checkpoints of the audit log may have been signed, the active one first.
    pub(crate) fn checkpoints(&self) -> impl Iterator<Item = &SigningKey> {
        self.0.iter().map(|generation| &generation.checkpoint)
    }

    /// The key that signs checkpoints.
    pub(crate) fn checkpoint(&self) -> &SigningKey {
        &self.active().checkpoint
    }

    /// A key for the web layer's own sealed cookies.
    pub(crate) fn web(&self) -> [u8; 64] {
        *self.active().web
    }

    /// Tags data under the active key: key id, then HMAC-SHA256.
    pub(crate) fn tag(&self, purpose: Purpose, data: &[u8]) -> [u8; KEY_ID_BYTES + TAG_BYTES] {
        let mut out = [0; KEY_ID_BYTES + TAG_BYTES];
        out[..KEY_ID_BYTES].copy_from_slice(&self.active().id);
        out[KEY_ID_BYTES..].copy_from_slice(self.active().mac(purpose, data).as_ref());
        out
    }

    /// Checks a tag made by [`Keyring::tag`] under any key in force. Constant-time in the tag; an
    /// unknown key id, or none, costs the same work as a wrong tag.
    pub(crate) fn is_tag_of(&self, purpose: Purpose, data: &[u8], tag: &[u8]) -> bool {
        let (id, tag) = tag
            .split_first_chunk::<KEY_ID_BYTES>()
            .unwrap_or((&[0; _], &[]));
        let known = self.of(*id);
        let is_right = known
            .unwrap_or_else(|| self.active())
            .is_mac(purpose, data, tag);
        known.is_some() && is_right
    }
}

impl Generation {
    fn derive(master: &[u8; 32]) -> Self {
        let hkdf = hkdf::Salt::new(hkdf::HKDF_SHA256, b"latchkey").extract(master);
        let mac = |info| hmac::Key::new(hmac::HMAC_SHA256, &*expand::<64>(&hkdf, info));
        Self {
            id: *expand::<KEY_ID_BYTES>(&hkdf, b"key id"),
            cookie: mac(b"device cookie tag"),
            device_secret: mac(b"device secret signature"),
            audit: mac(b"audit chain"),
            target: mac(b"kept target"),
            backup: mac(b"backup manifest"),
            seal: expand(&hkdf, b"sealed values"),
            web: expand(&hkdf, b"web cookies"),
            assertion: signing_key(&hkdf, b"assertion "),
            checkpoint: signing_key(&hkdf, b"audit checkpoint "),
        }
    }

    fn mac(&self, purpose: Purpose, data: &[u8]) -> hmac::Tag {
        #[cfg(test)]
        work::note(data.len());
        hmac::sign(self.key(purpose), data)
    }

    fn is_mac(&self, purpose: Purpose, data: &[u8], tag: &[u8]) -> bool {
        #[cfg(test)]
        work::note(data.len());
        hmac::verify(self.key(purpose), data, tag).is_ok()
    }

    fn key(&self, purpose: Purpose) -> &hmac::Key {
        match purpose {
            Purpose::Cookie => &self.cookie,
            Purpose::DeviceSecret => &self.device_secret,
            Purpose::Audit => &self.audit,
            Purpose::Target => &self.target,
            Purpose::Backup => &self.backup,
        }
    }
}

/// A key for ES256: the first of a row of candidates that is a scalar of P-256. All but one in 2³² are.
fn signing_key(hkdf: &hkdf::Prk, purpose: &[u8]) -> SigningKey {
    (0u8..)
        .find_map(|candidate| {
            let bytes = expand::<32>(hkdf, &[purpose, &[candidate][..]].concat());
            SigningKey::from_slice(bytes.as_slice()).ok()
        })
        .unwrap_or_else(|| unreachable!("256 candidates, each good with all but 2⁻³²"))
}

/// Bytes of a derived key.
struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(hkdf: &hkdf::Prk, info: &[u8]) -> Zeroizing<[u8; N]> {
    let mut key = Zeroizing::new([0; N]);
    let info = [info];
    let expanded = hkdf.expand(&info, Length(N));
    // HKDF-SHA256 refuses only more than 255 × 32 bytes.
    if expanded.and_then(|bytes| bytes.fill(key.as_mut())).is_err() {
        unreachable!("a key is at most 64 bytes");
    }
    key
}

/// SHA-256 of a random value under a name, to find a row by: a leaked row does not give the value.
pub(crate) fn digest(what: &str, value: &[u8]) -> [u8; 32] {
    #[cfg(test)]
    work::note(what.len() + 1 + value.len());
    let mut sha = digest::Context::new(&digest::SHA256);
    sha.update(what.as_bytes());
    sha.update(&[0]);
    sha.update(value);
    let mut out = [0; 32];
    out.copy_from_slice(sha.finish().as_ref());
    out
}

/// What was hashed, so that tests can see that refusals cost the same.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::RefCell;

    thread_local! {
        static DONE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(bytes: usize) {
        DONE.with_borrow_mut(|done| done.push(bytes));
    }

    /// The lengths of what this thread hashed since the last time, in order.
    pub(crate) fn take() -> Vec<usize> {
        DONE.take()
    }
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

    fn ring(keys: &[u8]) -> Keyring {
        let lines: Vec<_> = keys
            .iter()
            .map(|byte| BASE64_STANDARD_NO_PAD.encode([*byte; 32]))
            .collect();
        Keyring::parse(&lines.join("\n")).unwrap()
    }

    #[test]
    fn a_rotated_key_is_accepted_until_its_line_is_removed() {
        let tag = ring(&[1]).tag(Purpose::Cookie, b"ab");
        assert!(ring(&[1]).is_tag_of(Purpose::Cookie, b"ab", &tag));
        assert!(ring(&[2, 1]).is_tag_of(Purpose::Cookie, b"ab", &tag));
        assert!(!ring(&[2]).is_tag_of(Purpose::Cookie, b"ab", &tag));
    }

    /// Computed by another program: an upgrade that derived other keys would sign everybody out.
    #[test]
    fn derived_keys_are_stable() {
        let tag = ring(&[1]).tag(Purpose::Cookie, b"ab");
        assert_eq!(
            hex::encode(tag),
            "5f9f28b81e27a96bde3e393b1effb7c8394ed6f98c765c94a2f2853b6b14468be480617a"
        );
        assert_eq!(
            hex::encode(digest("token", b"value")),
            "7bdc132502f6aeeaabb17784b467af30b1bbcff64dcfb833de056660660a5ce8"
        );
    }

    #[test]
    fn keys_are_separated_by_purpose() {
        let tag = ring(&[1]).tag(Purpose::Cookie, b"a");
        assert!(!ring(&[1]).is_tag_of(Purpose::DeviceSecret, b"a", &tag));
        assert!(!ring(&[1]).is_tag_of(Purpose::Audit, b"a", &tag));
    }

    #[test]
    fn audit_13_checkpoints_have_their_own_signing_key() {
        let keys = ring(&[1]);
        assert_ne!(keys.checkpoint().to_bytes(), keys.assertion().1.to_bytes());
        assert_ne!(
            keys.checkpoint().to_bytes(),
            ring(&[2]).checkpoint().to_bytes()
        );
    }

    #[test]
    fn an_invalid_key_file_is_rejected_with_the_line() {
        assert_eq!(
            Keyring::parse("# note\nnonsense").err().as_deref(),
            Some("line 2 is not 32 bytes in base64")
        );
        assert!(Keyring::parse("\n").is_err());
    }
}
