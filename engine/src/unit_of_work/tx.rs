//! A change under way.

mod ending;

use super::{
    Actor, Authority,
    authority::Granted,
    commit_order::{Accepts, CommitOrder, Concurrent, Ordered},
    rows,
};
use crate::{
    Engine, RequestOrigin, Result, audit,
    audit::acted_from::ActedFrom,
    audit::entry::EventRecord,
    cache,
    database::lane::WritePermit,
    database::{Reads, Writes},
    identity,
    identity::role::permissions_of,
    notification,
};
use latchkey_domain::{
    access::permission::{Denial, PermissionSet},
    event::{AuditEntry, CacheKey, Event},
    id::UserId,
    identity::user::Role,
};
use sea_orm::DatabaseTransaction;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A change under way; dropped without [`Tx::commit`], nothing happened.
pub(crate) struct Tx<'e, O = Ordered> {
    engine: &'e Engine,
    tx: DatabaseTransaction,
    order: O,
    actor: Actor,
    permissions: PermissionSet,
    ip: Option<String>,
    from: ActedFrom,
    records: Vec<EventRecord>,
    invalid: BTreeSet<CacheKey>,
    _permit: WritePermit<'e>,
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
        let permit = self.acquire_write_permit().await?;
        let tx = permit.begin().await?;
        let order = Ordered(audit::store::take_head(&tx).await?);
        let Granted {
            permissions,
            device,
        } = authority
            .check_again(&tx, &self.inner.ephemeral, self.now())
            .await?;
        let (session, client) = authority.means();
        let from = match (device, client) {
            (Some(device), None) => ActedFrom::device(&device, origin).in_session(session),
            // A program asks, and not the browser of the device on which it was approved.
            (Some(device), client) => {
                ActedFrom::device(&device, &RequestOrigin::default()).through(client)
            }
            (None, _) => ActedFrom::default(),
        };
        let tx = Tx::new(self, permit, tx, order, authority.into_actor(), origin);
        let tx = Tx {
            permissions,
            from,
            ..tx
        };
        if let Some(expectation) = &self.expectation {
            expectation.check(&tx, self.now()).await?;
        }
        Ok(tx)
    }

    /// Begins a sign-in. It waits for other sign-ins of this user and for changes of authority, and these for it.
    ///
    /// # Errors
    /// Internal only.
    pub(crate) async fn begin_sign_in(
        &self,
        user: UserId,
        origin: &RequestOrigin,
    ) -> Result<Tx<'_, Concurrent>> {
        let permit = self.acquire_write_permit().await?;
        let tx = permit.begin().await?;
        // In this order, as changes of authority lock them: the other way round, two could wait for each other.
        audit::store::share_head(&tx).await?;
        identity::store::user::lock(&tx, user).await?;
        Ok(Tx::new(
            self,
            permit,
            tx,
            Concurrent,
            Actor::Anonymous,
            origin,
        ))
    }

    /// Begins to write what needs no order, such as that something was refused; it waits for nobody.
    ///
    /// # Errors
    /// Internal only.
    pub(crate) async fn begin_unordered(
        &self,
        actor: Actor,
        origin: &RequestOrigin,
    ) -> Result<Tx<'_, Concurrent>> {
        let permit = self.acquire_write_permit().await?;
        let tx = permit.begin().await?;
        Ok(Tx::new(self, permit, tx, Concurrent, actor, origin))
    }
}

/// Whether changes have come to their commit. A commit that fails may have happened all the same, so whoever repeats a request
/// has to know whether it came so far.
impl Engine {
    /// The same use cases, with a note of their own.
    #[must_use]
    pub fn noting_commits(&self) -> Self {
        Self {
            begun_commit: Some(Arc::new(AtomicBool::new(false))),
            ..self.clone()
        }
    }

    /// Whether a commit of these use cases has begun.
    #[must_use]
    pub fn has_begun_commit(&self) -> bool {
        let begun = self.begun_commit.as_ref();
        begun.is_some_and(|begun| begun.load(Ordering::Relaxed))
    }
}

impl<O: Sync> Reads for Tx<'_, O> {
    type Connection = DatabaseTransaction;

    fn connection(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

impl<O: Sync> Writes for Tx<'_, O> {}

impl<'e, O> Tx<'e, O> {
    fn new(
        engine: &'e Engine,
        permit: WritePermit<'e>,
        tx: DatabaseTransaction,
        order: O,
        actor: Actor,
        origin: &RequestOrigin,
    ) -> Self {
        Self {
            engine,
            tx,
            order,
            actor,
            permissions: PermissionSet::NONE,
            ip: origin.ip_text(),
            from: ActedFrom::default(),
            records: Vec::new(),
            invalid: BTreeSet::new(),
            _permit: permit,
        }
    }

    /// The engine whose change this is.
    pub(crate) const fn engine(&self) -> &Engine {
        self.engine
    }

    /// The address from which it is said to have come.
    pub(crate) fn ip(&self) -> Option<&str> {
        self.ip.as_deref()
    }

    /// The transaction, for stores of other modules.
    pub(crate) const fn db(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Refuses if the caller may not have done what a user of this role may: whoever acts for them, or makes them, has to
    /// be permitted all that they are. Otherwise an enrolment link for an administrator would make anyone one.
    ///
    /// # Errors
    /// [`Denial::Forbidden`].
    pub(crate) async fn require_authority_over(&self, role: Role) -> Result<()>
    where
        O: Sync,
    {
        let theirs = permissions_of(self, role).await?;
        self.require_permissions(theirs)
    }

    /// Refuses if the caller does not have all of these.
    ///
    /// # Errors
    /// [`Denial::Forbidden`].
    pub(crate) fn require_permissions(&self, permissions: PermissionSet) -> Result<()> {
        match self.permissions.covers(permissions) {
            true => Ok(()),
            false => Err(Denial::Forbidden.into()),
        }
    }

    /// Changes who is said to have done it: an anonymous client has authenticated.
    pub(crate) fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Says on which device it is done.
    pub(crate) fn act_from(&mut self, from: ActedFrom) {
        self.from = from;
    }

    /// Says on which device a user signs in, also of what this change did before: the sign-in is the first to find or make it.
    pub(crate) fn sign_in_from(&mut self, from: ActedFrom) {
        for record in &mut self.records {
            record.from = from.clone();
        }
        self.from = from;
    }

    /// Changes the address from which it is said to have come: a change may have events of several requests.
    pub(crate) fn set_ip(&mut self, ip: Option<String>) {
        self.ip = ip;
    }
}

impl<O: CommitOrder + Sync> Tx<'_, O> {
    /// Writes what an event carries, and notes what the audit log says of it and what it invalidates.
    pub(crate) async fn apply<E: Into<Event>>(&mut self, event: E) -> Result<()>
    where
        O: Accepts<E>,
    {
        let event = event.into();
        let now = self.engine.now();
        rows::write(&self.tx, &self.engine.inner.ephemeral, &event, now).await?;
        notification::portal::write(self, &event).await?;
        for entry in event.entries() {
            self.records.push(self.record(entry)?);
        }
        self.invalid.extend(event.invalidates());
        Ok(())
    }

    fn record(&self, entry: AuditEntry) -> Result<EventRecord> {
        let changes = match entry.changes.is_empty() {
            true => None,
            false => Some(serde_json::to_string(&entry.changes).map_err(crate::Error::internal)?),
        };
        Ok(EventRecord {
            time: self.engine.now().unix_timestamp(),
            actor: self.actor.to_string(),
            actor_name: self.actor.name().into_owned(),
            action: entry.action.as_str().to_owned(),
            target: entry.target.to_string(),
            target_name: entry.target_name,
            subject: entry.affected_user.map(UserId::uuid),
            ip: self.ip.clone(),
            detail: entry.detail,
            changes,
            from: self.from.clone(),
        })
    }

    /// Writes evidence and invalidations, commits, and drops from this process's memory what is no longer true before
    /// anybody gets an answer.
    pub(crate) async fn commit(self) -> Result<()> {
        self.order
            .write(self.engine, &self.tx, self.records)
            .await?;
        cache::store::insert(&self.tx, &self.invalid, self.engine.now()).await?;
        if let Some(begun) = &self.engine.begun_commit {
            begun.store(true, Ordering::Relaxed);
        }
        self.tx.commit().await?;
        if !self.invalid.is_empty() {
            self.engine.inner.snapshot.forget(self.invalid);
        }
        Ok(())
    }
}
