//! A change under way.

use super::{Actor, Authority, rows};
use crate::{
    Engine, RequestOrigin, Result, audit,
    audit::chain,
    audit::entry::{ChainEntry, Head},
    cache,
    database::lane::WriteTurn,
    database::{Reads, Writes},
};
use latchkey_domain::{
    event::{CacheKey, Entry, Event},
    id::{DeviceId, UserId},
};
use sea_orm::DatabaseTransaction;
use std::collections::BTreeSet;

/// A change under way; dropped without [`Tx::commit`], nothing happened.
pub(crate) struct Tx<'e> {
    engine: &'e Engine,
    tx: DatabaseTransaction,
    head: Head,
    actor: Actor,
    ip: Option<String>,
    entries: Vec<ChainEntry>,
    invalid: BTreeSet<CacheKey>,
    _turn: WriteTurn<'e>,
}

impl Engine {
    /// Begins a change on somebody's authority, which is checked again inside of the transaction: between a proof and
    /// the write that it allows, the device can be revoked, the role changed, the session ended.
    ///
    /// # Errors
    /// [`crate::Error::Denied`] when the authority has ended.
    pub(crate) async fn begin(
        &self,
        authority: impl Into<Authority>,
        origin: &RequestOrigin,
    ) -> Result<Tx<'_>> {
        let authority = authority.into();
        // Writers of this process queue here and not in the database's busy handler.
        let turn = self.write_turn().await?;
        let tx = turn.begin().await?;
        let head = audit::store::take_head(&tx).await?;
        authority
            .check_again(&tx, &self.inner.ephemeral, self.now())
            .await?;
        Ok(Tx {
            engine: self,
            tx,
            head,
            actor: authority.into_actor(),
            ip: origin.ip_text(),
            entries: Vec::new(),
            invalid: BTreeSet::new(),
            _turn: turn,
        })
    }
}

impl Reads for Tx<'_> {
    type Connection = DatabaseTransaction;

    fn connection(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

impl Writes for Tx<'_> {}

impl Tx<'_> {
    /// The transaction, for stores of other modules.
    pub(crate) const fn db(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Ends the sessions of a device; returns how many.
    pub(crate) async fn end_sessions_of_device(&self, device: DeviceId) -> Result<u64> {
        let store = &self.engine.inner.ephemeral;
        store.delete_sessions_of_device(&self.tx, device).await
    }

    /// Ends the sessions of a user; returns how many.
    pub(crate) async fn end_sessions_of_user(&self, user: UserId) -> Result<u64> {
        let store = &self.engine.inner.ephemeral;
        store.delete_sessions_of_user(&self.tx, user).await
    }

    /// Changes who is said to have done it: an anonymous client has authenticated.
    pub(crate) fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Writes what an event carries, and notes what the audit log says of it and what it invalidates.
    pub(crate) async fn apply(&mut self, event: impl Into<Event>) -> Result<()> {
        let event = event.into();
        rows::write(&self.tx, &self.engine.inner.ephemeral, &event).await?;
        for entry in event.entries() {
            let row = self.chained(entry)?;
            self.entries.push(row);
        }
        self.invalid.extend(event.invalidates());
        Ok(())
    }

    /// The row of the next entry, under the hash of the one before.
    fn chained(&self, entry: Entry) -> Result<ChainEntry> {
        let changes = match entry.changes.is_empty() {
            true => None,
            false => Some(serde_json::to_string(&entry.changes).map_err(crate::Error::internal)?),
        };
        let (seq, prev_hash) = match self.entries.last() {
            Some(last) => (last.seq, &last.hash),
            None => (self.head.seq, &self.head.hash),
        };
        let mut row = ChainEntry {
            seq: seq + 1,
            time: self.engine.now().unix_timestamp(),
            actor: self.actor.to_string(),
            actor_name: self.actor.name().to_owned(),
            action: entry.action.as_str().to_owned(),
            target: entry.target.to_string(),
            target_name: entry.target_name,
            subject: entry.affected_user.map(UserId::uuid),
            ip: self.ip.clone(),
            detail: entry.detail,
            changes,
            prev_hash: prev_hash.clone(),
            hash: Vec::new(),
        };
        row.hash = chain::hash(&self.engine.inner.keys, &row);
        Ok(row)
    }

    /// Writes entries and invalidations, commits, and drops from this process's memory what is no longer true before
    /// anybody gets an answer.
    pub(crate) async fn commit(self) -> Result<()> {
        if let Some(last) = self.entries.last() {
            audit::store::set_head(&self.tx, last.seq, last.hash.clone()).await?;
        }
        audit::store::append(&self.tx, self.entries).await?;
        cache::store::insert(&self.tx, &self.invalid, self.engine.now()).await?;
        self.tx.commit().await?;
        self.engine.inner.snapshot.forget(self.invalid);
        Ok(())
    }
}
