//! The audit log, and how every change is written.
//!
//! A use case that changes something opens a [`Change`], works on its transaction, records what it
//! did, and commits: rows and log entries become true together. Opening takes the log's head, so
//! all changes of all processes happen in one order; each entry's hash covers the one before
//! under a key, so an entry cannot be altered, moved or taken out without the chain telling.
//!
//! The same entries are the change feed, which `follow.rs` reads. `chain.rs` has the hashes, `checkpoint.rs` what is
//! signed to be kept elsewhere, `export.rs` a copy to take along.

use crate::{
    Engine, RequestOrigin, Result, audit, audit::authority::Authority, audit::chain,
    audit::store::Model, database::lane::WriteTurn,
};
use latchkey_domain::{
    access::permission::{Administrator, CurrentUser},
    audit::event::{Action, Event, FieldChange},
    id::{AccessGrantId, DeviceId, PasskeyId, ServiceId, UserId},
    pagination::{ListQuery, Page},
};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use std::fmt;

/// The longest detail kept, in bytes.
const MAX_DETAIL_BYTES: usize = 250;

/// Who does something.
#[derive(Debug, Clone)]
pub(crate) enum Actor {
    /// A person, by account and address.
    User(UserId, String),
    /// The command line.
    Operator,
    /// Somebody who has proven nothing.
    Anonymous,
    /// Latchkey itself.
    System,
}

impl Actor {
    fn name(&self) -> String {
        match self {
            Self::User(_, email) => email.clone(),
            Self::Operator => "operator".to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
            Self::System => "Latchkey".to_owned(),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id, _) => write!(f, "user:{id}"),
            Self::Operator => f.write_str("operator"),
            Self::Anonymous => f.write_str("anonymous"),
            Self::System => f.write_str("system"),
        }
    }
}

impl From<&CurrentUser> for Actor {
    fn from(current_user: &CurrentUser) -> Self {
        Self::User(current_user.user_id, current_user.email.to_string())
    }
}

/// What something was done to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    User(UserId),
    Device(DeviceId),
    Passkey(PasskeyId),
    Service(ServiceId),
    Grant(AccessGrantId),
    Nothing,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Device(id) => write!(f, "device:{id}"),
            Self::Passkey(id) => write!(f, "passkey:{id}"),
            Self::Service(id) => write!(f, "service:{id}"),
            Self::Grant(id) => write!(f, "grant:{id}"),
            Self::Nothing => Ok(()),
        }
    }
}

/// An entry to be written.
pub(crate) struct Entry<'a> {
    pub(crate) action: Action,
    pub(crate) target: Target,
    /// The target's name, for a person who reads the log when the target is long gone.
    pub(crate) name: &'a str,
    /// The account that it concerns; its owner sees the entry, and verify forgets what it knew.
    pub(crate) subject: Option<UserId>,
    pub(crate) detail: &'a str,
}

/// A change under way; dropped without [`Change::commit`], nothing happened.
pub(crate) struct Change<'e> {
    engine: &'e Engine,
    tx: DatabaseTransaction,
    head: audit::store::head::Model,
    actor: Actor,
    ip: Option<String>,
    entries: Vec<Model>,
    _turn: WriteTurn<'e>,
}

impl Engine {
    /// Opens a change on somebody's authority, which is looked at again inside of the transaction: between
    /// a proof and the write that it allows, the device can be revoked, the role lost, the session ended.
    ///
    /// # Errors
    /// [`Error::Denied`] when the authority is gone.
    pub(crate) async fn change(
        &self,
        authority: impl Into<Authority>,
        origin: &RequestOrigin,
    ) -> Result<Change<'_>> {
        let authority = authority.into();
        // Writers of this process queue here and not in the database's busy handler.
        let turn = self.write_turn().await?;
        let tx = turn.db().begin().await?;
        let head = audit::store::take_head(&tx).await?;
        authority
            .check_again(&tx, &self.inner.ephemeral, self.now())
            .await?;
        Ok(Change {
            engine: self,
            tx,
            head,
            actor: authority.into_actor(),
            ip: origin.ip_text(),
            entries: Vec::new(),
            _turn: turn,
        })
    }
}

impl Change<'_> {
    /// The transaction to work on.
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

    /// Changes who is said to have done it: an anonymous visitor turned out to be somebody.
    pub(crate) fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Records something done, to be written with the commit.
    pub(crate) fn record(&mut self, entry: &Entry<'_>) {
        self.record_with(entry, Vec::new());
    }

    /// Records something done and what became different with it. Fields that stayed as they were are left out,
    /// so a caller names all that it writes. Never a secret.
    pub(crate) fn record_with(
        &mut self,
        entry: &Entry<'_>,
        changes: impl IntoIterator<Item = FieldChange>,
    ) {
        let changes: Vec<_> = changes
            .into_iter()
            .filter(FieldChange::is_change)
            .map(FieldChange::bounded)
            .collect();
        // A list of plain texts can always be written.
        let changes =
            (!changes.is_empty()).then(|| serde_json::to_string(&changes).unwrap_or_default());
        let prev_hash = self
            .entries
            .last()
            .map_or_else(|| self.head.hash.clone(), |last| last.hash.clone());
        let mut row = Model {
            seq: self.entries.last().map_or(self.head.seq, |last| last.seq) + 1,
            time: self.engine.now().unix_timestamp(),
            actor: self.actor.to_string(),
            actor_name: self.actor.name(),
            action: entry.action.as_str().to_owned(),
            target: entry.target.to_string(),
            target_name: entry.name.to_owned(),
            subject: entry.subject.map(UserId::uuid),
            ip: self.ip.clone(),
            detail: cut(entry.detail),
            changes,
            prev_hash,
            hash: Vec::new(),
        };
        row.hash = chain::hash(&self.engine.inner.keys, &row);
        self.entries.push(row);
    }

    /// Writes the entries, commits, and tells the snapshot before anybody gets an answer.
    pub(crate) async fn commit(self) -> Result<()> {
        if let Some(last) = self.entries.last() {
            audit::store::set_head(&self.tx, last.seq, last.hash.clone()).await?;
        }
        for row in &self.entries {
            audit::store::append(&self.tx, row.clone()).await?;
        }
        self.tx.commit().await?;
        for row in &self.entries {
            self.engine.inner.snapshot.forget(row);
        }
        Ok(())
    }
}

fn cut(detail: &str) -> String {
    let clean: String = detail
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    clean[..clean.floor_char_boundary(MAX_DETAIL_BYTES)].to_owned()
}

impl Engine {
    /// The audit log, newest first. Filter: an action word or its noun (`device`); search: actor, target, address.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_events(
        &self,
        _administrator: &Administrator,
        query: &ListQuery,
    ) -> Result<Page<Event>> {
        Ok(audit::store::list(self.db(), None, &query.clone().bounded()).await?)
    }

    /// What happened on this person's account, newest first.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_events(
        &self,
        current_user: &CurrentUser,
        query: &ListQuery,
    ) -> Result<Page<Event>> {
        Ok(audit::store::list(
            self.db(),
            Some(current_user.user_id),
            &query.clone().bounded(),
        )
        .await?)
    }
}
