//! Which proxies are believed when they say where a request came from, and which may ask about every
//! service without a token. By default none, and neither follows from the other: a proxy whose clients can
//! reach the internal listener through it may name addresses and must not be asked for answers.

use super::{error::ConfigError, values::Values};
use std::{fmt, net::IpAddr};

/// Bits in front of an IPv4 address in IPv6 clothing.
const MAPPED_BITS: u8 = 96;

/// A range of addresses (RFC 4632 §3.1), such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads an address, or one with a prefix length behind a `/`. IPv4 in IPv6 clothing
    /// (`::ffff:10.0.0.0/104`, RFC 4291 §2.5.5.2) is IPv4, as the addresses are that are looked for in it.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let base: IpAddr = address
            .parse()
            .map_err(|_| "that is not an address or a network")?;
        let bits = if base.is_ipv4() { 32 } else { 128 };
        let prefix: u8 = match prefix {
            Some(prefix) => prefix
                .parse()
                .ok()
                .filter(|prefix| *prefix <= bits)
                .ok_or("its prefix length is not a number in range")?,
            None => bits,
        };
        let (base, prefix) = match base.to_canonical() {
            // Of fewer bits than that clothing has, it holds all of IPv4.
            plain if plain.is_ipv4() && base.is_ipv6() => {
                (plain, prefix.saturating_sub(MAPPED_BITS))
            }
            plain => (plain, prefix),
        };
        // Everybody could then choose the address that is logged and throttled (authentik CVE-2024-47070).
        if prefix == 0 {
            return Err("that is everybody");
        }
        Ok(Self { base, prefix })
    }

    /// Its address, as it was written, or in IPv4.
    #[must_use]
    pub const fn base(&self) -> IpAddr {
        self.base
    }

    /// How many leading bits all of its addresses share.
    #[must_use]
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether the address lies in it. IPv4 in IPv6 clothing (`::ffff:10.0.0.1`) is IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let shift = |bits: u8| u32::from(bits - self.prefix);
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                (base.to_bits() ^ address.to_bits())
                    .checked_shr(shift(32))
                    .unwrap_or(0)
                    == 0
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                (base.to_bits() ^ address.to_bits())
                    .checked_shr(shift(128))
                    .unwrap_or(0)
                    == 0
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// What proxies may do by their address alone.
#[derive(Debug, Clone, Default)]
pub struct Proxy {
    /// Those whose `X-OriginalRequest-For` is believed.
    pub trusted: Vec<Network>,
    /// Those that may ask `/forward-auth` about every service without its token.
    pub forward_auth: Vec<Network>,
}

impl Proxy {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let networks = |key: &'static str| -> Result<Vec<_>, ConfigError> {
            let network = |text: &String| {
                Network::parse(text).map_err(|problem| {
                    values.refuse(
                        key,
                        text,
                        problem,
                        "name the proxies in front of Latchkey, like 127.0.0.1/32 or 10.0.0.0/8",
                    )
                })
            };
            values.list(key).iter().map(network).collect()
        };
        Ok(Self {
            trusted: networks("proxy.trusted")?,
            forward_auth: networks("proxy.forward_auth")?,
        })
    }

    /// Whether this peer's `X-OriginalRequest-For` is believed.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(peer))
    }

    /// Whether this peer may ask `/forward-auth` without a token.
    #[must_use]
    pub fn may_ask(&self, peer: IpAddr) -> bool {
        self.forward_auth
            .iter()
            .any(|network| network.contains(peer))
    }

    /// What an operator should know who wrote `proxy.trusted` when it meant both.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        (!self.trusted.is_empty() && self.forward_auth.is_empty()).then_some(
            "proxy.trusted says only whose X-Forwarded-For is believed: a proxy that sends no service token (Traefik) \
             must be named in proxy.forward_auth too",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses_and_no_others() {
        let contains = |network: &str, address: &str| {
            Network::parse(network)
                .unwrap()
                .contains(address.parse().unwrap())
        };
        for (network, address) in [
            ("10.0.0.0/8", "10.255.0.1"),
            ("127.0.0.1", "127.0.0.1"),
            ("10.0.0.0/8", "::ffff:10.1.1.1"),
            ("fd00::/8", "fd12::1"),
            ("::1", "::1"),
            ("10.1.2.3/8", "10.9.9.9"),
        ] {
            assert!(contains(network, address), "{address} in {network}");
        }
        for (network, address) in [
            ("10.0.0.0/8", "11.0.0.1"),
            ("127.0.0.1/32", "127.0.0.2"),
            ("fd00::/8", "fe00::1"),
            ("10.0.0.0/8", "fd00::1"),
            ("192.168.0.0/17", "192.168.128.0"),
        ] {
            assert!(!contains(network, address), "{address} in {network}");
        }
    }

    #[test]
    fn field_5_ipv4_in_ipv6_clothing_is_ipv4_in_a_network_too() {
        let network = |text: &str| Network::parse(text).map(|network| network.to_string());
        for (text, plain) in [
            ("::ffff:10.0.0.1", "10.0.0.1/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:a00:1/128", "10.0.0.1/32"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("fd00::/8", "fd00::/8"),
        ] {
            assert_eq!(network(text).as_deref(), Ok(plain), "{text}");
        }
        let clothed = Network::parse("::ffff:10.0.0.0/104").unwrap();
        for (address, is_in) in [
            ("10.9.9.9", true),
            ("::ffff:10.9.9.9", true),
            ("11.0.0.1", false),
            ("::10.9.9.9", false),
        ] {
            assert_eq!(
                clothed.contains(address.parse().unwrap()),
                is_in,
                "{address}"
            );
        }
        for everybody in ["::ffff:0.0.0.0/96", "::ffff:10.0.0.0/96", "::ffff:0:0/80"] {
            assert_eq!(network(everybody), Err("that is everybody"), "{everybody}");
        }
    }

    #[test]
    fn r21_nobody_is_trusted_by_default_and_everybody_never() {
        let proxy = Proxy::read(&Values::defaults()).unwrap();
        assert!(proxy.trusted.is_empty() && proxy.forward_auth.is_empty());
        for text in [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/",
            "proxy.local",
            "10.0.0/8",
        ] {
            assert!(Network::parse(text).is_err(), "{text}");
        }
    }
}
