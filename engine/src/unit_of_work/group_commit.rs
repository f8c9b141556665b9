//! Group commit: what is written at the same time shares a transaction.
//!
//! A commit waits for the disk, which takes many times as long as a signature. So a request does not write by itself:
//!
//! 1. It adds what it has to write to a queue and waits. The first one starts a task that writes; a client that disconnects ends
//!    neither the task nor what others write. What it had to write itself is left out if its turn has not come.
//! 2. The task takes the write permit, then what waits, at most [`MAX_GROUP`], and writes it in the order of the queue. Whoever else
//!    wants to write has their turn between two transactions.
//! 3. After the commit, each request gets its outcome, and only then responds. If the transaction fails, each gets an error.

use crate::{Engine, Error, Lane, Result};
use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, oneshot};

/// The size of a group: a revocation that waits for its turn waits for no more than these.
pub(crate) const MAX_GROUP: usize = 256;

/// What is written in groups.
pub(crate) trait Grouped: Sized + Send + 'static {
    /// What a request gets when its part is committed.
    type Outcome: Send + 'static;
    /// The turn to write.
    type Turn<'e>: Send;

    /// Where it waits.
    fn queue(engine: &Engine) -> &GroupQueue<Self>;

    /// Waits for the turn to write.
    fn begin(engine: &Engine) -> impl Future<Output = Result<Self::Turn<'_>>> + Send;

    /// Writes a group and commits it. Returns the outcomes, in order.
    fn write<'e>(
        engine: &'e Engine,
        turn: Self::Turn<'e>,
        group: Vec<Self>,
    ) -> impl Future<Output = Result<Vec<Self::Outcome>>> + Send;
}

/// Who waits for an outcome.
type Request<T> = oneshot::Sender<Result<<T as Grouped>::Outcome>>;

/// What is not written yet.
pub(crate) struct GroupQueue<T: Grouped> {
    queue: Mutex<Queue<T>>,
    /// Enough wait for the next group.
    is_worthwhile: Notify,
}

struct Queue<T: Grouped> {
    waiting: VecDeque<Waiting<T>>,
    has_writer: bool,
    /// How many are enough.
    wanted: usize,
}

struct Waiting<T: Grouped> {
    part: T,
    outcome: Request<T>,
}

impl<T: Grouped> Default for Queue<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            has_writer: false,
            wanted: 1,
        }
    }
}

impl<T: Grouped> Default for GroupQueue<T> {
    fn default() -> Self {
        Self {
            queue: Mutex::default(),
            is_worthwhile: Notify::new(),
        }
    }
}

impl<T: Grouped> GroupQueue<T> {
    fn lock(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a part; whether nobody writes, so that the caller has to start it.
    fn add(&self, waiting: Waiting<T>) -> bool {
        let mut queue = self.lock();
        queue.waiting.push_back(waiting);
        if queue.waiting.len() == queue.wanted {
            self.is_worthwhile.notify_one();
        }
        !mem::replace(&mut queue.has_writer, true)
    }

    /// After a group of this size: those who have their outcome now may want the next one. Half of them are worth the next
    /// transaction, and the others prepare what they write while it is committed. Waits no longer than for the tasks that can run.
    async fn gather(&self, last: usize) {
        let wanted = last.div_ceil(2).max(1);
        let is_enough = {
            let mut queue = self.lock();
            queue.wanted = wanted;
            queue.waiting.len() >= wanted
        };
        if !is_enough {
            tokio::select! {
                () = self.is_worthwhile.notified() => {}
                () = tokio::task::yield_now() => {}
            }
        }
    }

    /// The next group, without those whose clients have disconnected.
    fn take(&self) -> (Vec<T>, Vec<Request<T>>) {
        let waiting = &mut self.lock().waiting;
        let count = waiting.len().min(MAX_GROUP);
        (waiting.drain(..count))
            .filter(|one| !one.outcome.is_closed())
            .map(|one| (one.part, one.outcome))
            .unzip()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }
}

/// The task that writes. If it is dropped with its runtime, those who wait get an error instead of waiting for ever.
struct Writer<'e, T: Grouped> {
    queue: &'e GroupQueue<T>,
    is_done: bool,
}

impl<T: Grouped> Writer<'_, T> {
    /// Whether something waits. If not, the next part starts another task.
    fn has_more(&mut self) -> bool {
        let mut queue = self.queue.lock();
        self.is_done = queue.waiting.is_empty();
        queue.has_writer = !self.is_done;
        queue.has_writer
    }
}

impl<T: Grouped> Drop for Writer<'_, T> {
    fn drop(&mut self) {
        if !self.is_done {
            *self.queue.lock() = Queue::default();
        }
    }
}

impl Engine {
    /// Writes something together with others; returns when that is committed.
    ///
    /// # Errors
    /// Internal: nothing of its transaction was written.
    pub(crate) async fn write_in_group<T: Grouped>(&self, part: T) -> Result<T::Outcome> {
        let (outcome, received) = oneshot::channel();
        if T::queue(self).add(Waiting { part, outcome }) {
            let engine = Self::of(Arc::clone(&self.inner), Lane::Known);
            tokio::spawn(async move { engine.write_groups::<T>().await });
        }
        let ended = |_| Err(Error::internal("the task that writes has ended"));
        received.await.unwrap_or_else(ended)
    }

    async fn write_groups<T: Grouped>(&self) {
        let mut writer = Writer {
            queue: T::queue(self),
            is_done: false,
        };
        while writer.has_more() {
            let begun = T::begin(self).await;
            let (group, requests) = writer.queue.take();
            let size = group.len();
            let written = match begun {
                Ok(turn) if !group.is_empty() => T::write(self, turn, group).await,
                Ok(_) => Ok(Vec::new()),
                Err(cause) => Err(cause),
            };
            // Nobody waits for it any more if its client has disconnected meanwhile.
            match written {
                Ok(outcomes) => {
                    for (request, outcome) in requests.into_iter().zip(outcomes) {
                        let _ = request.send(Ok(outcome));
                    }
                }
                Err(cause) => {
                    let cause = Arc::new(cause);
                    for request in requests {
                        let _ = request.send(Err(Error::internal(Arc::clone(&cause))));
                    }
                }
            }
            writer.queue.gather(size).await;
        }
    }
}
