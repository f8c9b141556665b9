//! How a change is ordered with others.

use crate::{
    Engine, Result,
    audit::{
        entry::{EventRecord, Head},
        sequencer,
    },
};
use latchkey_domain::event;
use sea_orm::DatabaseTransaction;

/// How a change is ordered with others, and so how its events get into the audit log.
pub(crate) trait CommitOrder: Send + Sync + Sized {
    /// Writes what the audit log says of the change.
    fn write(
        self,
        engine: &Engine,
        tx: &DatabaseTransaction,
        records: Vec<EventRecord>,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Which events a change of this order may apply.
pub(crate) trait Accepts<E> {}

/// A change of authority: it has the audit log's head, and with it one order with all changes of all processes.
pub(crate) struct Ordered(pub(super) Head);

impl<E> Accepts<E> for Ordered {}

impl CommitOrder for Ordered {
    async fn write(
        self,
        engine: &Engine,
        tx: &DatabaseTransaction,
        records: Vec<EventRecord>,
    ) -> Result<()> {
        sequencer::seal(&engine.inner.keys, tx, self.0, records).await?;
        Ok(())
    }
}

/// A sign-in or a refusal: it waits for no other user's.
pub(crate) struct Concurrent;

impl<E: event::Unordered> Accepts<E> for Concurrent {}

impl CommitOrder for Concurrent {
    async fn write(
        self,
        engine: &Engine,
        tx: &DatabaseTransaction,
        records: Vec<EventRecord>,
    ) -> Result<()> {
        sequencer::write_unsealed(engine, tx, records).await
    }
}
