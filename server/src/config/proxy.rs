//! Which proxies are trusted to set the client address, and which may ask about every service without a token. By
//! default none, and neither follows from the other: a proxy whose clients can reach the internal listener through
//! it may set addresses, but must not be authorized by its own.

use super::{error::ConfigError, values::Values};
use ipnet::{IpNet, Ipv4Net};
use std::{fmt, net::IpAddr};

/// Bits before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2).
const MAPPED_BITS: u8 = 96;

/// A range of addresses (RFC 4632 §3.1), such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Parses an address, or an address and a prefix length. An IPv4-mapped IPv6 address (`::ffff:10.0.0.0/104`) is
    /// read as IPv4, as are the addresses that are compared with it.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| "that is not an address or a network")?;
        let network = match prefix {
            Some(prefix) => prefix
                .parse()
                .ok()
                .and_then(|prefix| IpNet::new(address, prefix).ok())
                .ok_or("its prefix length is not a number in range")?,
            None => IpNet::from(address),
        };
        let network = match (address, address.to_canonical()) {
            (IpAddr::V6(_), IpAddr::V4(mapped)) => {
                // A shorter prefix contains all of IPv4.
                let prefix = network.prefix_len().saturating_sub(MAPPED_BITS);
                Ipv4Net::new(mapped, prefix).unwrap_or_default().into()
            }
            _ => network,
        };
        // Anyone could then set the client address that is logged and rate-limited (authentik CVE-2024-47070).
        if network.prefix_len() == 0 {
            return Err("that is everyone");
        }
        Ok(Self(network))
    }

    /// Its address, as it was written; IPv4 if it was mapped.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.0.addr()
    }

    /// The length of its prefix, in bits.
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether it contains this address. An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`) is read as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What proxies may do by their address.
#[derive(Debug, Clone, Default)]
pub struct Proxy {
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted: Vec<Network>,
    /// Proxies that may use `/forward-auth` for every service without its token.
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
                        "list the proxies in front of Latchkey, like 127.0.0.1/32 or 10.0.0.0/8",
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

    /// Whether this peer's `X-Forwarded-For` is trusted.
    #[must_use]
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(peer))
    }

    /// Whether this peer may use `/forward-auth` without a token.
    #[must_use]
    pub fn may_ask(&self, peer: IpAddr) -> bool {
        self.forward_auth
            .iter()
            .any(|network| network.contains(peer))
    }

    /// A hint if `proxy.trusted` is set and `proxy.forward_auth` is not, which may be a misunderstanding.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        (!self.trusted.is_empty() && self.forward_auth.is_empty()).then_some(
            "proxy.trusted only says whose X-Forwarded-For is trusted: if a proxy sends no service token (Traefik), \
             list it in proxy.forward_auth too",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_its_addresses_and_no_others() {
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
    fn field_5_an_ipv4_mapped_network_is_read_as_ipv4() {
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
        let mapped = Network::parse("::ffff:10.0.0.0/104").unwrap();
        for (address, is_in) in [
            ("10.9.9.9", true),
            ("::ffff:10.9.9.9", true),
            ("11.0.0.1", false),
            ("::10.9.9.9", false),
        ] {
            assert_eq!(
                mapped.contains(address.parse().unwrap()),
                is_in,
                "{address}"
            );
        }
        for everyone in ["::ffff:0.0.0.0/96", "::ffff:10.0.0.0/96", "::ffff:0:0/80"] {
            assert_eq!(network(everyone), Err("that is everyone"), "{everyone}");
        }
    }

    #[test]
    fn r21_no_proxy_is_trusted_by_default_and_everyone_never() {
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
