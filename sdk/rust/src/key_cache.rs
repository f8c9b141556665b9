//! The issuer's public keys, and when they are fetched.

use crate::{Clock, Error, http_client::HttpClient};
use http::StatusCode;
use latchkey_jose::{KeySet, PublicKey};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// The age at which keys are fetched again.
const REFRESH: Duration = Duration::from_secs(300);
/// The time between two fetches because of an unknown key id, and after a failed fetch.
const PAUSE: Duration = Duration::from_secs(30);
/// The time between two fetches as long as there are no keys.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How long known keys are used when they cannot be fetched.
const MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Keys that are fetched at first use, every five minutes, and at an unknown key id.
#[derive(Clone)]
pub(crate) struct KeyCache(Arc<Shared>);

struct Shared {
    url: String,
    client: HttpClient,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The keys, and when they were fetched.
    keys: Option<(KeySet, Duration)>,
    may_fetch_at: Duration,
    may_fetch_unknown_at: Duration,
    flight: Option<Flight>,
}

/// A fetch that is under way; it ends when its sender is dropped.
type Flight = watch::Receiver<()>;

impl KeyCache {
    pub(crate) fn new(url: String, client: HttpClient, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Shared {
            url,
            client,
            clock,
            state: Mutex::default(),
        }))
    }

    /// The key with this id; `None` if the issuer has none.
    ///
    /// # Errors
    /// [`Error::KeysUnavailable`] if there are no keys.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<PublicKey>, Error> {
        let flight = {
            let mut state = self.state();
            let now = self.0.clock.monotonic();
            let is_due = (state.keys.as_ref())
                .is_none_or(|(_, fetched_at)| now.saturating_sub(*fetched_at) >= REFRESH);
            let may_start = now >= state.may_fetch_at;
            is_due.then(|| self.start(&mut state, may_start)).flatten()
        };
        wait(flight).await;
        if let Some(key) = self.look_up(id)? {
            return Ok(Some(key));
        }
        // Perhaps the issuer has a new key. Anyone can make up an id, so this happens only now and then.
        let flight = {
            let mut state = self.state();
            let now = self.0.clock.monotonic();
            let may_start = now >= state.may_fetch_unknown_at;
            let flight = self.start(&mut state, may_start);
            if flight.is_some() {
                state.may_fetch_unknown_at = now + PAUSE;
            }
            flight
        };
        wait(flight).await;
        self.look_up(id)
    }

    fn look_up(&self, id: &str) -> Result<Option<PublicKey>, Error> {
        let now = self.0.clock.monotonic();
        match &self.state().keys {
            Some((keys, fetched_at)) if now.saturating_sub(*fetched_at) < MAX_AGE => {
                Ok(keys.find(id).cloned())
            }
            _ => Err(Error::KeysUnavailable),
        }
    }

    /// The fetch that is under way, or a new one if there may be one.
    fn start(&self, state: &mut State, may_start: bool) -> Option<Flight> {
        // The sender of a task that was ended with its runtime is gone too.
        state.flight.take_if(|flight| flight.has_changed().is_err());
        if state.flight.is_none() && may_start {
            let (sender, receiver) = watch::channel(());
            let cache = self.clone();
            // A task of its own: others wait too when the first caller no longer does.
            tokio::spawn(async move {
                cache.fetch().await;
                drop(sender);
            });
            state.flight = Some(receiver);
        }
        state.flight.clone()
    }

    async fn fetch(&self) {
        let answer = self.0.client.get(&self.0.url, &[]).await;
        let keys = answer
            .ok()
            .filter(|answer| answer.status == StatusCode::OK)
            .and_then(|answer| String::from_utf8(answer.body).ok())
            .and_then(|text| KeySet::parse(&text).ok());
        let mut state = self.state();
        let now = self.0.clock.monotonic();
        if let Some(keys) = keys {
            state.keys = Some((keys, now));
        }
        let pause = match state.keys {
            Some(_) => PAUSE,
            None => FIRST_PAUSE,
        };
        state.may_fetch_at = now + pause;
    }

    /// No code panics while it has the lock, and each change is complete.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyCache").field(&self.0.url).finish()
    }
}

async fn wait(flight: Option<Flight>) {
    if let Some(mut flight) = flight {
        // The error says that the sender was dropped, which is what this waits for.
        let _ended = flight.changed().await;
    }
}
