//! Attempts at codes: nothing that can be guessed is looked at before the guess was counted.
//!
//! 1. [`Engine::reserve_attempt`] counts the attempt, under the account and under the network that it
//!    comes from, in one conditional statement each. What is over the limit is refused here.
//! 2. The [`Attempt`] is what every check of a code takes ([`Engine::totp_step`]): there is no way to
//!    check one that was not counted.
//! 3. It ends as [`Attempt::wrong`] or [`Attempt::right`]. One that ends as neither, because the
//!    process died, stays counted.
//!
//! Whoever types an address is counted alike whether or not there is such an account. A browser that is
//! or lately was a registered device of the account has a counter of its own ("device cookies", OWASP
//! Slow Down Online Guessing Attacks): what anonymous clients do cannot keep it out.

use crate::{
    Engine, Error, RequestOrigin, Result, database, database::lane::Lane,
    identity::user::require_user, keys::keyring, throttle, throttle::refusal_log::Reason,
    unit_of_work::Actor,
};
use latchkey_domain::{
    access::permission::{Administrator, CurrentUser},
    event::{CodesPaused, CodesResumed, NamedUser},
    id::{DeviceId, UserId},
    identity::email::Email,
    throttle::{Counter, Limits},
};
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::net::{IpAddr, Ipv6Addr};
use time::{Duration, OffsetDateTime};

/// Counters of addresses that nobody has, and of networks, kept at once.
const MAX_ANONYMOUS: u64 = 20_000;

/// What an attempt is at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guess<'a> {
    /// The authenticator app of the account with this address.
    Account {
        /// As typed, in its canonical spelling if it has one.
        email: &'a str,
        /// The account, if there is one.
        user: Option<UserId>,
        /// The device of that account that this browser is or lately was.
        known_device: Option<DeviceId>,
    },
    /// The first code behind a one-time link, by the link's digest.
    Link(&'a [u8]),
}

/// A counted attempt at one account's code.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// The counter that this attempt has to itself.
    own: String,
    /// The counters that it shares with others of its network.
    shared: Vec<String>,
    /// Whether no other attempt will be looked at before the window ends.
    is_last: bool,
}

/// Wrong codes for an account, as its owner and administrators see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongCodes {
    /// How many there were since the window began.
    pub count: u32,
    /// When the last one was.
    pub last_at: OffsetDateTime,
    /// Until when codes from unknown browsers are not looked at, if there were too many.
    pub paused_until: Option<OffsetDateTime>,
}

/// What was typed is not kept in the clear.
fn name_of(what: &str, value: &[u8]) -> String {
    let digest = keyring::digest(what, value);
    format!("{what}:{}", hex::encode(&digest[..16]))
}

fn account_counter(email: &str) -> String {
    name_of("account", email.as_bytes())
}

/// The network that an address belongs to, in text: one customer gets at least a whole /64 of IPv6.
pub(crate) fn network_of(ip: Option<IpAddr>) -> String {
    match ip.map(|ip| ip.to_canonical()) {
        None => "an unknown address".to_owned(),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let network = Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64);
            format!("{network}/64")
        }
    }
}

fn network_counter(ip: Option<IpAddr>) -> String {
    name_of("network", network_of(ip).as_bytes())
}

/// Does something to its end, also when who asked for it has hung up: otherwise an attempt is counted and
/// nothing is told of it.
pub(crate) async fn uncancelled<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|cause| Err(Error::internal(cause)))
}

/// One account, as one network guesses at it.
fn pair_counter(current_user: &str, ip: Option<IpAddr>) -> String {
    let pair = format!("{current_user} {}", network_of(ip));
    name_of("pair", pair.as_bytes())
}

impl Guess<'_> {
    fn counter(&self) -> String {
        match self {
            Self::Account {
                known_device: Some(device),
                ..
            } => name_of("device", device.uuid().as_bytes()),
            Self::Account { email, .. } => account_counter(email),
            Self::Link(digest) => name_of("link", digest),
        }
    }

    const fn user(&self) -> Option<UserId> {
        match self {
            Self::Account { user, .. } => *user,
            Self::Link(_) => None,
        }
    }

    /// A known browser is not slowed down by its neighbours either.
    const fn is_shared(&self) -> bool {
        matches!(
            self,
            Self::Account {
                known_device: None,
                ..
            }
        )
    }
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
                (network_counter(origin.ip), Limits::NETWORK),
                (pair_counter(&own, origin.ip), Limits::NETWORK_AND_ACCOUNT),
            ],
            false => Vec::new(),
        };
        // The account's own last: what the others refuse does not use it up.
        let counters: Vec<_> = shared
            .iter()
            .map(|(name, limits)| (name.as_str(), None, *limits))
            .chain([(own.as_str(), guess.user(), Limits::ACCOUNT)])
            .collect();
        for _ in 0..ROUNDS {
            // A look first: in a flood nearly all attempts end here, and write nothing.
            for (name, _, limits) in &counters {
                self.wait_for_turn(name, limits).await?;
            }
            // Of those that looked at the same moment one goes on; the others look again.
            if let Some(is_last) = self.try_to_reserve(&counters).await? {
                return Ok(Attempt {
                    own,
                    shared: shared.into_iter().map(|(name, _)| name).collect(),
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
        let turn = self.write_turn().await?;
        let tx = turn.db().begin().await?;
        let mut is_last = false;
        for (name, user, limits) in counters {
            if !throttle::store::reserve(&tx, name, *user, limits, now.unix_timestamp()).await? {
                tx.rollback().await?;
                return Ok(None);
            }
            let counter = throttle::store::find(&tx, name).await?.unwrap_or_default();
            is_last = counter.is_paused(limits, now);
        }
        tx.commit().await?;
        Ok(Some(is_last))
    }

    /// Waits for an attempt that is under way, a short while; refuses while there is a delay.
    async fn wait_for_turn(&self, name: &str, limits: &Limits) -> Result<()> {
        let mut looks = 1;
        loop {
            let counter = throttle::store::find(self.db(), name)
                .await?
                .unwrap_or_default();
            let wait = counter.wait(limits, self.now());
            if !wait.is_positive() {
                return Ok(());
            }
            let is_only_busy = !counter.idle().wait(limits, self.now()).is_positive();
            if !is_only_busy || looks == LOOKS {
                return Err(throttled(wait));
            }
            looks += 1;
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Wrong codes from unknown browsers for this person's account, if there were any lately.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_wrong_codes(&self, current_user: &CurrentUser) -> Result<Option<WrongCodes>> {
        self.wrong_codes(&current_user.email).await
    }

    /// The same, of anybody's account.
    ///
    /// # Errors
    /// Internal only.
    pub async fn wrong_codes_of(
        &self,
        _administrator: &Administrator,
        email: &Email,
    ) -> Result<Option<WrongCodes>> {
        self.wrong_codes(email).await
    }

    async fn wrong_codes(&self, email: &Email) -> Result<Option<WrongCodes>> {
        let now = self.now();
        let counter = throttle::store::find(self.db(), &account_counter(email.as_str())).await?;
        Ok(counter
            .filter(|counter| counter.total > 0 && now < window_end(counter))
            .map(|counter| WrongCodes {
                count: u32::try_from(counter.total).unwrap_or_default(),
                last_at: database::at(counter.last_at),
                paused_until: counter
                    .is_paused(&Limits::ACCOUNT, now)
                    .then(|| window_end(&counter)),
            }))
    }

    /// Lets codes of an account count again at once, and forgets how many were wrong.
    ///
    /// # Errors
    /// Not found (`person`); nothing to lift is fine.
    pub async fn lift_code_pause(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = require_user(&tx, id).await?;
        let name = account_counter(user.email.as_str());
        let Some(counter) = throttle::store::find(tx.db(), &name).await? else {
            return Ok(());
        };
        throttle::store::reset(tx.db(), &name, id).await?;
        let event = CodesResumed {
            user: user.named(),
            wrong_codes: u64::try_from(counter.total).unwrap_or_default(),
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Forgets counters that have ended, and bounds the others.
    pub(crate) async fn forget_attempts(&self, db: &impl ConnectionTrait) -> Result<()> {
        let before = self.now() - Limits::ACCOUNT.window;
        Ok(throttle::store::forget(db, before.unix_timestamp(), MAX_ANONYMOUS).await?)
    }
}

/// Between two looks whether the attempt before is over.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_millis(40);

/// Looks, while an attempt is under way, for a second in all: one takes a few milliseconds, more on a busy
/// machine.
const LOOKS: u32 = 25;

/// Times that an attempt may lose against another that looked at the same moment.
const ROUNDS: u32 = 8;

fn window_end(counter: &Counter) -> OffsetDateTime {
    database::at(counter.window_started_at) + Limits::ACCOUNT.window
}

fn throttled(wait: Duration) -> Error {
    let seconds = u64::try_from(wait.whole_seconds()).unwrap_or_default();
    Error::Throttled {
        wait: std::time::Duration::from_secs(seconds.max(1)),
    }
}

impl Attempt {
    /// The code was wrong: the attempt stays counted. When it was the last one of its window, the owner
    /// and the audit log are told; `reason` is what the log says of a refusal.
    pub(crate) async fn wrong(
        self,
        engine: &Engine,
        owner: Option<NamedUser>,
        reason: &'static str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        // A turn that cannot be ended ends by itself; what follows must be told all the same.
        if let Ok(turn) = engine.write_turn().await
            && let Err(cause) = throttle::store::release(turn.db(), &self.own).await
        {
            tracing::warn!(%cause, "the turn of an attempt could not be ended");
        }
        if !self.is_last {
            return engine
                .record_refusal(owner, Reason::Code(reason), origin)
                .await;
        }
        // For an address that nobody has as much is written: the time must not tell accounts apart.
        // Seldom, and not to be lost because others want to write too.
        let engine = engine.in_lane(Lane::Known);
        let mut tx = engine.begin(Actor::Anonymous, origin).await?;
        let event = CodesPaused {
            user: owner,
            reason,
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// The code was right: within the change that it opens, this one attempt is given back, and the delay
    /// ends. The wrong ones of others stay counted: their author would wait for the owner's right one.
    pub(crate) async fn right(self, db: &impl ConnectionTrait) -> Result<()> {
        throttle::store::settle(db, &self.own).await?;
        for counter in &self.shared {
            throttle::store::give_back(db, counter).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_or_its_first_64_bits() {
        let counter = |ip: &str| network_counter(Some(ip.parse().unwrap()));
        assert_eq!(counter("192.0.2.1"), counter("::ffff:192.0.2.1"));
        assert_ne!(counter("192.0.2.1"), counter("192.0.2.2"));
        assert_eq!(counter("2001:db8:0:1::1"), counter("2001:db8:0:1:ffff::2"));
        assert_ne!(counter("2001:db8:0:1::1"), counter("2001:db8:0:2::1"));
        assert_ne!(counter("::"), network_counter(None));
        let ip = "2001:db8:0:1:ffff::2".parse().ok();
        assert_eq!(network_of(ip), "2001:db8:0:1::/64");
    }
}
