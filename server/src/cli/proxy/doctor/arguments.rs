//! The arguments of `latchkey proxy doctor`.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};
use url::{Position, Url};

/// Parses an http or https URL.
pub(super) fn url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "write it like https://photos.example.com/")?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some() => {}
        _ => return Err("write it like https://photos.example.com/"),
    }
    // It would be sent, and logged on the way.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("leave out the user name and password");
    }
    Ok(url)
}

/// The request target: the path and the query.
pub(super) fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// The URL without its fragment.
pub(super) fn without_fragment(url: &Url) -> &str {
    &url[..Position::AfterQuery]
}

/// The address of a host, which replaces that of DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolve {
    pub(super) host: String,
    pub(super) ip: IpAddr,
    /// A port that replaces that of the URL.
    pub(super) port: Option<u16>,
}

impl FromStr for Resolve {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write it like photos.example.com:10.0.0.7 or photos.example.com:10.0.0.7:8443";
        let (host, address) = text.split_once(':').ok_or(wrong)?;
        if host.is_empty() {
            return Err(wrong);
        }
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        let (ip, port) = match (bare.parse(), address.parse::<SocketAddr>()) {
            (Ok(ip), _) => (ip, None),
            (_, Ok(socket)) => (socket.ip(), Some(socket.port())),
            _ => return Err(wrong),
        };
        Ok(Self {
            host: host.to_ascii_lowercase(),
            ip,
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_http_or_https_and_is_requested_without_its_fragment() {
        let url = url("https://Photos.Example.com:443/a/../b?x=%2F#here").unwrap();
        assert_eq!(without_fragment(&url), "https://photos.example.com/b?x=%2F");
        assert_eq!(target(&url), "/b?x=%2F");
        for text in [
            "photos",
            "ftp://a.example/",
            "https://u@a.example/",
            "mailto:a@b.example",
            "",
        ] {
            assert!(super::url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_host_resolves_to_the_given_address() {
        let resolve = |text: &str| {
            text.parse::<Resolve>()
                .map(|found| (found.host, found.ip.to_string(), found.port))
        };
        let found = |ip: &str, port| Ok(("a.example".to_owned(), ip.to_owned(), port));
        assert_eq!(resolve("A.example:10.0.0.7"), found("10.0.0.7", None));
        assert_eq!(
            resolve("a.example:10.0.0.7:8443"),
            found("10.0.0.7", Some(8443))
        );
        assert_eq!(resolve("a.example:::1"), found("::1", None));
        assert_eq!(resolve("a.example:[::1]:8443"), found("::1", Some(8443)));
        for text in [
            "a.example",
            "a.example:b.example",
            ":10.0.0.7",
            "a.example:",
            "a.example:10.0.0.7:x",
        ] {
            assert!(resolve(text).is_err(), "{text}");
        }
    }
}
