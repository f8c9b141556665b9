//! What is guessed at, and under which names attempts at it are counted.

use crate::keys::keyring;
use latchkey_domain::id::{DeviceId, UserId};
use std::net::{IpAddr, Ipv6Addr};

/// What is guessed at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Guess<'a> {
    /// A code of the authenticator app of the user with this address.
    Account {
        /// As typed; in its canonical spelling if it has one.
        email: &'a str,
        /// The user, if there is one.
        user: Option<UserId>,
        /// The device of that user that this browser is or lately was.
        known_device: Option<DeviceId>,
    },
    /// The first code behind a one-time link, by the link's digest.
    Link(&'a [u8]),
    /// A recovery code, by the digest of what was typed. (No user is named with it.)
    Recovery(&'a [u8]),
}

/// The name of a counter: a digest, because what was typed is not stored in the clear.
fn counter_name(kind: &str, value: &[u8]) -> String {
    format!(
        "{kind}:{}",
        hex::encode(&keyring::digest(kind, value)[..16])
    )
}

pub(crate) fn account_counter(email: &str) -> String {
    counter_name("account", email.as_bytes())
}

/// The network of an address, in text: a customer has at least a /64 of IPv6.
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

pub(super) fn network_counter(ip: Option<IpAddr>) -> String {
    counter_name("network", network_of(ip).as_bytes())
}

/// The counter of one user's mails that confirm recoveries.
pub(super) fn recovery_mail_counter(user: UserId) -> String {
    counter_name("recovery mail", user.uuid().as_bytes())
}

/// The kind of counters of one network's attempts at one user's code.
pub(super) const PAIR: &str = "pair";

/// The counter of one network's attempts at one user's code.
pub(super) fn pair_counter(account: &str, ip: Option<IpAddr>) -> String {
    let pair = format!("{account} {}", network_of(ip));
    counter_name(PAIR, pair.as_bytes())
}

impl Guess<'_> {
    pub(super) fn counter(&self) -> String {
        match self {
            Self::Account {
                known_device: Some(device),
                ..
            } => counter_name("device", device.uuid().as_bytes()),
            Self::Account { email, .. } => account_counter(email),
            Self::Link(digest) => counter_name("link", digest),
            Self::Recovery(digest) => counter_name("recovery", digest),
        }
    }

    pub(super) const fn user(&self) -> Option<UserId> {
        match self {
            Self::Account { user, .. } => *user,
            Self::Link(_) | Self::Recovery(_) => None,
        }
    }

    /// Whether counters of the network count it, too. Not for a known browser: its neighbours must not slow it down.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(
            self,
            Self::Account {
                known_device: None,
                ..
            } | Self::Recovery(_)
        )
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
