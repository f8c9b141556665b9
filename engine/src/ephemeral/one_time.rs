//! Credentials that are accepted once: access tokens of services that want this, proofs of possession, assertions of clients.
//!
//! Their marks are in Redis if the settings name one, and else in the database. A Redis that cannot be reached denies them, and nothing
//! else.

#[cfg(test)]
mod tests;

use super::purpose::{LookupDigest, ValuePurpose};
use crate::{
    Engine, Error, Lane, Result,
    database::lane::WritePermit,
    unit_of_work::{GroupQueue, Grouped},
};
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

impl Grouped for OneTime {
    type Outcome = Use;
    type Turn<'e> = WritePermit<'e>;

    fn queue(engine: &Engine) -> &GroupQueue<Self> {
        &engine.inner.uses
    }

    async fn begin(engine: &Engine) -> Result<WritePermit<'_>> {
        engine.acquire_write_permit().await
    }

    async fn write<'e>(
        engine: &'e Engine,
        permit: WritePermit<'e>,
        group: Vec<Self>,
    ) -> Result<Vec<Use>> {
        let marks = group.iter();
        let marks = marks.map(|used| (used.purpose, used.digest, used.usable_until));
        let tx = permit.begin().await?;
        let mut new = engine
            .inner
            .ephemeral
            .mark_all(&tx, marks.collect())
            .await?;
        tx.commit().await?;
        // Of several uses of one credential in the group, the first one takes it out.
        let uses = group.iter().map(|used| match new.remove(&used.digest[..]) {
            true => Use::First,
            false => Use::Repeated,
        });
        Ok(uses.collect())
    }
}

impl Engine {
    /// Marks a use, in one conditional statement, which others that come at the same time may share: of uses at once, one is the
    /// first.
    ///
    /// # Errors
    /// [`Error::UsesUnknown`] if the use could not be marked; internal.
    pub(crate) async fn use_once(&self, used: &OneTime) -> Result<Use> {
        let store = &self.inner.ephemeral;
        if let Some(marks) = store.redis() {
            return marks.mark(used).await;
        }
        // Anonymous clients decide neither how large a group is nor how often one is written.
        if self.lane != Lane::Anonymous {
            return self.write_in_group(*used).await;
        }
        let permit = self.acquire_write_permit().await?;
        let is_first = store
            .mark_once(permit.db(), used.purpose, used.digest, used.usable_until)
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
