//! What a request says of itself, in a few bits: to see in one comparison that a device is used as before.

use super::returns::FRESH;
use latchkey_domain::{id::DeviceId, risk::NetworkKey};
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    net::IpAddr,
};
use time::OffsetDateTime;

/// As many as a device in memory has room for. A thief's request has the mark of its owner's by chance once in two million.
pub(crate) const MARK_BITS: u32 = 21;

/// Where a caller's request came from, as far as a proxy that is trusted says. `None` is unknown, and is compared with nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallerOrigin<'a> {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What its browser calls itself.
    pub user_agent: Option<&'a str>,
}

impl CallerOrigin<'_> {
    pub(crate) const fn is_unknown(&self) -> bool {
        self.ip.is_none() && self.user_agent.is_none()
    }
}

/// What a request says of itself, hashed under a key of this process, so that nobody can look for another one with the same mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UseMark(u32);

impl UseMark {
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Makes marks.
#[derive(Default)]
pub(crate) struct UseMarks(RandomState);

impl UseMarks {
    /// The mark of a use of a device. It changes within [`FRESH`], each device's at another second, so that what comes as before is assessed
    /// again, and not all devices at once.
    pub(crate) fn of(
        &self,
        device: DeviceId,
        origin: CallerOrigin<'_>,
        now: OffsetDateTime,
    ) -> UseMark {
        let mut hasher = self.0.build_hasher();
        hasher.write_u64(match origin.ip.map(NetworkKey::from) {
            None => 0,
            Some(NetworkKey::V4([a, b, c])) => u64::from_be_bytes([1, 0, 0, 0, 0, a, b, c]),
            Some(NetworkKey::V6([a, b, c])) => {
                2 << 48 | u64::from(a) << 32 | u64::from(b) << 16 | u64::from(c)
            }
        });
        let [.., low, lowest] = *device.uuid().as_bytes();
        let offset = i64::from(u16::from_be_bytes([low, lowest]));
        hasher.write_i64((now.unix_timestamp() + offset) / FRESH.whole_seconds());
        if let Some(user_agent) = origin.user_agent {
            hasher.write(user_agent.as_bytes());
        }
        let bits = (hasher.finish() >> (u64::BITS - MARK_BITS)) as u32;
        UseMark(bits.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};
    use uuid::Uuid;

    #[test]
    fn a_mark_is_of_a_network_a_browser_and_an_hour() {
        let (marks, now) = (UseMarks::default(), datetime!(2026-11-27 12:00 UTC));
        let mark = |ip: &str, user_agent, at| {
            let ip = ip.parse().ok();
            let device = DeviceId::from_uuid(Uuid::nil());
            marks.of(device, CallerOrigin { ip, user_agent }, at)
        };
        let firefox = Some("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");
        let home = mark("192.0.2.1", firefox, now);
        assert_ne!(home.bits(), 0, "nothing was seen");
        assert!(home.bits() < 1 << MARK_BITS);
        assert_eq!(
            mark("192.0.2.77", firefox, now + Duration::minutes(59)),
            home
        );
        assert_eq!(mark("::ffff:192.0.2.1", firefox, now), home);
        for other in [
            mark("192.0.3.1", firefox, now),
            mark("2001:db8::1", firefox, now),
            mark("", firefox, now),
            mark("192.0.2.1", None, now),
            mark("192.0.2.1", Some("Mozilla/5.0 Chrome/140"), now),
            mark("192.0.2.1", firefox, now + Duration::HOUR),
        ] {
            assert_ne!(other, home);
        }
    }
}
