//! How many requests are accepted from one program, for each user for whom it acts and for itself.
//!
//! A program is counted when it is known who it is, so nobody uses up the quota of another. Counters are in shards, each with
//! a lock of its own, because the internal listener counts here too. Clients and users are ours, so there are not more of
//! them than we made; those that have their whole quota again are dropped.

use super::{Policy, Refused, Ticks};
use governor::{
    Quota as Governed, RateLimiter, clock::Clock, middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};
use latchkey_domain::id::{ClientId, UserId};
use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A client, and the user for whom it acts.
pub type Program = (ClientId, Option<UserId>);

/// Locks among which programs are divided.
const SHARDS: usize = 32;

/// Counters of a shard that are full again are dropped this often, in milliseconds.
const TRIM_EVERY: u64 = 10_000;

/// How many requests of one program are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgramQuota {
    /// So many in each window, in the long run; zero for any number.
    pub requests: u32,
    /// The window.
    pub window: Duration,
    /// At once.
    pub burst: u32,
}

impl ProgramQuota {
    /// In how long one request comes back.
    fn period(self) -> Option<Duration> {
        self.window.checked_div(self.requests)
    }

    /// As it is named in the field `RateLimit-Policy`: the burst, and in how many seconds all of it comes back.
    fn policy(self) -> Policy {
        let whole = self.period().unwrap_or_default() * self.burst;
        let seconds = whole.as_secs() + u64::from(whole.subsec_nanos() > 0);
        Policy {
            name: "program",
            quota: self.burst,
            window_seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        }
    }
}

/// A request that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub(in crate::web) policy: Policy,
    /// How many more are accepted at once.
    pub(in crate::web) remaining: u32,
}

struct Shard {
    limiter: RateLimiter<Program, HashMapStateStore<Program>, Ticks, StateInformationMiddleware>,
    trimmed_at: AtomicU64,
}

/// Counts requests of programs.
pub(super) struct Programs {
    policy: Policy,
    ticks: Ticks,
    hasher: RandomState,
    /// None if any number is accepted.
    shards: Vec<Shard>,
}

impl Programs {
    pub(super) fn new(quota: ProgramQuota, ticks: &Ticks) -> Self {
        let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
        let governed = quota.period().and_then(Governed::with_period);
        let governed = governed.map(|governed| governed.allow_burst(burst));
        let shard = |governed| Shard {
            limiter: RateLimiter::new(governed, HashMapStateStore::default(), ticks.clone()),
            trimmed_at: AtomicU64::new(0),
        };
        Self {
            policy: quota.policy(),
            ticks: ticks.clone(),
            hasher: RandomState::new(),
            shards: governed.map_or_else(Vec::new, |governed| {
                (0..SHARDS).map(|_| shard(governed)).collect()
            }),
        }
    }

    /// Counts a request; `None` if programs are not counted.
    pub(super) fn count(&self, program: Program) -> Result<Option<Counted>, Refused> {
        let hash = self.hasher.hash_one(program);
        let place = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        let Some(shard) = self.shards.get(place) else {
            return Ok(None);
        };
        self.trim(shard);
        match shard.limiter.check_key(&program) {
            Ok(state) => Ok(Some(Counted {
                policy: self.policy,
                remaining: state.remaining_burst_capacity(),
            })),
            Err(until) => Err(Refused {
                wait: until.wait_time_from(self.ticks.now()),
                is_own_doing: true,
                policy: Some(self.policy),
            }),
        }
    }

    fn trim(&self, shard: &Shard) {
        let now = u64::try_from(self.ticks.now().as_millis()).unwrap_or(u64::MAX);
        let before = shard.trimmed_at.load(Ordering::Relaxed);
        if now.saturating_sub(before) < TRIM_EVERY {
            return;
        }
        let swapped =
            (shard.trimmed_at).compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed);
        if swapped.is_ok() {
            shard.limiter.retain_recent();
        }
    }

    /// How many programs are counted one by one.
    #[cfg(test)]
    pub(super) fn counted(&self) -> usize {
        self.shards.iter().map(|shard| shard.limiter.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use uuid::Uuid;

    fn program(number: u128, user: Option<u128>) -> Program {
        (
            ClientId::from_uuid(Uuid::from_u128(number)),
            user.map(|user| UserId::from_uuid(Uuid::from_u128(user))),
        )
    }

    fn counting(quota: ProgramQuota) -> (Programs, Arc<Mutex<Duration>>) {
        let clock = Arc::new(Mutex::new(Duration::ZERO));
        let read = clock.clone();
        let ticks = Ticks(Arc::new(move || *read.lock().unwrap()));
        (Programs::new(quota, &ticks), clock)
    }

    const SIX_IN_TEN_SECONDS: ProgramQuota = ProgramQuota {
        requests: 6,
        window: Duration::from_secs(10),
        burst: 6,
    };

    #[test]
    fn a_program_has_its_burst_and_then_its_rate_and_others_have_theirs() {
        let (programs, clock) = counting(SIX_IN_TEN_SECONDS);
        let of_ada = program(1, Some(1));
        for left in (0..6).rev() {
            let counted = programs.count(of_ada).unwrap().unwrap();
            assert_eq!(counted.remaining, left);
        }
        let refused = programs.count(of_ada).unwrap_err();
        assert_eq!(refused.wait_seconds(), 2);
        let policy = refused.policy.unwrap();
        assert_eq!((policy.quota, policy.window_seconds), (6, 10));
        for other in [program(1, Some(2)), program(1, None), program(2, Some(1))] {
            assert!(programs.count(other).is_ok());
        }
        *clock.lock().unwrap() = Duration::from_millis(1667);
        assert!(programs.count(of_ada).is_ok());
        assert!(programs.count(of_ada).is_err());
    }

    #[test]
    fn programs_that_have_their_whole_quota_again_are_dropped() {
        let (programs, clock) = counting(SIX_IN_TEN_SECONDS);
        for number in 0..1000 {
            programs.count(program(number, None)).unwrap();
        }
        assert_eq!(programs.counted(), 1000);
        *clock.lock().unwrap() = Duration::from_secs(60);
        for number in 0..1000 {
            programs.count(program(number + 1000, None)).unwrap();
        }
        assert_eq!(programs.counted(), 1000);
    }

    #[test]
    fn zero_requests_are_any_number() {
        let (programs, _) = counting(ProgramQuota {
            requests: 0,
            ..SIX_IN_TEN_SECONDS
        });
        for _ in 0..1000 {
            assert_eq!(programs.count(program(1, None)), Ok(None));
        }
    }
}
