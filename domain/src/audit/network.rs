//! Networks, for entries of the audit log from addresses in them.
//!
//! The log has addresses as text. A network is the addresses whose text begins with one of its [`prefixes`](Network::prefixes), so
//! that an index finds them. IPv4 networks from /8 have at most 128 prefixes. Of IPv6 networks, those whose last group has at most
//! 256 values and whose zeros can be shortened in one way have prefixes: all of /16, /32, /48 and /64 that networks are given out as.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// The most values of a group that a network leaves open.
const MAX_VALUES: u32 = 256;

/// An address, or a network in CIDR notation (RFC 4632 §3.1), as the log can be searched for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    text: String,
    matches: Matches,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Matches {
    Addresses(Vec<String>),
    Prefixes(Vec<String>),
}

/// Why a text is not a network that can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It is neither an address nor a network.
    #[error("neither an address nor a network")]
    Unreadable,
    /// It has too many addresses, or they have no common beginning.
    #[error("a network that cannot be searched for")]
    TooWide,
}

impl Network {
    /// The whole addresses that it has, if it is as small as that.
    #[must_use]
    pub fn addresses(&self) -> Option<&[String]> {
        match &self.matches {
            Matches::Addresses(addresses) => Some(addresses),
            Matches::Prefixes(_) => None,
        }
    }

    /// What the text of its addresses begins with, if it is larger.
    #[must_use]
    pub fn prefixes(&self) -> &[String] {
        match &self.matches {
            Matches::Addresses(_) => &[],
            Matches::Prefixes(prefixes) => prefixes,
        }
    }

    fn of_v4(address: Ipv4Addr, length: u32) -> Result<Matches, NetworkError> {
        if length < 8 {
            return Err(NetworkError::TooWide);
        }
        let octets = address.octets();
        // Whole octets, and the values of the next one.
        let whole = (length / 8) as usize;
        let known: Vec<String> = octets[..whole.min(4)]
            .iter()
            .map(ToString::to_string)
            .collect();
        let known = known.join(".");
        let Some(next) = octets.get(whole) else {
            return Ok(Matches::Addresses(vec![known]));
        };
        if length.is_multiple_of(8) {
            return Ok(Matches::Prefixes(vec![format!("{known}.")]));
        }
        let count = 1_u32 << (8 - length % 8);
        let first = u32::from(*next) / count * count;
        let values = (first..first + count).map(|value| format!("{known}.{value}"));
        Ok(match whole {
            3 => Matches::Addresses(values.collect()),
            _ => Matches::Prefixes(values.map(|value| value + ".").collect()),
        })
    }

    fn of_v6(address: Ipv6Addr, length: u32) -> Result<Matches, NetworkError> {
        if length == 128 {
            return Ok(Matches::Addresses(vec![address.to_string()]));
        }
        let groups = address.segments();
        let whole = (length / 16) as usize;
        let count = match length % 16 {
            0 => 1,
            rest => 1_u32 << (16 - rest),
        };
        if length < 16 || count > MAX_VALUES {
            return Err(NetworkError::TooWide);
        }
        if count == 1 {
            return prefixes_v6(&groups[..whole])
                .map(Matches::Prefixes)
                .ok_or(NetworkError::TooWide);
        }
        let first = u32::from(groups[whole]) / count * count;
        let mut prefixes = Vec::new();
        for value in first..first + count {
            let value = u16::try_from(value).map_err(|_| NetworkError::Unreadable)?;
            let known: Vec<u16> = groups[..whole].iter().copied().chain([value]).collect();
            if known.len() == 8 {
                let whole: [u16; 8] = known.try_into().map_err(|_| NetworkError::Unreadable)?;
                prefixes.push(Ipv6Addr::from(whole).to_string());
            } else {
                prefixes.extend(prefixes_v6(&known).ok_or(NetworkError::TooWide)?);
            }
        }
        Ok(match whole {
            7 => Matches::Addresses(prefixes),
            _ => Matches::Prefixes(prefixes),
        })
    }
}

/// What the text of exactly the addresses with these first groups begins with. The longest run of two or more zero groups is
/// written `::` (RFC 5952 §4.2), so that three zeros at the end, or two that something follows, may be of other addresses too.
fn prefixes_v6(groups: &[u16]) -> Option<Vec<String>> {
    let zeros_at_end = groups.iter().rev().take_while(|group| **group == 0).count();
    let before = &groups[..groups.len() - zeros_at_end];
    let has_run = before.windows(2).any(|pair| pair == [0, 0]);
    if has_run || zeros_at_end > 2 || before.is_empty() {
        return None;
    }
    let text = |groups: &[u16]| {
        let groups: Vec<_> = groups.iter().map(|group| format!("{group:x}:")).collect();
        groups.concat()
    };
    let written = text(groups);
    Some(match zeros_at_end {
        0 => vec![written],
        _ => vec![written, text(before) + ":"],
    })
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let text = text.trim();
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError::Unreadable)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            None => most,
            Some(length) if length.len() > 3 || !length.bytes().all(|b| b.is_ascii_digit()) => {
                return Err(NetworkError::Unreadable);
            }
            Some(length) => length.parse().map_err(|_| NetworkError::Unreadable)?,
        };
        if length > most {
            return Err(NetworkError::Unreadable);
        }
        let matches = match address.to_canonical() {
            IpAddr::V4(v4) if address.is_ipv4() => Self::of_v4(v4, length)?,
            // As it is logged, which is as an IPv4 address.
            IpAddr::V4(v4) if length >= 96 => Self::of_v4(v4, length - 96)?,
            IpAddr::V4(_) => return Err(NetworkError::TooWide),
            IpAddr::V6(v6) => Self::of_v6(v6, length)?,
        };
        Ok(Self {
            text: text.to_owned(),
            matches,
        })
    }
}

/// As it was written.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn has(network: &Network, address: &str) -> bool {
        let is_listed = (network.addresses().unwrap_or_default().iter()).any(|it| it == address);
        is_listed || (network.prefixes().iter()).any(|prefix| address.starts_with(&**prefix))
    }

    fn bits(address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
            IpAddr::V6(v6) => v6.to_bits(),
        }
    }

    #[test]
    fn a_network_has_its_addresses() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "100.0.0.1"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.70"),
            ("192.0.2.7/24", "192.0.2.255", "192.0.20.1"),
            ("2001:db8::/32", "2001:db8::1", "2001:db80::1"),
            ("2001:db8:0:1::/64", "2001:db8:0:1::5", "2001:db8::1:0:0:5"),
            ("2001:db8::/64", "2001:db8::5", "2001:db8:0:1::5"),
            (
                "2001:db8:1:ab00::/56",
                "2001:db8:1:abff::1",
                "2001:db8:1:ac00::1",
            ),
            ("2001:db8::1", "2001:db8::1", "2001:db8::11"),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert!(has(&parsed, inside), "{network} {inside}");
            assert!(!has(&parsed, outside), "{network} {outside}");
            assert_eq!(parsed.to_string(), network);
        }
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        for (text, error) in [
            ("", NetworkError::Unreadable),
            ("example", NetworkError::Unreadable),
            ("10.0.0/8", NetworkError::Unreadable),
            ("10.0.0.0/33", NetworkError::Unreadable),
            ("10.0.0.0/+8", NetworkError::Unreadable),
            ("::1/129", NetworkError::Unreadable),
            ("10.0.0.0/7", NetworkError::TooWide),
            ("2001:db8::/20", NetworkError::TooWide),
            ("::/32", NetworkError::TooWide),
            ("2001:0:0:5::/64", NetworkError::TooWide),
        ] {
            assert_eq!(text.parse::<Network>(), Err(error), "{text}");
        }
    }

    fn groups() -> impl Strategy<Value = Ipv6Addr> {
        let group = prop_oneof![Just(0_u16), Just(1), Just(0x10), any::<u16>()];
        prop::array::uniform8(group).prop_map(Ipv6Addr::from)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        /// The text decides as the bits do, for neighbours too.
        #[test]
        fn prefixes_are_exactly_the_network(
            a in groups(), b in groups(), length in 16_u32..=128, same in 0_u32..=128, is_v4: bool,
        ) {
            // An address that begins as the other does.
            let mask = u128::MAX.checked_shl(128 - same).unwrap_or(0);
            let b = Ipv6Addr::from((a.to_bits() & mask) | (b.to_bits() & !mask));
            let (a, b, length) = match is_v4 {
                true => {
                    let v4 = |v6: Ipv6Addr| IpAddr::V4(Ipv4Addr::from((v6.to_bits() >> 96) as u32));
                    (v4(a), v4(b), 8 + length % 25)
                }
                false => (IpAddr::V6(a), IpAddr::V6(b), length),
            };
            prop_assume!(a.to_canonical() == a && b.to_canonical() == b);
            if let Ok(network) = format!("{a}/{length}").parse::<Network>() {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                let is_inside = bits(a) & mask == bits(b) & mask;
                prop_assert_eq!(has(&network, &b.to_string()), is_inside, "{} {}", network, b);
            }
        }
    }
}
