//! Whether a connection waits for its client, so that a listener without a free place knows whose to take.

use std::{
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
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
/// In place of a time: it was accepted, and nothing has been read from it yet. Under load that takes a while, and is not
/// its client's fault.
const FRESH: u64 = u64::MAX - 2;

/// Connections that have lost their places and are still open, because their tasks have not run since. Nothing waits for
/// them, so that a queue of new connections moves as fast as they are accepted.
pub(crate) const MAX_LEAVING: usize = 128;

/// How often a full listener looks again for a connection that could leave.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Whether one connection waits for its client; part of its requests.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<State>);

#[derive(Debug)]
struct State {
    /// Since when it waits for its client, in milliseconds after `start`, or one of the constants.
    waiting_since: AtomicU64,
    start: Instant,
    ended: Notify,
    place: Mutex<Option<OwnedSemaphorePermit>>,
    leaving: Arc<AtomicUsize>,
}

impl Drop for State {
    fn drop(&mut self) {
        if *self.waiting_since.get_mut() == ENDED {
            self.leaving.fetch_sub(1, Ordering::SeqCst);
        }
    }
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
    leaving: Arc<AtomicUsize>,
}

impl Places {
    /// So many.
    pub(super) fn new(count: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            start: Instant::now(),
            taken: Mutex::default(),
            leaving: Arc::default(),
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
            if let Some(place) = self.end_longest_waiting() {
                return Some(place);
            }
            if let Ok(place) = timeout(LOOK_AGAIN, self.wait()).await {
                return place;
            }
        }
    }

    /// Begins to keep account of a connection, which has a place until it ends.
    pub(super) fn enter(&self, place: Option<OwnedSemaphorePermit>) -> Progress {
        let progress = Progress(Arc::new(State {
            waiting_since: AtomicU64::new(FRESH),
            start: self.start,
            ended: Notify::new(),
            place: Mutex::new(place),
            leaving: Arc::clone(&self.leaving),
        }));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that are gone are forgotten now and then, not one by one.
        if taken.len() == taken.capacity() {
            taken.retain(|state| state.strong_count() > 0);
        }
        taken.push(Arc::downgrade(&progress.0));
        progress
    }

    /// Ends the connection that has waited for its client the longest, if there is one; its place.
    pub(super) fn end_longest_waiting(&self) -> Option<OwnedSemaphorePermit> {
        if self.leaving.load(Ordering::SeqCst) >= MAX_LEAVING {
            return None;
        }
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.retain(|state| state.strong_count() > 0);
        loop {
            let (since, state) = taken
                .iter()
                .filter_map(Weak::upgrade)
                .map(|state| (state.waiting_since.load(Ordering::SeqCst), state))
                .filter(|(since, _)| *since < FRESH)
                .min_by_key(|(since, _)| *since)?;
            // Unless its client has just been heard after all.
            let ended = state.waiting_since.compare_exchange(
                since,
                ENDED,
                Ordering::SeqCst,
                Ordering::SeqCst,
            );
            if ended.is_ok() {
                self.leaving.fetch_add(1, Ordering::SeqCst);
                state.ended.notify_one();
                let mut place = state.place.lock().unwrap_or_else(PoisonError::into_inner);
                return place.take();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn audit_3_a_full_listener_closes_the_connection_that_has_waited_longest_for_its_client()
    {
        let places = Places::new(3);
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(places.enter(places.take().await));
        }
        let nobody = timeout(Duration::from_millis(50), places.take()).await;
        assert!(nobody.is_err(), "nobody has been heard yet");
        for one in &held {
            one.waits();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // The first is at work, the second was heard a moment ago.
        assert!(held[0].works());
        tokio::time::sleep(Duration::from_millis(5)).await;
        held[1].waits();
        let fourth = places.enter(places.take().await);
        held[2].ended().await;
        assert!(!held[2].works(), "it stays ended");
        held[2].waits();
        assert!(!held[2].works());
        assert!(fourth.works());

        assert!(held[1].works());
        let nobody = timeout(Duration::from_millis(100), places.take()).await;
        assert!(nobody.is_err(), "all are at work");
        drop(fourth);
        assert!(places.take().await.is_some());
    }

    #[tokio::test]
    async fn audit_3_connections_that_are_being_closed_are_limited() {
        let places = Places::new(2);
        let mut held = Vec::new();
        for _ in 0..MAX_LEAVING + 2 {
            let one = places.enter(places.take().await);
            one.waits();
            held.push(one);
        }
        let next = timeout(Duration::from_millis(100), places.take()).await;
        assert!(next.is_err());
        held.remove(0);
        assert!(places.take().await.is_some());
    }
}
