//! What a proxy asks: the request that it holds back, in headers.
//!
//! | proxy | method, scheme, host, target |
//! |---|---|
//! | Traefik, Caddy, HAProxy | `X-OriginalRequest-Method`, `-Proto`, `-Host`, `-Uri` |
//! | nginx | `X-Original-Method`, `X-Original-URL` |
//! | Envoy | the request itself, below `/forward-auth`, and `X-OriginalRequest-Proto` |
//!
//! Each of these headers stands there at most once, in this spelling, and not beside the other kind,
//! even where it is not read: two lines of `X-OriginalRequest-Host` are two hosts to the service behind
//! Envoy. Whatever else there is, somebody may have smuggled in.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use latchkey_domain::{
    request::host::Host,
    request::path::{PathError, RequestPath},
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
pub(super) enum ProxyDialect {
    /// Passes every answer on to the browser.
    Plain,
    /// Knows 200, 401 and 403, and takes everything else for an error.
    AuthRequest,
}

/// The request that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForwardedRequest {
    pub(super) method: String,
    pub(super) is_https: bool,
    pub(super) host: Host,
    pub(super) target: String,
    pub(super) speech: ProxyDialect,
}

/// Why there is no question: what an operator needs to mend the proxy. It names a header and never
/// its value, which somebody else may have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoQuestion {
    /// Its name; `:authority` or `:path` where the request itself is the question.
    pub(super) header: String,
    pub(super) wrong: Wrong,
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Missing,
    Doubled,
    Empty,
    Malformed,
    /// Another spelling of one of ours.
    Alias,
    /// Beside a question of another kind.
    TwoKinds,
}

impl Wrong {
    /// Its word in the log.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Doubled => "doubled",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::Alias => "alias",
            Self::TwoKinds => "two kinds",
        }
    }

    fn at(self, header: impl AsRef<str>) -> NoQuestion {
        NoQuestion {
            header: header.as_ref().to_owned(),
            wrong: self,
        }
    }
}

impl ForwardedRequest {
    pub(super) fn read(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, NoQuestion> {
        if let Some(alias) = headers.keys().find(|name| is_alias(name)) {
            return Err(Wrong::Alias.at(alias));
        }
        let is_doubled = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
        if let Some(doubled) = ALL.iter().find(is_doubled) {
            return Err(Wrong::Doubled.at(doubled));
        }
        let first =
            |names: [HeaderName; 2]| names.into_iter().find(|name| headers.contains_key(name));
        let original = first([ORIGINAL_URL, ORIGINAL_METHOD]);
        let forwarded = first([TARGET, METHOD]);
        let below = uri.path().strip_prefix(ROUTE).unwrap_or_default();
        match (original, forwarded, below) {
            (Some(_), None, "") => {
                let (is_https, host, target) = split(one(headers, &ORIGINAL_URL)?)
                    .ok_or_else(|| Wrong::Malformed.at(&ORIGINAL_URL))?;
                Ok(Self {
                    method: parse_method(one(headers, &ORIGINAL_METHOD)?, &ORIGINAL_METHOD)?,
                    is_https,
                    host,
                    target: parse_target(target.to_owned(), &ORIGINAL_URL)?,
                    speech: ProxyDialect::AuthRequest,
                })
            }
            (None, Some(_), "") => Ok(Self {
                method: parse_method(one(headers, &METHOD)?, &METHOD)?,
                is_https: parse_proto(one(headers, &PROTO)?)?,
                host: parse_host(one(headers, &HOST)?, &HOST)?,
                target: parse_target(one(headers, &TARGET)?.to_owned(), &TARGET)?,
                speech: ProxyDialect::Plain,
            }),
            (None, None, below) if below.starts_with('/') => Ok(Self {
                method: method.to_string(),
                is_https: parse_proto(one(headers, &PROTO)?)?,
                host: match uri.authority() {
                    // HTTP/2 names the host in the target (RFC 9113 §8.3.1).
                    Some(authority) => parse_host(authority.as_str(), ":authority")?,
                    None => parse_host(one(headers, &header::HOST)?, &header::HOST)?,
                },
                target: match uri.query() {
                    Some(query) => parse_target(format!("{below}?{query}"), ":path")?,
                    None => parse_target(below.to_owned(), ":path")?,
                },
                speech: ProxyDialect::Plain,
            }),
            (None, None, _) => Err(Wrong::Missing.at(&TARGET)),
            // nginx's stands beside the others' kind, or one of both beside Envoy's.
            (Some(name), _, _) | (_, Some(name), _) => Err(Wrong::TwoKinds.at(&name)),
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
    let line = lines.next().ok_or_else(|| Wrong::Missing.at(name))?;
    if lines.next().is_some() {
        return Err(Wrong::Doubled.at(name));
    }
    match line.to_str() {
        Ok("") => Err(Wrong::Empty.at(name)),
        Ok(text) => Ok(text),
        Err(_) => Err(Wrong::Malformed.at(name)),
    }
}

fn parse_method(text: &str, header: &HeaderName) -> Result<String, NoQuestion> {
    match text.bytes().all(is_token_letter) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::Malformed.at(header)),
    }
}

fn parse_target(text: String, header: impl AsRef<str>) -> Result<String, NoQuestion> {
    match RequestPath::parse(&text) {
        Err(PathError::Malformed) => Err(Wrong::Malformed.at(header)),
        _ => Ok(text),
    }
}

fn parse_host(text: &str, header: impl AsRef<str>) -> Result<Host, NoQuestion> {
    Host::parse(text).map_err(|_| Wrong::Malformed.at(header))
}

fn parse_proto(text: &str) -> Result<bool, NoQuestion> {
    is_https(text).ok_or_else(|| Wrong::Malformed.at(&PROTO))
}

/// WebSockets begin as HTTP, and Traefik names them by their own schemes.
fn is_https(proto: &str) -> Option<bool> {
    match proto {
        "https" | "wss" => Some(true),
        "http" | "ws" => Some(false),
        _ => None,
    }
}

/// `https://photos.example.com/album?page=2` in its parts.
fn split(url: &str) -> Option<(bool, Host, &str)> {
    let (proto, rest) = url.split_once("://")?;
    let (host, target) = rest.split_at(rest.find('/')?);
    Some((is_https(proto)?, Host::parse(host).ok()?, target))
}

/// RFC 9110 §5.6.2.
fn is_token_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
