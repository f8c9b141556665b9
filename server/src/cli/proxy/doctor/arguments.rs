//! What is typed after `latchkey proxy doctor`.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};
use url::{Position, Url};

/// Reads a web address.
pub(super) fn url(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "write it like https://photos.example.com/")?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some() => {}
        _ => return Err("write it like https://photos.example.com/"),
    }
    // Browsers would send it along, and so would every log on the way keep it.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it carries a user name; write it without");
    }
    Ok(url)
}

/// The path and the query, as browsers send them.
pub(super) fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

/// The whole address, as it is asked: without what stands behind `#`.
pub(super) fn asked(url: &Url) -> &str {
    &url[..Position::AfterQuery]
}

/// Where a host is to be found, whatever DNS says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolve {
    pub(super) host: String,
    pub(super) ip: IpAddr,
    /// Another port than that of the address.
    pub(super) port: Option<u16>,
}

impl FromStr for Resolve {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write it like photos.example.com:10.0.0.7, with a port if it is another";
        let (host, address) = text.split_once(':').ok_or(wrong)?;
        if host.is_empty() {
            return Err(wrong);
        }
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        let (ip, port) = match (bare.parse(), address.parse::<SocketAddr>()) {
            (Ok(ip), _) => (ip, None),
            (_, Ok(both)) => (both.ip(), Some(both.port())),
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
    fn an_address_is_a_web_address_and_asked_without_its_fragment() {
        let url = url("https://Photos.Example.com:443/a/../b?x=%2F#here").unwrap();
        assert_eq!(asked(&url), "https://photos.example.com/b?x=%2F");
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
    fn a_host_is_found_where_one_says() {
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
