//! Where the server is. The URL has its password, so it is shown without.

use std::{fmt, str::FromStr};
use url::Url;

/// The URL of a Redis or Valkey server: `redis://`, `rediss://` (TLS) or `unix://`.
#[derive(Clone)]
pub struct RedisUrl {
    pub(super) client: redis::Client,
    shown: String,
}

/// It is not the URL of a Redis server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the URL of a Redis server")]
pub struct RedisUrlError;

impl FromStr for RedisUrl {
    type Err = RedisUrlError;

    fn from_str(text: &str) -> Result<Self, RedisUrlError> {
        let mut shown: Url = text.parse().map_err(|_| RedisUrlError)?;
        // A fragment would turn off the check of certificates.
        let is_known = matches!(shown.scheme(), "redis" | "rediss" | "unix");
        if !is_known || shown.fragment().is_some() {
            return Err(RedisUrlError);
        }
        let client = redis::Client::open(text).map_err(|_| RedisUrlError)?;
        if shown.password().is_some() {
            // Cannot fail: a URL without a host has no password.
            let _ = shown.set_password(Some("***"));
        }
        // `unix://` has its password there.
        shown.set_query(None);
        Ok(Self {
            client,
            shown: shown.into(),
        })
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        for (text, shown) in [
            ("redis://127.0.0.1", "redis://127.0.0.1"),
            ("redis://:secret@cache:6380/2", "redis://:***@cache:6380/2"),
            ("rediss://ada:se%2Fcret@cache", "rediss://ada:***@cache"),
            (
                "unix:///run/redis.sock?db=1&pass=secret",
                "unix:///run/redis.sock",
            ),
        ] {
            let url: RedisUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("secret"), "{text}");
        }
        for text in [
            "",
            "cache:6379",
            "http://cache",
            "redis://",
            "redis://cache/x",
            "rediss://cache#insecure",
        ] {
            assert_eq!(
                text.parse::<RedisUrl>().err(),
                Some(RedisUrlError),
                "{text}"
            );
        }
    }
}
