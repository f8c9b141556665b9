//! What a proxy asks: the request that it holds back, in headers.
//!
//! | proxy | method, scheme, host, target |
//! |---|---|
//! | Traefik, Caddy, HAProxy | `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` |
//! | nginx | `X-Original-Method`, `X-Original-URL` |
//! | Envoy | the request itself, below `/forward-auth`, and `X-Forwarded-Proto` |
//!
//! Each of these headers stands there once, in this spelling, and not beside the other kind.
//! Whatever else there is, somebody may have smuggled in.

#[cfg(test)]
mod properties;

use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use latchkey_domain::{
    host::Host,
    path::{PathError, RequestPath},
};

const METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const TARGET: HeaderName = HeaderName::from_static("x-forwarded-uri");
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");

const ALL: [HeaderName; 6] = [METHOD, PROTO, HOST, TARGET, ORIGINAL_METHOD, ORIGINAL_URL];

/// The route, and what Envoy puts the original path behind.
pub(super) const ROUTE: &str = "/forward-auth";

/// Which answers the proxy understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// Passes every answer on to the browser.
    Plain,
    /// Knows 200, 401 and 403, and takes everything else for an error.
    AuthRequest,
}

/// The request that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) method: String,
    pub(super) is_https: bool,
    pub(super) host: Host,
    pub(super) target: String,
    pub(super) speech: Speech,
}

/// Why there is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoQuestion {
    /// A header is missing.
    Missing,
    /// One is doubled, empty, malformed, of another spelling, or beside one of the other kind.
    Malformed,
}

impl Question {
    pub(super) fn read(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, NoQuestion> {
        if headers.keys().any(is_alias) {
            return Err(NoQuestion::Malformed);
        }
        let has = |name| headers.contains_key(name);
        let is_original = has(ORIGINAL_URL) || has(ORIGINAL_METHOD);
        let is_forwarded = has(METHOD) || has(TARGET);
        let below = uri.path().strip_prefix(ROUTE).unwrap_or_default();
        let question = match (is_original, is_forwarded, below) {
            (true, false, "") => {
                let (is_https, host, target) = split(one(headers, &ORIGINAL_URL)?)?;
                Self {
                    method: one(headers, &ORIGINAL_METHOD)?.to_owned(),
                    is_https,
                    host,
                    target: target.to_owned(),
                    speech: Speech::AuthRequest,
                }
            }
            (false, true, "") => Self {
                method: one(headers, &METHOD)?.to_owned(),
                is_https: is_https(one(headers, &PROTO)?)?,
                host: parse_host(one(headers, &HOST)?)?,
                target: one(headers, &TARGET)?.to_owned(),
                speech: Speech::Plain,
            },
            (false, false, below) if below.starts_with('/') => Self {
                method: method.to_string(),
                is_https: is_https(one(headers, &PROTO)?)?,
                host: parse_host(match uri.authority() {
                    // HTTP/2 names the host in the target (RFC 9113 §8.3.1).
                    Some(authority) => authority.as_str(),
                    None => one(headers, &header::HOST)?,
                })?,
                target: match uri.query() {
                    Some(query) => format!("{below}?{query}"),
                    None => below.to_owned(),
                },
                speech: Speech::Plain,
            },
            (false, false, _) => return Err(NoQuestion::Missing),
            _ => return Err(NoQuestion::Malformed),
        };
        let is_token = |text: &str| !text.is_empty() && text.bytes().all(is_token_letter);
        let is_path = RequestPath::parse(&question.target) != Err(PathError::Malformed);
        match is_token(&question.method) && is_path {
            true => Ok(question),
            false => Err(NoQuestion::Malformed),
        }
    }

    /// Where the person wanted to go.
    pub(super) fn url(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!(
            "{scheme}://{}{}",
            self.host.without_own_port(self.is_https),
            self.target
        )
    }
}

/// Whether servers could take this header for one of ours (oauth2-proxy CVE-2025-64484).
fn is_alias(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.contains(['_', '.'])
        && ALL
            .iter()
            .any(|own| own.as_str() == name.replace(['_', '.'], "-"))
}

/// The one line of a header that is not empty.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, NoQuestion> {
    let mut lines = headers.get_all(name).into_iter();
    let line = lines.next().ok_or(NoQuestion::Missing)?;
    match (line.to_str(), lines.next()) {
        (Ok(text), None) if !text.is_empty() => Ok(text),
        _ => Err(NoQuestion::Malformed),
    }
}

/// WebSockets begin as HTTP, and Traefik names them by their own schemes.
fn is_https(proto: &str) -> Result<bool, NoQuestion> {
    match proto {
        "https" | "wss" => Ok(true),
        "http" | "ws" => Ok(false),
        _ => Err(NoQuestion::Malformed),
    }
}

fn parse_host(text: &str) -> Result<Host, NoQuestion> {
    Host::parse(text).map_err(|_| NoQuestion::Malformed)
}

/// `https://photos.example.com/album?page=2` in its parts.
fn split(url: &str) -> Result<(bool, Host, &str), NoQuestion> {
    let (proto, rest) = url.split_once("://").ok_or(NoQuestion::Malformed)?;
    let end = rest.find('/').ok_or(NoQuestion::Malformed)?;
    let (host, target) = rest.split_at(end);
    Ok((is_https(proto)?, parse_host(host)?, target))
}

/// RFC 9110 §5.6.2.
fn is_token_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(uri: &str, lines: &[(&str, &str)]) -> Result<Question, NoQuestion> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        Question::read(&Method::GET, &uri.parse().unwrap(), &headers)
    }

    const FORWARDED: [(&str, &str); 4] = [
        ("X-Forwarded-Method", "POST"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "Photos.Example.com:443"),
        ("X-Forwarded-Uri", "/album?page=2&x=/y"),
    ];

    const ORIGINAL: [(&str, &str); 2] = [
        ("X-Original-Method", "POST"),
        (
            "X-Original-URL",
            "https://Photos.Example.com/album?page=2&x=/y",
        ),
    ];

    #[test]
    fn each_proxy_asks_in_its_own_way_for_the_same() {
        let forwarded = read("/forward-auth", &FORWARDED).unwrap();
        let original = read("/forward-auth", &ORIGINAL).unwrap();
        let envoy = read(
            "/forward-auth/album?page=2&x=/y",
            &[
                ("X-Forwarded-Proto", "https"),
                ("Host", "photos.example.com"),
            ],
        )
        .unwrap();
        for (question, method, speech) in [
            (forwarded, "POST", Speech::Plain),
            (original, "POST", Speech::AuthRequest),
            (envoy, "GET", Speech::Plain),
        ] {
            assert_eq!(
                question.url(),
                "https://photos.example.com/album?page=2&x=/y"
            );
            assert_eq!(
                (question.method.as_str(), question.speech),
                (method, speech)
            );
        }
    }

    #[test]
    fn must_survive_21_what_is_missing_doubled_empty_or_malformed_is_no_question() {
        assert_eq!(read("/forward-auth", &[]), Err(NoQuestion::Missing));
        for place in 0..4 {
            let without: Vec<_> = (0..4)
                .filter(|one| *one != place)
                .map(|one| FORWARDED[one])
                .collect();
            assert!(read("/forward-auth", &without).is_err(), "without {place}");
            let twice = [&FORWARDED[..], &[FORWARDED[place]]].concat();
            assert_eq!(read("/forward-auth", &twice), Err(NoQuestion::Malformed));
            let mut empty = FORWARDED;
            empty[place].1 = "";
            assert_eq!(read("/forward-auth", &empty), Err(NoQuestion::Malformed));
        }
        for (place, value) in [
            (0, "GET POST"),
            (1, "HTTPS"),
            (1, "https,http"),
            (1, "ftp"),
            (2, "photos.example.com, evil.example"),
            (2, "user@photos.example.com"),
            (2, "photos.example.com/x"),
            (2, "photos_example.com"),
            (3, "album"),
            (3, "https://photos.example.com/"),
            (3, "/a b"),
            (3, "/a#b"),
            (3, "/%zz"),
        ] {
            let mut odd = FORWARDED;
            odd[place].1 = value;
            assert_eq!(
                read("/forward-auth", &odd),
                Err(NoQuestion::Malformed),
                "{value}"
            );
        }
        for url in [
            "/album",
            "photos.example.com/",
            "https://photos.example.com",
            "https:///x",
            "https://a@b/",
        ] {
            let lines = [ORIGINAL[0], ("X-Original-URL", url)];
            assert_eq!(
                read("/forward-auth", &lines),
                Err(NoQuestion::Malformed),
                "{url}"
            );
        }
    }

    #[test]
    fn r20_r21_two_ways_of_asking_and_other_spellings_are_no_question() {
        let both = [&FORWARDED[..], &ORIGINAL[..]].concat();
        assert_eq!(read("/forward-auth", &both), Err(NoQuestion::Malformed));
        for alias in [
            "X_Forwarded_Host",
            "X-Forwarded_Uri",
            "x.original.url",
            "X.Forwarded-Method",
        ] {
            let lines = [&FORWARDED[..], &[(alias, "/")]].concat();
            assert_eq!(
                read("/forward-auth", &lines),
                Err(NoQuestion::Malformed),
                "{alias}"
            );
        }
        assert_eq!(
            read("/forward-auth/album", &FORWARDED),
            Err(NoQuestion::Malformed)
        );
        assert_eq!(
            read(
                "/forward-authx",
                &[("X-Forwarded-Proto", "https"), ("Host", "a")]
            ),
            Err(NoQuestion::Missing)
        );
    }
}
