//! Sets of addresses, as block lists have them: plain addresses, networks in CIDR notation, and the saved sets of ipset.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// The most lines of a list: more is no list, or one that would fill the memory.
const MAX_ENTRIES: usize = 2_000_000;

/// An address, or a network in CIDR notation (RFC 4632 §3.1). Addresses of IPv4 are those that are mapped into IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRange {
    first: u128,
    /// Of 128 bits, also for IPv4.
    length: u8,
}

/// The text is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither an address nor a network")]
pub struct AddressRangeError;

/// Where the networks of IPv4 are.
const MAPPED: u128 = 0xffff_0000_0000;

fn bits(ip: IpAddr) -> u128 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => MAPPED | u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    }
}

impl AddressRange {
    fn mask(self) -> u128 {
        u128::MAX
            .checked_shl(128 - u32::from(self.length))
            .unwrap_or(0)
    }

    /// The last address.
    const fn last(self, mask: u128) -> u128 {
        self.first | !mask
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(self, ip: IpAddr) -> bool {
        bits(ip) & self.mask() == self.first
    }

    /// How many bits its addresses have in common: of two that have an address, the longer one is the more exact.
    #[must_use]
    pub const fn length(self) -> u8 {
        self.length
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| AddressRangeError)?;
        let is_v4 = address.is_ipv4();
        let most: u8 = if is_v4 { 32 } else { 128 };
        let length = match length {
            None => most,
            Some(text) if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) => {
                return Err(AddressRangeError);
            }
            Some(text) => text.parse().map_err(|_| AddressRangeError)?,
        };
        if length > most {
            return Err(AddressRangeError);
        }
        let range = Self {
            first: match address {
                IpAddr::V4(_) => bits(address),
                IpAddr::V6(address) => address.to_bits(),
            },
            length: if is_v4 { length + 96 } else { length },
        };
        Ok(Self {
            first: range.first & range.mask(),
            ..range
        })
    }
}

/// In CIDR notation; a single address without a length.
impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let low = u32::try_from(self.first & 0xffff_ffff).unwrap_or_default();
        let (address, length, most) = match self.length >= 96 && self.first >> 32 == MAPPED >> 32 {
            true => (IpAddr::V4(Ipv4Addr::from_bits(low)), self.length - 96, 32),
            false => (Ipv6Addr::from_bits(self.first).into(), self.length, 128),
        };
        match length == most {
            true => write!(f, "{address}"),
            false => write!(f, "{address}/{length}"),
        }
    }
}

/// Why a block list cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// A line is neither an address, a network, an entry of ipset nor a comment.
    #[error("line {0} is not understood")]
    Line(usize),
    /// It has too many entries.
    #[error("too many entries")]
    TooLong,
}

/// Addresses, to be looked up quickly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressSet {
    /// Sorted, and none touches another.
    ranges: Vec<(u128, u128)>,
}

impl AddressSet {
    /// The addresses of lists.
    ///
    /// # Errors
    /// [`ListError`]: a list that is not understood must not be one that lists nothing.
    pub fn parse(list: &str) -> Result<Self, ListError> {
        let mut ranges = Vec::new();
        for (index, line) in list.lines().enumerate() {
            let Some(entry) = entry_of(line) else {
                continue;
            };
            let range: AddressRange = entry.parse().map_err(|_| ListError::Line(index + 1))?;
            if ranges.len() == MAX_ENTRIES {
                return Err(ListError::TooLong);
            }
            ranges.push(range);
        }
        Ok(ranges.into_iter().collect())
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = bits(ip);
        let after = self.ranges.partition_point(|(first, _)| *first <= ip);
        after > 0 && ip <= self.ranges[after - 1].1
    }

    /// How many separate ranges it has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether it has no address.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }
}

/// The entry of a line: its first word, or the third of `add SET ENTRY`. A comment, an empty line and the head of a saved set
/// have none.
fn entry_of(line: &str) -> Option<&str> {
    let line = line.split(['#', ';']).next().unwrap_or_default().trim();
    let mut words = line.split_whitespace();
    match words.next()? {
        "create" | "COMMIT" => None,
        "add" => words.nth(1).or(Some(line)),
        first => Some(first),
    }
}

impl FromIterator<AddressRange> for AddressSet {
    fn from_iter<I: IntoIterator<Item = AddressRange>>(ranges: I) -> Self {
        let mut sorted: Vec<(u128, u128)> = (ranges.into_iter())
            .map(|range| (range.first, range.last(range.mask())))
            .collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        Self { ranges: merged }
    }
}
