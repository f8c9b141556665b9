//! Approving a device from another one: what asks, the number that both show, and what is unusual about the request.

use crate::{
    identity::device::{DeviceKind, DeviceView},
    name::DisplayName,
};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// How long a request can be approved, and its approval be collected.
pub const LIFETIME: Duration = Duration::minutes(10);

/// The numbers that two digits can show: from 10 to 99.
const NUMBERS: u64 = 90;
const SMALLEST: u8 = 10;

/// A browser that asks to be approved from another device: as it described itself, and from where it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRequest {
    /// What only this server can tell from the link and from the browser's cookie, both of which are sealed.
    pub id: [u8; 16],
    /// What the browser calls itself, such as "Firefox on Linux".
    pub browser: DisplayName,
    /// What sort of device it says that it is.
    pub kind: DeviceKind,
    /// From which address it asked.
    pub ip: Option<IpAddr>,
    /// When.
    pub created_at: OffsetDateTime,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalState {
    /// Nobody has decided.
    Waiting,
    /// A user approved it, and the browser has not collected the approval.
    Granted,
    /// The browser collected it: it is used up.
    Collected,
    /// A user denied it or picked another number, or what it rested on has ended.
    Ended,
}

/// The number that the asking browser shows, among the three from which the approving user picks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The one that is shown.
    pub shown: u8,
    /// The three, in the order in which they are offered.
    pub offered: [u8; 3],
}

impl Numbers {
    /// Derives them from 32 bytes that nobody else can compute. The same request always offers the same three in the same order:
    /// if others were drawn each time, the number that stays would be the right one.
    #[must_use]
    pub fn of(seed: &[u8; 32]) -> Self {
        let draw = |place: usize, of: u64| {
            let bytes = seed[place * 8..].first_chunk().copied();
            u64::from_le_bytes(bytes.unwrap_or_default()) % of
        };
        let mut drawn: [u64; 3] = [draw(0, NUMBERS), draw(1, NUMBERS - 1), draw(2, NUMBERS - 2)];
        // Each of the others is drawn from those that are left.
        drawn[1] += u64::from(drawn[1] >= drawn[0]);
        let (low, high) = (drawn[0].min(drawn[1]), drawn[0].max(drawn[1]));
        drawn[2] += u64::from(drawn[2] >= low);
        drawn[2] += u64::from(drawn[2] >= high);
        let number = |drawn: u64| SMALLEST + u8::try_from(drawn).unwrap_or_default();
        let [shown, first, second] = drawn.map(number);
        let offered = match draw(3, 3) {
            0 => [shown, first, second],
            1 => [first, shown, second],
            _ => [first, second, shown],
        };
        Self { shown, offered }
    }
}

/// Something about a request that is not as usual for the user who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusual {
    /// It comes from another network than the approving device, and than any device of the user.
    Network,
    /// The user has no other device of this kind.
    Kind,
    /// No device of the user is named after this browser.
    Browser,
}

impl ApprovalRequest {
    /// When it can be approved and collected no more.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.created_at + LIFETIME
    }

    /// Whether it comes from the network of this address.
    #[must_use]
    pub fn is_from_network_of(&self, ip: Option<IpAddr>) -> bool {
        match (self.ip, ip) {
            (Some(one), Some(other)) => network(one) == network(other),
            _ => false,
        }
    }

    /// What is unusual, for a user with these devices who approves from this address.
    #[must_use]
    pub fn unusual(&self, here: Option<IpAddr>, devices: &[DeviceView]) -> Vec<Unusual> {
        let is_known = |device: &DeviceView| {
            let ip = device.last_ip.as_deref().and_then(|ip| ip.parse().ok());
            self.is_from_network_of(ip)
        };
        let family = self.browser.as_str().split(' ').next().unwrap_or_default();
        let of_browser = |device: &DeviceView| device.name.as_str().contains(family);
        let unusual = [
            (
                Unusual::Network,
                !self.is_from_network_of(here) && !devices.iter().any(is_known),
            ),
            (
                Unusual::Kind,
                devices.iter().all(|device| device.kind != self.kind),
            ),
            (Unusual::Browser, !devices.iter().any(of_browser)),
        ];
        (unusual.into_iter())
            .filter_map(|(one, is_so)| is_so.then_some(one))
            .collect()
    }
}

/// A customer of a network has one address of IPv4, or at least a /64 of IPv6.
fn network(ip: IpAddr) -> u128 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits() >> 64 << 64,
    }
}

#[cfg(test)]
mod tests;
