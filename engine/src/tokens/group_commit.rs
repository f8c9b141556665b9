//! Group commit: tokens of clients that are issued at the same time are recorded in one transaction.
//!
//! A commit waits for the disk, which takes many times as long as a signature. So a request does not write the event of its token:
//!
//! 1. It adds the event to a queue and waits. The first one starts a task that writes; a client that disconnects ends neither the
//!    task nor the events of others.
//! 2. The task takes the write permit, then what waits, at most [`BATCH`], and writes it in the order of the queue: of two tokens of a
//!    client, the later one is the newest. Whoever else wants to write has their turn between two transactions.
//! 3. After the commit, each request gets its result, and only then responds with its token. If the transaction fails, none does.

#[cfg(test)]
mod tests;

use crate::{
    Engine, Error, Lane, RequestOrigin, Result, cache::service_index::ServiceEntry,
    unit_of_work::Actor,
};
use latchkey_domain::event::TokenIssued;
use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use time::OffsetDateTime;
use tokio::sync::oneshot;

/// Events of one transaction: a revocation that waits for its turn waits for no more than these.
const BATCH: usize = 256;

/// Tokens whose events are not written yet.
#[derive(Default)]
pub(crate) struct GroupCommit(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    has_writer: bool,
}

struct Waiting {
    issue: TokenIssue,
    ip: Option<String>,
    committed: oneshot::Sender<Result<()>>,
}

/// A token of a client that was signed and is to be recorded.
pub(super) struct TokenIssue {
    pub(super) event: TokenIssued,
    pub(super) service: Arc<ServiceEntry>,
    pub(super) issued_at: OffsetDateTime,
}

impl GroupCommit {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event; whether nobody writes, so that the caller has to start it.
    fn add(&self, waiting: Waiting) -> bool {
        let mut queue = self.lock();
        queue.waiting.push_back(waiting);
        !mem::replace(&mut queue.has_writer, true)
    }

    fn take(&self) -> Vec<Waiting> {
        let waiting = &mut self.lock().waiting;
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }
}

/// The task that writes. If it is dropped with its runtime, those who wait get an error instead of waiting for ever.
struct Writer<'e> {
    queue: &'e GroupCommit,
    is_done: bool,
}

impl Writer<'_> {
    /// Whether something waits. If not, the next event starts another task.
    fn has_more(&mut self) -> bool {
        let mut queue = self.queue.lock();
        self.is_done = queue.waiting.is_empty();
        queue.has_writer = !self.is_done;
        queue.has_writer
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            *self.queue.lock() = Queue::default();
        }
    }
}

impl Engine {
    /// Records a token, together with others; returns when that is committed.
    ///
    /// # Errors
    /// Internal: this token and all others of its transaction were not recorded.
    pub(super) async fn record_in_group(
        &self,
        issue: TokenIssue,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let (committed, result) = oneshot::channel();
        let waiting = Waiting {
            issue,
            ip: origin.ip_text(),
            committed,
        };
        if self.inner.group_commit.add(waiting) {
            let engine = self.in_lane(Lane::Known);
            tokio::spawn(async move { engine.write_groups().await });
        }
        let ended = |_| Err(Error::internal("the task that writes has ended"));
        result.await.unwrap_or_else(ended)
    }

    async fn write_groups(&self) {
        let queue = &self.inner.group_commit;
        let mut writer = Writer {
            queue,
            is_done: false,
        };
        while writer.has_more() {
            let (committed, result) = self.write_group().await;
            let cause = result.err().map(Arc::new);
            for one in committed {
                let result = cause
                    .clone()
                    .map_or(Ok(()), |cause| Err(Error::internal(cause)));
                // Nobody waits for it any more if its client has disconnected.
                let _ = one.send(result);
            }
            // Those who have their token now may want the next one: let them sign before the next transaction begins.
            tokio::task::yield_now().await;
        }
    }

    /// Writes what waits in one transaction; returns who waits for its result.
    async fn write_group(&self) -> (Vec<oneshot::Sender<Result<()>>>, Result<()>) {
        let origin = RequestOrigin::default();
        let begun = self.begin_unordered(Actor::System, &origin).await;
        let (issues, committed): (Vec<_>, Vec<_>) = (self.inner.group_commit.take().into_iter())
            .map(|one| ((one.issue, one.ip), one.committed))
            .unzip();
        let write = async {
            let mut tx = begun?;
            for (issue, ip) in issues {
                let client = &issue.event.client;
                tx.act_as(Actor::Client(client.id, client.name.clone()));
                tx.set_ip(ip);
                let subject = client.id.to_string();
                let (service, issued_at) = (issue.service, issue.issued_at);
                self.record_token(&mut tx, issue.event, &subject, &service, issued_at)
                    .await?;
            }
            tx.commit().await
        };
        (committed, write.await)
    }
}
