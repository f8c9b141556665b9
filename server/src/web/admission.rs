//! Admission: how many requests are accepted from whom, before any work is done.
//!
//! 1. A request with a device cookie is counted by device: [`Quotas::device`]. The cookie's tag is checked, nothing is
//!    looked up.
//! 2. Any other is counted by network (an IPv4 address; of IPv6 the /64, which is what one household or machine gets):
//!    [`Quotas::network`], so that a flood from one network affects that network only.
//! 3. What passes is counted over all networks together: [`Quotas::everybody`], which limits a flood from many networks
//!    to what this program can do beside its other work. Requests with a device do not count here.
//! 4. Programs ([`Rate::Program`]) have quotas of their own, by network and over all networks: what a client gets
//!    ([`Quotas::program`]) is more than a person needs, and what programs ask must not refuse a sign-in.
//! 5. Attempts, which try a code, a link or a passkey, have smaller quotas, and count as requests too. (How many codes an
//!    account accepts is limited by the engine, exactly; this only bounds the work.)
//! 6. Of the anonymous requests that pass, few run at once, and a few more wait briefly.
//!
//! Counters are in memory: they are lost with the process, and each process counts for itself.

mod fields;
mod limiter;
mod program;
mod quota;
mod refused;
#[cfg(test)]
mod tests;
mod waiting;

pub(in crate::web) use fields::rate_limit_fields;
pub use program::{Counted, Program, ProgramQuota};
pub use quota::{Quota, Quotas, Source};
pub use refused::{Policy, Refused};

use governor::clock::Clock;
use latchkey_app::routes::Rate;
use latchkey_domain::id::DeviceId;
use limiter::{All, Each, Ticks, all, each};
use program::Programs;
use quota::{SAVED_FORMS, SAVED_TARGETS, SAVED_TARGETS_OF_EVERYBODY, slowly};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use waiting::Waiting;

/// Counters that are full again are dropped this often.
const TRIM_EVERY: Duration = Duration::from_secs(1);

/// Networks that are counted one by one. An attacker with a /32 of IPv6 has four billion of them; beyond this,
/// whoever has no device is asked to come again, until the next trim. Devices are counted apart from networks,
/// so that no number of networks is in their way.
const MAX_NETWORKS: usize = 50_000;

/// Where requests of programs are counted, each for itself: what a program does at a service must not stand in the way of its
/// next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramRequest {
    /// The management API.
    Api,
    /// `/oauth/token`.
    Token,
    /// Services, which ask about each access token, and clients that ask about theirs.
    Service,
}

/// Counts what is taken from whom.
pub struct Admission {
    quotas: Quotas,
    ticks: Ticks,
    device: Each<Source>,
    network: Each<Source>,
    network_programs: Each<Source>,
    api_programs: Programs,
    token_programs: Programs,
    service_programs: Programs,
    device_attempts: Each<Source>,
    network_attempts: Each<Source>,
    everybody: All,
    programs: All,
    attempts_of_everybody: All,
    targets: Each<Source>,
    targets_of_everybody: All,
    forms: Each<DeviceId>,
    trimmed_at: AtomicU64,
    places: Semaphore,
    waiting: AtomicUsize,
}

impl Default for Admission {
    /// With the quotas of every installation, by a clock that nobody sets.
    fn default() -> Self {
        Self::of(Quotas::default())
    }
}

impl Admission {
    /// One with these quotas, by a clock that nobody sets.
    #[must_use]
    pub fn of(quotas: Quotas) -> Self {
        let start = Instant::now();
        Self::new(quotas, move || start.elapsed())
    }

    /// One with these quotas, by a clock that says how long ago some beginning was.
    #[must_use]
    pub fn new(quotas: Quotas, clock: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        let ticks = Ticks(Arc::new(clock));
        Self {
            device: each(quotas.device, &ticks),
            network: each(quotas.network, &ticks),
            network_programs: each(quotas.network_programs, &ticks),
            api_programs: Programs::new(quotas.program, &ticks),
            token_programs: Programs::new(quotas.program, &ticks),
            service_programs: Programs::new(quotas.program, &ticks),
            device_attempts: each(quotas.attempts, &ticks),
            network_attempts: each(quotas.attempts, &ticks),
            everybody: all(quotas.everybody.governed(), &ticks),
            programs: all(quotas.programs.governed(), &ticks),
            attempts_of_everybody: all(quotas.attempts_of_everybody.governed(), &ticks),
            targets: Each::hashmap_with_clock(slowly(SAVED_TARGETS), ticks.clone()),
            targets_of_everybody: all(slowly(SAVED_TARGETS_OF_EVERYBODY), &ticks),
            forms: Each::hashmap_with_clock(slowly(SAVED_FORMS), ticks.clone()),
            trimmed_at: AtomicU64::new(0),
            places: Semaphore::new(quotas.at_once),
            waiting: AtomicUsize::new(0),
            quotas,
            ticks,
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`Refused`] when a quota is used up.
    pub fn count(&self, source: Source, rate: Rate) -> Result<(), Refused> {
        self.trim();
        if let Source::Device(_) = source {
            self.check_each(&self.device, source, "device", self.quotas.device)?;
            if rate == Rate::Attempt {
                let quota = self.quotas.attempts;
                self.check_each(&self.device_attempts, source, "attempts", quota)?;
            }
            return Ok(());
        }
        if rate == Rate::Program {
            let quota = self.quotas.network_programs;
            self.check_each(&self.network_programs, source, "network", quota)?;
            let quota = self.quotas.programs;
            return self.check_all(&self.programs, "programs", quota);
        }
        // First what one network may: what it asks beyond that does not use up what all may.
        self.check_each(&self.network, source, "network", self.quotas.network)?;
        if rate == Rate::Attempt {
            let quota = self.quotas.attempts;
            self.check_each(&self.network_attempts, source, "attempts", quota)?;
            let quota = self.quotas.attempts_of_everybody;
            self.check_all(&self.attempts_of_everybody, "attempts-of-everybody", quota)?;
        }
        self.check_all(&self.everybody, "everybody", self.quotas.everybody)
    }

    /// Counts a request of a program, for a user or for itself, when it is known who it is; `None` if programs are not counted.
    ///
    /// # Errors
    /// [`Refused`] when its quota is used up.
    pub fn count_program(
        &self,
        request: ProgramRequest,
        program: Program,
    ) -> Result<Option<Counted>, Refused> {
        let programs = match request {
            ProgramRequest::Api => &self.api_programs,
            ProgramRequest::Token => &self.token_programs,
            ProgramRequest::Service => &self.service_programs,
        };
        programs.count(program)
    }

    /// Counts a long target; whether it may be kept.
    pub fn may_keep_target(&self, source: Source) -> bool {
        self.trim();
        self.targets.len() < MAX_NETWORKS
            && self.targets.check_key(&source).is_ok()
            && self.targets_of_everybody.check().is_ok()
    }

    /// Counts a long form; whether it may be kept. Devices are ours, so there are not more of them than we made.
    pub fn may_keep_form(&self, device: DeviceId) -> bool {
        self.trim();
        self.forms.check_key(&device).is_ok()
    }

    /// Waits for a turn to work on an anonymous request.
    ///
    /// # Errors
    /// [`Refused`] when too many wait, or it takes too long.
    pub async fn enter(&self) -> Result<SemaphorePermit<'_>, Refused> {
        if let Ok(turn) = self.places.try_acquire() {
            return Ok(turn);
        }
        let refused = Refused {
            wait: self.quotas.max_wait,
            is_own_doing: false,
            policy: None,
        };
        let Some(_waiting) = Waiting::begin(&self.waiting, self.quotas.waiting) else {
            return Err(refused);
        };
        match timeout(self.quotas.max_wait, self.places.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(refused),
        }
    }

    /// How many are counted one by one.
    #[cfg(test)]
    fn counted(&self) -> usize {
        self.each().iter().map(|limiter| limiter.len()).sum()
    }

    const fn each(&self) -> [&Each<Source>; 6] {
        [
            &self.targets,
            &self.device,
            &self.network,
            &self.network_programs,
            &self.device_attempts,
            &self.network_attempts,
        ]
    }

    fn check_each(
        &self,
        limiter: &Each<Source>,
        source: Source,
        name: &'static str,
        quota: Quota,
    ) -> Result<(), Refused> {
        if limiter.len() >= MAX_NETWORKS {
            return Err(Refused {
                wait: TRIM_EVERY,
                is_own_doing: false,
                policy: None,
            });
        }
        limiter.check_key(&source).map_err(|until| Refused {
            wait: until.wait_time_from(self.ticks.now()),
            is_own_doing: true,
            policy: Some(quota.policy(name)),
        })
    }

    fn check_all(&self, limiter: &All, name: &'static str, quota: Quota) -> Result<(), Refused> {
        limiter.check().map_err(|until| Refused {
            wait: until.wait_time_from(self.ticks.now()),
            is_own_doing: false,
            policy: Some(quota.policy(name)),
        })
    }

    /// Forgets who has all of their quota again, now and then.
    fn trim(&self) {
        let now = u64::try_from(self.ticks.now().as_millis()).unwrap_or(u64::MAX);
        let before = self.trimmed_at.load(Ordering::Relaxed);
        let is_due = u128::from(now.saturating_sub(before)) >= TRIM_EVERY.as_millis();
        let is_mine = is_due
            && self
                .trimmed_at
                .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_mine {
            self.forms.retain_recent();
            for limiter in self.each() {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
    }
}
