//! Hosts in their canonical spelling, so that comparing two texts compares two hosts.

#[cfg(test)]
mod tests;

use crate::text::parsed_text;
use serde::{Deserialize, Serialize};
use std::{fmt, net::Ipv4Addr};

/// The longest DNS label (RFC 1035 §2.3.4).
const MAX_LABEL_LENGTH: usize = 63;

/// A DNS label (RFC 1123 §2.1).
pub(crate) fn is_label(text: &str) -> bool {
    (1..=MAX_LABEL_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Browsers parse every name that ends with a number as an IPv4 address (WHATWG URL §3.5), for example
/// `0x7f.1` as 127.0.0.1. Only the dotted decimal form means the same host to all parsers.
fn is_noncanonical_address(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = match last.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|b| b.is_ascii_hexdigit()),
        None => last.bytes().all(|b| b.is_ascii_digit()),
    };
    is_number && name.parse::<Ipv4Addr>().is_err()
}

/// A host: canonical (lower case, no trailing dot), with an optional port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host(String);

/// The text is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a host")]
pub struct HostError;

impl Host {
    /// Parses `name` or `name:port` and canonicalises it.
    ///
    /// # Errors
    /// [`HostError`] for schemes, paths, user info, spaces, wildcards, malformed labels, and addresses
    /// other than IPv4 in dotted decimal form.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, None),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(HostError);
        }
        let port = match port {
            // Digits only and no leading zero: `+80` and `080` would be other spellings of one port.
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0') => {
                Some(port.parse::<u16>().map_err(|_| HostError)?)
            }
            Some(_) => return Err(HostError),
            None => None,
        };
        let name = name.to_ascii_lowercase();
        if is_noncanonical_address(&name) {
            return Err(HostError);
        }
        Ok(Self(match port {
            Some(port) => format!("{name}:{port}"),
            None => name,
        }))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed_text!(Host, HostError, as_str);

impl Host {
    /// The host without the scheme's default port, as browsers print it.
    #[must_use]
    pub fn without_own_port(&self, is_https: bool) -> &str {
        let own = if is_https { ":443" } else { ":80" };
        self.0.strip_suffix(own).unwrap_or(&self.0)
    }

    /// The host without the default port of http or https.
    fn without_common_port(self) -> Self {
        let plain = match self.without_own_port(true) {
            plain if plain == self.0 => self.without_own_port(false),
            plain => plain,
        };
        Self(plain.to_owned())
    }
}

/// The hosts of a service: one host, or with a leading `*.` all hosts that have one more label.
///
/// A port is kept only if it is neither 80 nor 443. Without a port the pattern means the default port of the
/// request's scheme, so `a`, `a:80` and `a:443` are one pattern and cannot belong to two services.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern {
    host: Host,
    is_wildcard: bool,
}

impl HostPattern {
    /// Parses a host, or `*.` and a host of at least two labels.
    ///
    /// # Errors
    /// [`HostError`], as [`Host::parse`]; also for `*.com`, which would match other owners' hosts.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (name, is_wildcard) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let host = Host::parse(name)?;
        let name = host.as_str().split(':').next().unwrap_or_default();
        if is_wildcard && (!name.contains('.') || name.ends_with(|c: char| c.is_ascii_digit())) {
            return Err(HostError);
        }
        Ok(Self {
            host: host.without_common_port(),
            is_wildcard,
        })
    }

    /// All spellings of this pattern that may be stored: earlier versions kept ports 80 and 443, so that `a`,
    /// `a:80` and `a:443` were three patterns.
    #[must_use]
    pub fn spellings(&self) -> Vec<String> {
        let text = self.to_string();
        if text.contains(':') {
            return vec![text];
        }
        vec![format!("{text}:80"), format!("{text}:443"), text]
    }

    /// Whether it matches more than one host.
    #[must_use]
    pub const fn is_wildcard(&self) -> bool {
        self.is_wildcard
    }

    /// The host, or the parent of all matched hosts.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// Whether it matches a host; the scheme's default port may be omitted on either side. A wildcard
    /// matches exactly one label, as in certificates (RFC 6125 §6.4.3).
    #[must_use]
    pub fn matches(&self, host: &Host, is_https: bool) -> bool {
        let (own, requested) = (self.host.as_str(), host.without_own_port(is_https));
        if self.is_wildcard {
            requested
                .split_once('.')
                .is_some_and(|(_, above)| above == own)
        } else {
            requested == own
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_wildcard { "*." } else { "" })?;
        f.write_str(self.host.as_str())
    }
}

impl From<Host> for HostPattern {
    fn from(host: Host) -> Self {
        Self {
            host: host.without_common_port(),
            is_wildcard: false,
        }
    }
}

parsed_text!(HostPattern, HostError);
