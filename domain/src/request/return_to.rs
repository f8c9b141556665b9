//! The return address: where a user goes after signing in, a path of ours or a page on an allowed host.

#[cfg(test)]
mod tests;

use crate::request::host::{Host, HostPattern};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest target, in bytes: the default limit of servers for a request line.
pub const MAX_LENGTH: usize = 8192;

/// A target longer than this, in bytes, is not sent in URLs and headers: escaped it may be three times as
/// long, and proxies accept four kilobytes.
pub const LONG: usize = 1024;

/// A checked target. It can only be created by parsing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

/// The hosts to which users may be sent, and whether over plain http.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedTargets {
    /// The hosts, with a port unless it is the scheme's default.
    pub hosts: Vec<HostPattern>,
    /// Whether `http://` is accepted too, which is so only if Latchkey itself is served over http.
    pub allow_http: bool,
}

impl ReturnTo {
    /// The start page.
    #[must_use]
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Parses a target from a query or a form.
    ///
    /// Anything that browsers repair (backslashes, tabs, missing slashes) and user info are refused, because
    /// each has caused an open redirect somewhere.
    #[must_use]
    pub fn parse(text: &str, allowed: &AllowedTargets) -> Option<Self> {
        Self::parse_where(text, allowed.allow_http, |host, is_https| {
            allowed
                .hosts
                .iter()
                .any(|known| known.matches(host, is_https))
        })
    }

    /// The same, with a function that looks up the target's host, given whether the scheme is https. It is not
    /// called for a path of ours nor for a target that is refused anyway.
    #[must_use]
    pub fn parse_where(
        text: &str,
        allow_http: bool,
        is_known: impl FnOnce(&Host, bool) -> bool,
    ) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_graphic() && b != b'\\';
        if text.len() > MAX_LENGTH || !text.bytes().all(plain) {
            return None;
        }
        let is_ours = text.starts_with('/') && !text.starts_with("//");
        (is_ours || is_allowed_url(text, allow_http, is_known)).then(|| Self(text.to_owned()))
    }

    /// The target's host, with its port if it has one; `None` for a path of ours.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self.0.starts_with('/') {
            true => None,
            false => self.0.split_once("://").map(|(_, rest)| authority(rest)),
        }
    }

    /// Whether it is too long for a response's headers.
    #[must_use]
    pub fn is_long(&self) -> bool {
        self.0.len() > LONG
    }

    /// The target, for a `Location` header or a link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed_url(
    text: &str,
    allow_http: bool,
    is_known: impl FnOnce(&Host, bool) -> bool,
) -> bool {
    let (rest, is_https) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) if allow_http => (rest, false),
        (None, _) => return false,
    };
    let authority = authority(rest);
    // `Host::parse` refuses `@`, so user info cannot be taken for a host; it also refuses `%` and `[`.
    let Ok(host) = Host::parse(authority) else {
        return false;
    };
    // Only the canonical spelling, so that the host that was compared is the one that browsers resolve.
    authority == host.as_str() && is_known(&host, is_https)
}

/// The part before the path, query or fragment (RFC 3986 §3.2).
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
