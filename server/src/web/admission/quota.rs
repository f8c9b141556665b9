//! How many requests are accepted from whom.

use super::{Policy, ProgramQuota};
use governor::Quota as Governed;
use latchkey_engine::CookieDigest;
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// Long targets that are kept of one network at once, and how long until there is one more. Behind a proxy that does not say
/// who asks, all people are one network.
pub(super) const SAVED_TARGETS: (u32, Duration) = (100, Duration::from_secs(5));
/// The same of all networks together. Each has up to eight kilobytes and is kept for an hour: 33 MB at most.
pub(super) const SAVED_TARGETS_OF_EVERYBODY: (u32, Duration) = (500, Duration::from_secs(1));

/// Long forms that are kept of one device at once, and how long until there is one more.
pub(super) const SAVED_FORMS: (u32, Duration) = (20, Duration::from_secs(10));

/// How many at once, and how many a second from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// At once.
    pub burst: u32,
    /// A second.
    pub per_second: u32,
}

impl Quota {
    /// As clients are told of it.
    pub(super) fn policy(self, name: &'static str) -> Policy {
        Policy {
            name,
            quota: self.burst,
            window_seconds: match self.per_second {
                0 => u32::MAX,
                each => self.burst.div_ceil(each),
            },
        }
    }

    pub(super) fn governed(self) -> Governed {
        let at_least_one = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        Governed::per_second(at_least_one(self.per_second)).allow_burst(at_least_one(self.burst))
    }
}

/// How much is taken from whom.
#[derive(Debug, Clone, Copy)]
pub struct Quotas {
    /// Requests of a device. A person who clicks is far below; a script with a cookie is held to it.
    pub device: Quota,
    /// Requests of a network without a device. An office behind one address that signs in in the morning fits:
    /// three requests each.
    pub network: Quota,
    /// Requests of programs of a network, to the management API and for tokens: several programs on one machine, of which one
    /// alone gets all of [`Quotas::program`]. It is more than of people, because a program that cannot prove who it is costs a
    /// look-up in memory, or one indexed query, and no page.
    pub network_programs: Quota,
    /// The same of all networks together: ten programs at their limit. A quota apart from [`Quotas::everybody`], so that neither
    /// uses up the other's.
    pub programs: Quota,
    /// Requests of one program for one user, or for itself.
    pub program: ProgramQuota,
    /// Requests of all networks together without a device: about half of what two processors render.
    pub everybody: Quota,
    /// Attempts of a device or of a network without one. Each person has one, or a few where a code
    /// was mistyped.
    pub attempts: Quota,
    /// The same of all networks together. Each writes, and waits for the disk.
    pub attempts_of_everybody: Quota,
    /// Anonymous requests that are worked on at once. More would only wait for the same processors and
    /// connections.
    pub at_once: usize,
    /// Those that wait for it.
    pub waiting: usize,
    /// For how long.
    pub max_wait: Duration,
}

impl Default for Quotas {
    fn default() -> Self {
        let quota = |burst, per_second| Quota { burst, per_second };
        Self {
            device: quota(400, 50),
            network: quota(200, 20),
            network_programs: quota(400, 100),
            programs: quota(2000, 600),
            program: ProgramQuota {
                requests: 60,
                window: Duration::from_secs(1),
                burst: 120,
            },
            everybody: quota(1000, 200),
            attempts: quota(60, 2),
            attempts_of_everybody: quota(200, 50),
            at_once: 32,
            waiting: 128,
            max_wait: Duration::from_secs(2),
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A device with a cookie that we made.
    Device(CookieDigest),
    /// An IPv4 address.
    V4([u8; 4]),
    /// The first half of an IPv6 address.
    V6([u8; 8]),
    /// The address of the client is unknown.
    Unknown,
}

impl Source {
    /// The network of an address.
    #[must_use]
    pub fn of(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V4(address)) => Self::V4(address.octets()),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
            None => Self::Unknown,
        }
    }
}

/// A quota that comes back slower than one a second.
pub(super) fn slowly((burst, period): (u32, Duration)) -> Governed {
    Governed::with_period(period)
        .unwrap_or_else(|| unreachable!("a period of a second or more"))
        .allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}
