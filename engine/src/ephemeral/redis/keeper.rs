//! Holds the connection: it is made with the first request and again when it is lost, while requests wait or fail.

use super::{
    epoch::{Link, RedisFault, connect},
    url::RedisUrl,
};
use crate::Clock;
use std::{
    fmt,
    sync::{
        Arc, Once, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(250);

/// A connection that holds for so long ends an outage: a server that accepts connections but no marks is one outage, not many.
const STABLE: Duration = Duration::from_secs(1);

/// The connection as requests see it.
#[derive(Debug, Clone)]
enum State {
    /// It is being made for the first time, or for the first time since it was lost: requests wait.
    Connecting,
    Up(Arc<Link>),
    /// The last attempt failed: requests fail at once.
    Down,
}

/// One server, and the connection to it.
pub(super) struct Keeper {
    url: RedisUrl,
    epoch_key: String,
    clock: Clock,
    state: watch::Sender<State>,
    begun: Once,
    /// Whether the log has the current outage already.
    is_reported: AtomicBool,
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keeper({})", self.url)
    }
}

impl Keeper {
    pub(super) fn new(url: RedisUrl, epoch_key: String, clock: Clock) -> Self {
        Self {
            url,
            epoch_key,
            clock,
            state: watch::Sender::new(State::Connecting),
            begun: Once::new(),
            is_reported: AtomicBool::new(false),
        }
    }

    /// A connection beside the one that is held.
    pub(super) async fn connect(&self) -> Result<Link, RedisFault> {
        connect(&self.url, &self.epoch_key, self.now()).await
    }

    pub(super) fn epoch_key(&self) -> &str {
        &self.epoch_key
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now().unix_timestamp()
    }

    /// Begins to connect, unless that was begun before. Ends when the keeper is dropped.
    pub(super) fn begin(self: &Arc<Self>) {
        self.begun.call_once(|| {
            tokio::spawn(keep_connected(Arc::downgrade(self)));
        });
    }

    /// The connection, once it is there; `None` if it cannot be made.
    pub(super) async fn link(self: &Arc<Self>) -> Option<Arc<Link>> {
        self.begin();
        let mut states = self.state.subscribe();
        let state = states
            .wait_for(|state| !matches!(state, State::Connecting))
            .await;
        match &*state.ok()? {
            State::Up(link) => Some(Arc::clone(link)),
            State::Connecting | State::Down => None,
        }
    }

    /// The connection is of no more use.
    pub(super) fn give_up(&self, lost: &Arc<Link>) {
        self.state.send_if_modified(|state| {
            let is_current = matches!(state, State::Up(link) if Arc::ptr_eq(link, lost));
            if is_current {
                *state = State::Connecting;
            }
            is_current
        });
    }

    /// Logs that uses cannot be marked, once per outage.
    pub(super) fn report(&self, cause: &str) {
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(url = %self.url, cause, "uses cannot be marked in Redis; tokens, proofs and assertions that are accepted once are denied until they can");
        }
    }

    fn report_end(&self) {
        if self.is_reported.swap(false, Ordering::Relaxed) {
            tracing::info!(url = %self.url, "uses can be marked in Redis again");
        }
    }
}

async fn keep_connected(keeper: Weak<Keeper>) {
    let mut is_warned = false;
    while let Some(keeper_now) = keeper.upgrade() {
        match keeper_now.connect().await {
            Ok(link) => {
                if link.server.evicts() && !is_warned {
                    is_warned = true;
                    let policy = link.server.maxmemory_policy.as_deref();
                    tracing::warn!(url = %keeper_now.url, policy, "this Redis deletes keys when its memory is full, so that a used token could be used again; set maxmemory-policy to noeviction");
                }
                let mut states = keeper_now.state.subscribe();
                keeper_now.state.send_replace(State::Up(Arc::new(link)));
                drop(keeper_now);
                let is_lost = |state: &State| !matches!(state, State::Up(_));
                if timeout(STABLE, states.wait_for(is_lost)).await.is_err() {
                    if let Some(keeper) = keeper.upgrade() {
                        keeper.report_end();
                    }
                    // An error means that the keeper was dropped, which ends the loop.
                    let _ = states.wait_for(is_lost).await;
                }
            }
            Err(fault) => {
                keeper_now.report(&fault.to_string());
                keeper_now.state.send_replace(State::Down);
                drop(keeper_now);
                sleep(PAUSE).await;
            }
        }
    }
}
