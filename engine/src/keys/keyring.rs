//! The master keys in force, and the keys derived from them, each for one purpose.
//!
//! Tags and sealed values begin with the id of the master key that made them. New ones are made under the active key,
//! the first line of the master key file; those of the lines below are accepted. What was sealed under a line below is
//! sealed again under the active one (`reseal.rs`). Audit log entries keep their tags: the key that checks those of a
//! line that was taken out stays in the database (`sealed_key.rs`).

#[cfg(test)]
mod tests;

pub(crate) use super::derive::digest;

use super::{
    derive::Root,
    master_key_text::{self, KeyTextError},
};
use latchkey_jose::SigningKey;
use ring::hmac;
use zeroize::Zeroizing;

/// Bytes of a key id in front of a tag or a sealed value.
pub(crate) const KEY_ID_BYTES: usize = 4;

/// Bytes of an HMAC-SHA256 tag.
pub(crate) const TAG_BYTES: usize = 32;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Tags device cookies.
    Cookie,
    /// Signs device secrets for storage.
    DeviceSecret,
    /// Links the audit log's entries.
    Audit,
    /// Tags audit events that are not sealed yet.
    UnsealedEvent,
    /// Names saved targets.
    Target,
    /// Tags the manifests of backups.
    Backup,
    /// Makes refresh tokens.
    RefreshToken,
    /// Makes nonces for proofs of possession.
    Nonce,
    /// Finds what a user is asked to approve by the short code that they type.
    UserCode,
    /// Tags codes with which recoveries are confirmed by mail.
    RecoveryMail,
}

/// Names a master key: the first bytes of a value derived from it.
pub(crate) type KeyId = [u8; KEY_ID_BYTES];

/// A master key in force.
pub(crate) struct Generation {
    pub(crate) id: KeyId,
    /// Its line in the master key file, from 1.
    pub(crate) line: usize,
    cookie: hmac::Key,
    device_secret: hmac::Key,
    audit: hmac::Key,
    unsealed_event: hmac::Key,
    target: hmac::Key,
    backup: hmac::Key,
    refresh_token: hmac::Key,
    nonce: hmac::Key,
    user_code: hmac::Key,
    recovery_mail: hmac::Key,
    seal: Zeroizing<[u8; 32]>,
    web: Zeroizing<[u8; 64]>,
    /// Links the audit log's entries; stored for when this key is retired.
    pub(crate) audit_key: Zeroizing<[u8; 64]>,
    root: Root,
}

/// Checks audit log entries of a master key that is not in force any more.
pub(crate) struct RetiredAuditKey {
    pub(crate) id: KeyId,
    pub(crate) key: hmac::Key,
    /// The last entry that it can have tagged: whoever got hold of the retired key appends nothing.
    pub(crate) last_entry: i64,
}

/// The keys in force, the active one first.
pub(crate) struct Keyring {
    generations: Vec<Generation>,
    retired: Vec<RetiredAuditKey>,
}

impl Keyring {
    /// Keys from the text of a master key file.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyTextError> {
        let keys = master_key_text::parse(text)?;
        let generations = keys
            .iter()
            .map(|line| Generation::new(line.number, &line.key));
        Ok(Self {
            generations: generations.collect(),
            retired: Vec::new(),
        })
    }

    /// With keys that check audit log entries of former master keys.
    pub(crate) fn with_retired(self, retired: Vec<RetiredAuditKey>) -> Self {
        Self { retired, ..self }
    }

    /// Whether something was made under one of these keys: whether its key id is one of theirs.
    pub(crate) fn knows(&self, tagged: &[u8]) -> bool {
        tagged
            .first_chunk()
            .is_some_and(|id| self.of(*id).is_some())
    }

    /// Whether an audit log entry's tag is of a key in force or of a retired one that checks it.
    pub(crate) fn knows_entry(&self, tag: &[u8]) -> bool {
        self.knows(tag)
            || tag
                .first_chunk()
                .is_some_and(|id| self.retired_of(*id).is_some())
    }

    /// Whether something was made under the active key.
    pub(crate) fn is_active(&self, tagged: &[u8]) -> bool {
        tagged.first_chunk() == Some(&self.active().id)
    }

    /// All keys in force, the active one first.
    pub(crate) fn generations(&self) -> &[Generation] {
        &self.generations
    }

    fn active(&self) -> &Generation {
        &self.generations[0]
    }

    fn of(&self, id: KeyId) -> Option<&Generation> {
        self.generations.iter().find(|key| key.id == id)
    }

    fn retired_of(&self, id: KeyId) -> Option<&RetiredAuditKey> {
        self.retired.iter().find(|key| key.id == id)
    }

    /// The active key's id.
    pub(crate) fn active_id(&self) -> KeyId {
        self.active().id
    }

    /// The key that seals values for storage, by id.
    pub(crate) fn sealing(&self, id: KeyId) -> Option<&[u8; 32]> {
        self.of(id).map(|key| &*key.seal)
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
        let (id, tag) = split(tag);
        let known = self.of(id);
        let is_right = known
            .unwrap_or_else(|| self.active())
            .is_mac(purpose, data, tag);
        known.is_some() && is_right
    }

    /// Checks the tag of the audit log's entry number `seq`, also of a retired key.
    pub(crate) fn is_entry_tag(&self, seq: i64, data: &[u8], tag: &[u8]) -> bool {
        let (id, mac) = split(tag);
        match self.retired_of(id).filter(|_| self.of(id).is_none()) {
            Some(retired) => {
                seq <= retired.last_entry && hmac::verify(&retired.key, data, mac).is_ok()
            }
            None => self.is_tag_of(Purpose::Audit, data, tag),
        }
    }
}

/// A key id, and what follows it.
fn split(tagged: &[u8]) -> (KeyId, &[u8]) {
    let (id, rest) = tagged
        .split_first_chunk::<KEY_ID_BYTES>()
        .unwrap_or((&[0; _], &[]));
    (*id, rest)
}

impl Generation {
    fn new(line: usize, master: &[u8; 32]) -> Self {
        let root = Root::new(master);
        let mac = |info| hmac::Key::new(hmac::HMAC_SHA256, &*root.expand::<64>(info));
        let audit_key = root.expand::<64>(b"audit chain");
        Self {
            id: *root.expand::<KEY_ID_BYTES>(b"key id"),
            line,
            cookie: mac(b"device cookie tag"),
            device_secret: mac(b"device secret signature"),
            audit: hmac::Key::new(hmac::HMAC_SHA256, &*audit_key),
            unsealed_event: mac(b"unsealed audit event"),
            target: mac(b"kept target"),
            backup: mac(b"backup manifest"),
            refresh_token: mac(b"refresh token"),
            nonce: mac(b"dpop nonce"),
            user_code: mac(b"user code"),
            recovery_mail: mac(b"recovery mail"),
            seal: root.expand(b"sealed values"),
            web: root.expand(b"web cookies"),
            audit_key,
            root,
        }
    }

    /// With which earlier versions signed identity tokens.
    pub(crate) fn derived_identity_token(&self) -> SigningKey {
        self.root.signing_key(b"assertion ")
    }

    /// With which earlier versions signed checkpoints of the audit log.
    pub(crate) fn derived_checkpoint(&self) -> SigningKey {
        self.root.signing_key(b"audit checkpoint ")
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
            Purpose::UnsealedEvent => &self.unsealed_event,
            Purpose::Target => &self.target,
            Purpose::Backup => &self.backup,
            Purpose::RefreshToken => &self.refresh_token,
            Purpose::Nonce => &self.nonce,
            Purpose::UserCode => &self.user_code,
            Purpose::RecoveryMail => &self.recovery_mail,
        }
    }
}

/// What was hashed, so that tests can see that refusals cost the same.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::RefCell;

    thread_local! {
        static DONE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    }

    pub(in crate::keys) fn note(bytes: usize) {
        DONE.with_borrow_mut(|done| done.push(bytes));
    }

    /// The lengths of what this thread hashed since the last time, in order.
    pub(crate) fn take() -> Vec<usize> {
        DONE.take()
    }
}
