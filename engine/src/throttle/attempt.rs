//! Attempts at codes: an attempt is counted before its code is checked.
//!
//! 1. [`Engine::reserve_attempt`] counts the attempt for the user and for the network, in one conditional statement each.
//!    Attempts over the limit are refused here.
//! 2. Every check of a code takes an [`Attempt`] ([`Engine::totp_step`]), so an uncounted one cannot be checked.
//! 3. It ends as [`Attempt::wrong`] or [`Attempt::right`]. One that ends as neither, because the process died, stays counted.
//!
//! Attempts at addresses without a user are counted alike. A browser that is or lately was a registered device of the user
//! has a counter of its own ("device cookies", OWASP Slow Down Online Guessing Attacks): anonymous clients cannot lock it
//! out.

pub(crate) use super::guess::Guess;

use crate::{
    Engine, Error, FailedAttempt, RequestOrigin, Result, database,
    database::Reads,
    database::lane::Lane,
    ephemeral::store::EphemeralStore,
    identity::user::require_user_under_authority,
    throttle::{
        guess::{PAIR, account_counter, network_counter, pair_counter},
        refusal_log::Reason,
    },
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, UsersRead, UsersWrite},
    event::{CodeLockoutLifted, CodeLockoutStarted, NamedUser},
    id::UserId,
    identity::email::Email,
    identity::user::User,
    throttle::{Counter, Limits},
};
use sea_orm::ConnectionTrait;
use time::{Duration, OffsetDateTime};

/// The most counters of networks and of addresses without a user that are kept.
const MAX_ANONYMOUS: u64 = 20_000;

/// A counted attempt at a user's code.
#[derive(Debug)]
pub(crate) struct Attempt {
    store: EphemeralStore,
    /// The counter of the user, link or known browser.
    own: String,
    /// The counters that it shares with others of its network.
    shared: Vec<String>,
    /// Whether it is the last attempt before the window ends.
    is_last: bool,
}

/// Wrong codes for a user, as the user and administrators see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongCodes {
    /// How many there were since the window began.
    pub count: u32,
    /// When the last one was.
    pub last_at: OffsetDateTime,
    /// Until when codes from unknown browsers are refused, if there were too many.
    pub locked_out_until: Option<OffsetDateTime>,
    /// From how many networks codes are refused, because too many came from there.
    pub locked_out_networks: u64,
}

/// Runs to its end, also when the client disconnects: otherwise an attempt is counted and never recorded.
pub(crate) async fn uncancelled<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|cause| Err(Error::internal(cause)))
}

impl Engine {
    /// Counts an attempt, before anything is compared.
    ///
    /// # Errors
    /// [`Error::Throttled`] when it may not be made now.
    pub(crate) async fn reserve_attempt(
        &self,
        guess: Guess<'_>,
        origin: &RequestOrigin,
    ) -> Result<Attempt> {
        let own = guess.counter();
        let shared = match guess.is_shared() {
            true => vec![
                (network_counter(origin.ip), None, Limits::NETWORK),
                // Of the user, so that whoever accepts the user's codes again resets it too.
                (
                    pair_counter(&own, origin.ip),
                    guess.user(),
                    Limits::NETWORK_AND_ACCOUNT,
                ),
            ],
            false => Vec::new(),
        };
        // The user's own counter last: attempts that the others refuse do not use it up.
        let counters: Vec<_> = shared
            .iter()
            .map(|(name, user, limits)| (name.as_str(), *user, *limits))
            .chain([(own.as_str(), guess.user(), Limits::ACCOUNT)])
            .collect();
        for _ in 0..ROUNDS {
            // Read first: in a flood nearly all attempts end here, without a write.
            for (name, _, limits) in &counters {
                self.wait_for_turn(name, limits).await?;
            }
            // Of those that read at the same time, one is reserved; the others read again.
            if let Some(is_last) = self.try_to_reserve(&counters).await? {
                return Ok(Attempt {
                    store: self.inner.ephemeral.clone(),
                    own,
                    shared: shared.into_iter().map(|(name, ..)| name).collect(),
                    is_last,
                });
            }
        }
        Err(throttled(Duration::SECOND))
    }

    /// Counts under each counter or under none, and says whether the last one has no attempt left.
    async fn try_to_reserve(
        &self,
        counters: &[(&str, Option<UserId>, Limits)],
    ) -> Result<Option<bool>> {
        let now = self.now();
        let permit = self.acquire_write_permit().await?;
        let tx = permit.begin().await?;
        let (store, mut is_last) = (&self.inner.ephemeral, false);
        for (name, user, limits) in counters {
            if !store.reserve(&tx, name, *user, limits, now).await? {
                tx.rollback().await?;
                return Ok(None);
            }
            let counter = store.counter(&tx, name).await?.unwrap_or_default();
            is_last = counter.is_locked_out(limits, now);
        }
        tx.commit().await?;
        Ok(Some(is_last))
    }

    /// Waits a short while for an attempt in progress; refuses while there is a delay.
    async fn wait_for_turn(&self, name: &str, limits: &Limits) -> Result<()> {
        let mut polls = 1;
        loop {
            let counter = self.inner.ephemeral.counter(self.db(), name).await?;
            let counter = counter.unwrap_or_default();
            let wait = counter.wait(limits, self.now());
            if !wait.is_positive() {
                return Ok(());
            }
            let is_only_busy = !counter.idle().wait(limits, self.now()).is_positive();
            if !is_only_busy || polls == MAX_POLLS {
                return Err(throttled(wait));
            }
            polls += 1;
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Recent wrong codes from unknown browsers for this user.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_wrong_codes(&self, current_user: &CurrentUser) -> Result<Option<WrongCodes>> {
        self.wrong_codes(&current_user.email).await
    }

    /// The same for any user.
    ///
    /// # Errors
    /// Internal only.
    pub async fn wrong_codes_of(
        &self,
        _proof: &dyn Authorizes<UsersRead>,
        email: &Email,
    ) -> Result<Option<WrongCodes>> {
        self.wrong_codes(email).await
    }

    pub(crate) async fn wrong_codes(&self, email: &Email) -> Result<Option<WrongCodes>> {
        let (now, store) = (self.now(), &self.inner.ephemeral);
        let name = account_counter(email.as_str());
        let counter = store.counter(self.db(), &name).await?;
        let Some(counter) =
            counter.filter(|counter| counter.total > 0 && now < window_end(counter))
        else {
            return Ok(None);
        };
        let limits = &Limits::NETWORK_AND_ACCOUNT;
        let locked_out_networks = store.count_locked_out(self.db(), &name, PAIR, limits, now);
        Ok(Some(WrongCodes {
            count: u32::try_from(counter.total).unwrap_or_default(),
            last_at: database::at(counter.last_at),
            locked_out_until: counter
                .is_locked_out(&Limits::ACCOUNT, now)
                .then(|| window_end(&counter)),
            locked_out_networks: locked_out_networks.await?,
        }))
    }

    /// How many wrong codes there were for a user since the window began, as a change sees it.
    pub(crate) async fn wrong_codes_before(&self, db: &impl Reads, email: &Email) -> Result<u64> {
        let name = account_counter(email.as_str());
        let counter = (self.inner.ephemeral)
            .counter(db.connection(), &name)
            .await?;
        let now = self.now();
        let recent = counter.filter(|counter| now < window_end(counter));
        Ok(recent.map_or(0, |counter| {
            u64::try_from(counter.total).unwrap_or_default()
        }))
    }

    /// Lifts the lockout of a user's codes at once, and resets the count of wrong ones.
    ///
    /// # Errors
    /// Not found; nothing to lift is fine.
    pub async fn lift_code_lockout(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        match self.reset_wrong_codes(&mut tx, &user).await? {
            true => tx.commit().await,
            false => Ok(()),
        }
    }

    /// Resets the count of wrong codes of a user within a change; returns whether there was one.
    pub(crate) async fn reset_wrong_codes(&self, tx: &mut Tx<'_>, user: &User) -> Result<bool> {
        let (store, name) = (&self.inner.ephemeral, account_counter(user.email.as_str()));
        let Some(counter) = store.counter(tx.db(), &name).await? else {
            return Ok(false);
        };
        store.reset(tx.db(), &name, user.id).await?;
        let wrong_codes = u64::try_from(counter.total).unwrap_or_default();
        if wrong_codes > 0 {
            let user = user.named();
            tx.apply(CodeLockoutLifted { user, wrong_codes }).await?;
        }
        Ok(true)
    }

    /// Deletes ephemeral state that has ended, and keys that nothing needs any more.
    pub(crate) async fn delete_expired(&self, db: &impl ConnectionTrait) -> Result<()> {
        let now = self.now();
        let store = &self.inner.ephemeral;
        store
            .delete_expired(db, now, now - Limits::ACCOUNT.window, MAX_ANONYMOUS)
            .await?;
        self.forget_retired_keys(db).await
    }
}

/// Between two polls whether the attempt in progress has ended.
const POLL_INTERVAL: std::time::Duration = std::time::Duration::from_millis(40);

/// Polls while an attempt is in progress, for a second in all: it takes a few milliseconds, more on a busy machine.
const MAX_POLLS: u32 = 25;

/// How often an attempt may lose against another that read at the same time.
const ROUNDS: u32 = 8;

fn window_end(counter: &Counter) -> OffsetDateTime {
    database::at(counter.window_started_at) + Limits::ACCOUNT.window
}

pub(super) fn throttled(wait: Duration) -> Error {
    let seconds = u64::try_from(wait.whole_seconds()).unwrap_or_default();
    Error::Throttled {
        wait: std::time::Duration::from_secs(seconds.max(1)),
    }
}

impl Attempt {
    /// The code was wrong: the attempt stays counted. The last one of its window is recorded for the user and in the audit
    /// log; `reason` is what the log says of a refusal.
    pub(crate) async fn wrong(
        self,
        engine: &Engine,
        owner: Option<NamedUser>,
        reason: &'static str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        FailedAttempt::Code.log(origin);
        // A turn that cannot be ended expires; what follows must be recorded all the same.
        if let Ok(permit) = engine.acquire_write_permit().await
            && let Err(cause) = self.store.release(permit.db(), &self.own).await
        {
            tracing::warn!(%cause, "the turn of an attempt could not be ended");
        }
        if !self.is_last {
            return engine
                .record_refusal(owner, Reason::Code(reason), origin)
                .await;
        }
        // As much is written for an address without a user: the time must not tell whether there is one.
        // Rare, and not to be lost because anonymous writers wait.
        let engine = engine.in_lane(Lane::Known);
        let mut tx = engine.begin_unordered(Actor::Anonymous, origin).await?;
        let event = CodeLockoutStarted {
            user: owner,
            reason,
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// The code was right: within the change that follows, this one attempt is given back, and the delay ends. Wrong attempts
    /// of others stay counted: an attacker would wait for the user's right one.
    pub(crate) async fn right(self, db: &impl ConnectionTrait) -> Result<()> {
        self.store.settle(db, &self.own).await?;
        for counter in &self.shared {
            self.store.give_back(db, counter).await?;
        }
        Ok(())
    }
}
