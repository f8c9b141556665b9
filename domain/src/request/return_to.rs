//! Where a person goes after signing in: a path of ours, or a page on an allow-listed host.

use crate::request::host::{Host, HostPattern};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest target, in bytes: as much as servers take of a request's first line by default.
pub const MAX_LENGTH: usize = 8192;

/// Above so many bytes a target does not travel in addresses and heads any more: escaped it may be three times as
/// long, and proxies take four kilobytes.
pub const LONG: usize = 1024;

/// A checked target. There is no way to make one from an unchecked text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ReturnTo(String);

/// The hosts to which people may be sent, and whether plain http is one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedTargets {
    /// Hosts, with their port when it is not the scheme's own.
    pub hosts: Vec<HostPattern>,
    /// Whether `http://` is accepted too: only when Latchkey itself is served so.
    pub allow_http: bool,
}

impl ReturnTo {
    /// The start page.
    #[must_use]
    pub fn home() -> Self {
        Self("/".to_owned())
    }

    /// Checks a target as it came from a query or a form.
    ///
    /// Strict on purpose: what browsers repair (backslashes, tabs, missing slashes, user info) is
    /// refused here, because each repair has been somebody's open redirect.
    #[must_use]
    pub fn parse(text: &str, allowed: &AllowedTargets) -> Option<Self> {
        Self::parse_where(text, allowed.allow_http, |host, is_https| {
            allowed
                .hosts
                .iter()
                .any(|known| known.names(host, is_https))
        })
    }

    /// The same, where `is_known` looks up the one host that the target names, with whether it is
    /// asked for by https. It is not called for a path of ours, nor for what is refused anyway.
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

    /// The host that it leads to, with its port if it has one; none for a path of ours.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self.0.starts_with('/') {
            true => None,
            false => self.0.split_once("://").map(|(_, rest)| authority(rest)),
        }
    }

    /// Whether it is too long for the head of an answer.
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
    // `Host::parse` refuses `@`, so user info cannot pose as a host; it also refuses `%` and `[`.
    let Ok(host) = Host::parse(authority) else {
        return false;
    };
    // Only the canonical spelling: what we compared must be what the browser will resolve.
    authority == host.as_str() && is_known(&host, is_https)
}

/// What stands before the path, query or fragment (RFC 3986 §3.2).
fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> AllowedTargets {
        AllowedTargets {
            hosts: vec![
                HostPattern::parse("photos.example.com").unwrap(),
                HostPattern::parse("wiki.example.com:8443").unwrap(),
                HostPattern::parse("*.apps.example.com").unwrap(),
            ],
            allow_http: false,
        }
    }

    #[test]
    fn must_survive_24_return_to_accepts_local_paths_and_allow_listed_hosts() {
        for text in [
            "/",
            "/devices?q=a%20b#x",
            "/login",
            "https://photos.example.com",
            "https://photos.example.com/a/b?c=d",
            "https://photos.example.com:443/",
            "https://wiki.example.com:8443/x",
            "https://one.apps.example.com/x",
        ] {
            assert_eq!(
                ReturnTo::parse(text, &allowed()).map(|r| r.0).as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn must_survive_24_r3_r16_return_to_rejects_everything_else() {
        for text in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https:evil.example",
            "https:/evil.example",
            "https:///evil.example",
            "https://evil.example",
            "HTTPS://photos.example.com",
            "http://photos.example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://photos.example.com@evil.example",
            "https://evil.example\\@photos.example.com",
            "https://evil.example#@photos.example.com",
            "https://photos.example.com.evil.example",
            "https://evilphotos.example.com",
            "https://photos.example.com:444",
            "https://wiki.example.com",
            "https://wiki.example.com:443",
            "https://photos.example.com%00.evil.example",
            "https://photos.example.com%2f@evil.example",
            "https://[::1]/",
            "https://user:pw@photos.example.com",
            "https://PHOTOS.example.com",
            "https://photos.example.com./",
            "https://wiki.example.com.:8443/",
            "photos.example.com",
            "relative",
            " /",
            "/ü",
            "https://photos.example.com:443@evil.example/",
        ] {
            assert_eq!(ReturnTo::parse(text, &allowed()), None, "{text:?}");
        }
        assert_eq!(
            ReturnTo::parse(&format!("/{}", "a".repeat(MAX_LENGTH)), &allowed()),
            None
        );
    }

    #[test]
    fn audit_10_return_to_looks_up_at_most_one_host() {
        let mut asked = Vec::new();
        let mut parse = |text: &str| {
            ReturnTo::parse_where(text, false, |host, is_https| {
                asked.push((host.to_string(), is_https));
                true
            })
        };
        let target = parse("https://photos.example.com:8443/a?b=c").unwrap();
        assert_eq!(target.host(), Some("photos.example.com:8443"));
        let path = parse("/devices?x=https://a").unwrap();
        for refused in [
            "//a",
            "http://a",
            "https://a\\b",
            "https://A/",
            "https://u@a/",
            "",
        ] {
            assert_eq!(parse(refused), None, "{refused}");
        }
        assert_eq!(asked, [("photos.example.com:8443".to_owned(), true)]);
        assert!(path.as_str().contains("://"));
        assert_eq!(path.host(), None);
    }
}
