//! Credentials that are accepted once: access tokens of services that want this, proofs of possession, assertions of clients.
//!
//! Their marks are in Redis if the settings name one, and else in the database. A Redis that cannot be reached denies them, and nothing
//! else.

use super::purpose::{LookupDigest, ValuePurpose};
use crate::{Engine, Error, Result};
use time::OffsetDateTime;

/// A credential that is accepted once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OneTime {
    pub(crate) purpose: ValuePurpose,
    pub(crate) digest: LookupDigest,
    /// The first second in which it can have been accepted, since the Unix epoch, by a process whose clock is right.
    pub(crate) usable_from: i64,
    /// From then on it is refused anyway.
    pub(crate) usable_until: OffsetDateTime,
}

/// Which use it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    First,
    Repeated,
    /// It is older than the marks: that of an earlier use would be lost.
    Unknown,
}

impl Use {
    /// Whether it is the first.
    ///
    /// # Errors
    /// [`Error::UsesUnknown`].
    pub(crate) const fn is_first(self) -> Result<bool> {
        match self {
            Self::First => Ok(true),
            Self::Repeated => Ok(false),
            Self::Unknown => Err(Error::UsesUnknown),
        }
    }
}

impl Engine {
    /// Marks a use, in one conditional statement: of uses at once, one is the first.
    ///
    /// # Errors
    /// [`Error::UsesUnknown`] if the use could not be marked; internal.
    pub(crate) async fn use_once(&self, used: &OneTime) -> Result<Use> {
        let store = &self.inner.ephemeral;
        if let Some(marks) = store.redis() {
            return marks.mark(used).await;
        }
        let OneTime {
            purpose,
            digest,
            usable_until,
            ..
        } = *used;
        let permit = self.acquire_write_permit().await?;
        let is_first = store
            .mark_once(permit.db(), purpose, digest, usable_until)
            .await?;
        Ok(if is_first { Use::First } else { Use::Repeated })
    }

    /// Whether a credential could be used now. Nothing is marked.
    ///
    /// # Errors
    /// As [`Self::use_once`].
    pub(crate) async fn is_unused(&self, credential: &OneTime) -> Result<bool> {
        let store = &self.inner.ephemeral;
        if let Some(marks) = store.redis() {
            return marks.is_usable(credential).await;
        }
        let (purpose, digest) = (credential.purpose, credential.digest);
        let found = store.peek(self.db(), purpose, digest, self.now()).await?;
        Ok(found.is_none())
    }
}
