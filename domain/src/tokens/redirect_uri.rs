//! Redirect URIs of clients (RFC 6749 §3.1.2, RFC 8252 §7).

use crate::text::parsed_text;
use serde::{Deserialize, Serialize};

/// The longest redirect URI, in bytes.
pub const MAX_LENGTH: usize = 512;

/// Where a browser returns to a client. It is compared letter by letter (RFC 9700 §2.1): no patterns, nothing left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

/// The text is not a redirect URI that a client may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a redirect URI")]
pub struct RedirectUriError;

impl RedirectUri {
    /// Parses an absolute URI without a fragment: `https`; `http` to the same machine; or a scheme of the client's own, which
    /// contains a dot (RFC 8252 §7.1), so that `javascript:` and `data:` are none.
    ///
    /// # Errors
    /// [`RedirectUriError`].
    pub fn parse(text: &str) -> Result<Self, RedirectUriError> {
        // What browsers remove or read as something else is in no URI: spaces, controls, `\`, quotation marks, angle brackets.
        let is_allowed = |byte: u8| {
            byte.is_ascii_graphic()
                && !matches!(
                    byte,
                    b'#' | b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}'
                )
        };
        let (scheme, rest) = text.split_once(':').ok_or(RedirectUriError)?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte)
            });
        let is_right = match (scheme, rest.strip_prefix("//").map(authority)) {
            ("https", Some(authority)) => is_host_and_port(authority),
            ("http", Some(authority)) => is_loopback(authority),
            _ => scheme.contains('.') && !rest.is_empty(),
        };
        match is_scheme && is_right && text.len() <= MAX_LENGTH && text.bytes().all(is_allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(RedirectUriError),
        }
    }

    /// The URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parsed_text!(RedirectUri, RedirectUriError, as_str);

/// The part up to the path or query.
fn authority(rest: &str) -> &str {
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// A host with a port or without one, and no user information: `good.example@evil.example` is read as either.
fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = split_port(authority);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let is_host = match host.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')
            .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok()),
        None => !host.is_empty() && host.bytes().all(is_name),
    };
    is_host && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// The same machine, by address or name.
fn is_loopback(authority: &str) -> bool {
    is_host_and_port(authority)
        && matches!(split_port(authority).0, "127.0.0.1" | "[::1]" | "localhost")
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r7_a_redirect_uri_is_absolute_and_can_be_read_in_one_way() {
        for text in [
            "https://app.example.com/callback",
            "https://app.example.com:8443/callback?from=latchkey",
            "https://app.example.com",
            "https://[2001:db8::1]/callback",
            "http://127.0.0.1:49152/callback",
            "http://[::1]/callback",
            "http://localhost:3000/",
            "com.example.app:/oauth2redirect",
        ] {
            assert_eq!(
                RedirectUri::parse(text).map(|uri| uri.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "/callback",
            "//app.example.com/callback",
            "app.example.com",
            "http://app.example.com/callback",
            "http://127.0.0.1.example.com/",
            "http://localhost.example.com/",
            "https:callback",
            "https:/app.example.com/",
            "https://",
            "https:///callback",
            "https://good.example@evil.example/",
            "https://app.example.com\\@evil.example/",
            "https://app.example.com/#fragment",
            "https://app.example.com/a b",
            "https://app.example.com:0/",
            "https://app.example.com:70000/",
            "https://[::1/",
            "https://[name]/",
            "HTTPS://app.example.com/",
            "https://*.example.com/{path}",
            "https://ä.example.com/",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.example.app:",
            "1com.example:/x",
            &format!("https://app.example.com/{}", "a".repeat(MAX_LENGTH)),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(RedirectUriError), "{text}");
        }
        let longest = format!("https://a.example/{}", "a".repeat(MAX_LENGTH - 18));
        assert!(RedirectUri::parse(&longest).is_ok());
    }
}
