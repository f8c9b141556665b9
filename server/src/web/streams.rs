//! Responses that go on for long: copies of the audit log, and its live view. Each has a place as long as it lasts, and ends when
//! the server stops.

use latchkey_domain::id::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;

/// At once, over all users.
const MAX: usize = 32;
/// At once, with copies of users' own events: the others are kept for auditors, whom no number of users is to lock out.
const MAX_WITH_OWN: usize = 16;
/// At once, of one user: tabs, and a copy besides them.
const MAX_OF_USER: usize = 4;

/// Who has a stream.
#[derive(Clone)]
pub(crate) struct Streams {
    users: Arc<Mutex<HashMap<UserId, usize>>>,
    stop: watch::Sender<bool>,
}

/// A place, until it is dropped.
pub(super) struct Place {
    streams: Streams,
    user: UserId,
    stopped: watch::Receiver<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            users: Arc::default(),
            stop: watch::Sender::new(false),
        }
    }
}

impl Streams {
    /// A place for one more stream of this auditor, if there is any.
    pub(super) fn take(&self, user: UserId) -> Option<Place> {
        self.take_of(MAX, user)
    }

    /// A place for a copy of what this user did, if there is any.
    pub(super) fn take_for_own(&self, user: UserId) -> Option<Place> {
        self.take_of(MAX_WITH_OWN, user)
    }

    fn take_of(&self, most: usize, user: UserId) -> Option<Place> {
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = users.values().sum();
        let own = users.get(&user).copied().unwrap_or_default();
        if all >= most || own >= MAX_OF_USER {
            return None;
        }
        users.insert(user, own + 1);
        Some(Place {
            streams: self.clone(),
            user,
            stopped: self.stop.subscribe(),
        })
    }

    /// Ends all of them, because the server stops.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Place {
    /// Whether the server stops.
    pub(super) fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Waits until it does.
    pub(super) async fn stopped(&mut self) {
        // An error means that there is nobody left to stop it.
        let _ = self.stopped.wait_for(|is_stopped| *is_stopped).await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut users = (self.streams.users.lock()).unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = users.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: u128) -> UserId {
        UserId::from_uuid(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn a_user_has_four_streams_and_all_have_thirty_two() {
        let streams = Streams::default();
        let mut places: Vec<_> = (0..4).map(|_| streams.take(user(1)).unwrap()).collect();
        assert!(streams.take(user(1)).is_none());
        places.pop();
        places.push(streams.take(user(1)).unwrap());
        for number in 2..9 {
            places.extend((0..4).map(|_| streams.take(user(number)).unwrap()));
        }
        assert!(streams.take(user(100)).is_none());
        drop(places);
        assert!(streams.take(user(100)).is_some());
        assert!(streams.users.lock().unwrap().is_empty());
    }

    #[test]
    fn users_who_copy_what_they_did_leave_places_for_auditors() {
        let streams = Streams::default();
        let mut places = Vec::new();
        for number in 1..=4 {
            places.extend((0..4).map(|_| streams.take_for_own(user(number)).unwrap()));
        }
        assert!(streams.take_for_own(user(5)).is_none());
        assert!(streams.take(user(6)).is_some());
    }

    #[tokio::test]
    async fn every_stream_ends_when_the_server_stops() {
        let streams = Streams::default();
        let mut place = streams.take(user(1)).unwrap();
        assert!(!place.is_stopped());
        streams.stop();
        place.stopped().await;
        assert!(place.is_stopped() && streams.take(user(2)).unwrap().is_stopped());
    }
}
