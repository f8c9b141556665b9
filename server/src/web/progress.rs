//! Whom a connection waits for, so that a listener without a free place knows whose to take.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// In place of a time: its request is being worked on.
const WORKING: u64 = u64::MAX;
/// In place of a time: its place was given to another one.
const ENDED: u64 = u64::MAX - 1;

/// How long a connection that was ended may take to leave before another one is ended too.
const LEAVING: Duration = Duration::from_millis(50);

/// Whom one connection waits for; travels with its requests.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<State>);

#[derive(Debug)]
struct State {
    /// Since when it waits for its client, in milliseconds after `start`, or one of the constants.
    waiting_since: AtomicU64,
    start: Instant,
    ended: Notify,
}

impl Progress {
    /// From now on it waits for its client: for a head, the rest of a body, or to take an answer.
    pub(super) fn waits(&self) {
        let now = u64::try_from(self.0.start.elapsed().as_millis()).unwrap_or(0);
        // One that was ended stays so.
        let _ = self
            .0
            .waiting_since
            .try_update(Ordering::SeqCst, Ordering::SeqCst, |since| {
                (since != ENDED).then_some(now)
            });
    }

    /// From now on its request is worked on, and it is not ended for another one. Says whether it was
    /// ended before.
    pub(super) fn works(&self) -> bool {
        let before = self
            .0
            .waiting_since
            .try_update(Ordering::SeqCst, Ordering::SeqCst, |since| {
                (since != ENDED).then_some(WORKING)
            });
        before.is_ok()
    }

    /// Until its place was given to another one.
    pub(super) async fn ended(&self) {
        self.0.ended.notified().await;
    }
}

/// The places of a listener.
#[derive(Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    start: Instant,
    taken: Mutex<Vec<Weak<State>>>,
}

impl Places {
    /// So many.
    pub(super) fn new(count: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            start: Instant::now(),
            taken: Mutex::default(),
        }
    }

    /// The next place that becomes free.
    pub(super) async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        // Never closed, so there is always one sooner or later.
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// A free place, or that of the connection which has waited for its client the longest. One whose
    /// request is being worked on keeps it: where all are, this waits.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(place);
        }
        loop {
            self.end_longest_waiting();
            if let Ok(place) = timeout(LEAVING, self.wait()).await {
                return place;
            }
        }
    }

    /// Begins to keep account of a connection.
    pub(super) fn enter(&self) -> Progress {
        let progress = Progress(Arc::new(State {
            waiting_since: AtomicU64::new(0),
            start: self.start,
            ended: Notify::new(),
        }));
        progress.waits();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are gone are forgotten now and then, not one by one.
        if taken.len() == taken.capacity() {
            taken.retain(|state| state.strong_count() > 0);
        }
        taken.push(Arc::downgrade(&progress.0));
        progress
    }

    /// Ends the connection that has waited for its client the longest, if there is one.
    pub(super) fn end_longest_waiting(&self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|state| state.strong_count() > 0);
        let mut waiting: Vec<_> = taken
            .iter()
            .filter_map(Weak::upgrade)
            .map(|state| (state.waiting_since.load(Ordering::SeqCst), state))
            .filter(|(since, _)| *since < ENDED)
            .collect();
        drop(taken);
        waiting.sort_unstable_by_key(|(since, _)| *since);
        for (since, state) in waiting {
            // Unless its client has just been heard after all.
            let ended = state.waiting_since.compare_exchange(
                since,
                ENDED,
                Ordering::SeqCst,
                Ordering::SeqCst,
            );
            if ended.is_ok() {
                state.ended.notify_one();
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn audit_3_a_full_listener_ends_who_has_waited_for_the_client_longest_and_nobody_at_work()
    {
        let places = Places::new(3);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push((places.take().await, places.enter()));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The first is at work, the second was heard a moment ago.
        assert!(held[0].1.works());
        held[1].1.waits();
        let next = tokio::select! {
            place = places.take() => place,
            () = held[2].1.ended() => None,
        };
        assert!(next.is_none(), "the third is ended, and has not left yet");
        assert!(!held[2].1.works(), "and it stays ended");
        held[2].1.waits();
        assert!(!held[2].1.works());
        held.pop();
        let fourth = (places.take().await, places.enter());
        assert!(fourth.0.is_some() && fourth.1.works());

        assert!(held[1].1.works());
        let nobody = timeout(Duration::from_millis(200), places.take()).await;
        assert!(nobody.is_err(), "all are at work");
        drop(fourth);
        assert!(places.take().await.is_some());
    }
}
