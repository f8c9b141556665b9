//! The request that a proxy asks about: the one it holds until it is authorized, described in headers.
//!
//! | proxy | method, scheme, host, target |
//! |---|---|
//! | Traefik, Caddy, HAProxy | `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` |
//! | nginx | `X-Original-Method`, `X-Original-URL` |
//! | Envoy | the request itself, below `/forward-auth`, and `X-Forwarded-Proto` |
//!
//! Each of these headers may be present at most once, in this spelling, and only one kind of them, even where
//! it is not read: with two `X-Forwarded-Host` lines the service behind Envoy could use the other host.
//! Anything else may have been smuggled in by the client.

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use crate::token::is_token_byte;
use http::{HeaderMap, HeaderName, Method, Uri, header};
use latchkey_domain::request::{
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

/// The path of the endpoint. Envoy appends the original path to it.
pub const ROUTE: &str = "/forward-auth";

/// Which responses the proxy understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyDialect {
    /// Passes every response on to the browser.
    Plain,
    /// nginx's `auth_request`: understands 200, 401 and 403, and treats every other status as an error.
    AuthRequest,
}

/// The request that waits for authorization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardedRequest {
    /// Its method, a token (RFC 9110 §9.1).
    pub method: String,
    /// Whether the browser sent it over https.
    pub is_https: bool,
    /// The host that it was sent to.
    pub host: Host,
    /// Its target: path and query.
    pub target: String,
    /// Which responses the proxy understands.
    pub dialect: ProxyDialect,
}

/// Why the headers describe no request: what an operator needs to repair the proxy's configuration. Names a
/// header but not its value, which an attacker may have written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{header} is {}", problem.as_str())]
pub struct ForwardedRequestError {
    /// The header's name; `:authority` or `:path` if the request itself is the one to authorize.
    pub header: String,
    /// What is wrong with it.
    pub problem: HeaderProblem,
}

/// What is wrong with a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderProblem {
    /// It is absent.
    Missing,
    /// It is present more than once.
    Doubled,
    /// It has no value.
    Empty,
    /// Its value does not parse.
    Malformed,
    /// Its name is another spelling of one of ours.
    Alias,
    /// It is present together with headers of another kind.
    TwoKinds,
}

impl HeaderProblem {
    /// Its name in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Doubled => "doubled",
            Self::Empty => "empty",
            Self::Malformed => "malformed",
            Self::Alias => "alias",
            Self::TwoKinds => "two kinds",
        }
    }

    fn of(self, header: impl AsRef<str>) -> ForwardedRequestError {
        ForwardedRequestError {
            header: header.as_ref().to_owned(),
            problem: self,
        }
    }
}

impl ForwardedRequest {
    /// Parses the request from the three kinds of headers, of which exactly one must be present.
    ///
    /// # Errors
    /// [`ForwardedRequestError`] names the header that is missing, duplicated, malformed or of a second kind.
    pub fn parse(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, ForwardedRequestError> {
        if let Some(alias) = headers.keys().find(|name| is_alias(name)) {
            return Err(HeaderProblem::Alias.of(alias));
        }
        let is_doubled = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
        if let Some(doubled) = ALL.iter().find(is_doubled) {
            return Err(HeaderProblem::Doubled.of(doubled));
        }
        let first =
            |names: [HeaderName; 2]| names.into_iter().find(|name| headers.contains_key(name));
        let original = first([ORIGINAL_URL, ORIGINAL_METHOD]);
        let forwarded = first([TARGET, METHOD]);
        let below = uri.path().strip_prefix(ROUTE).unwrap_or_default();
        match (original, forwarded, below) {
            (Some(_), None, "") => {
                let (is_https, host, target) = split(one(headers, &ORIGINAL_URL)?)
                    .ok_or_else(|| HeaderProblem::Malformed.of(&ORIGINAL_URL))?;
                Ok(Self {
                    method: parse_method(one(headers, &ORIGINAL_METHOD)?, &ORIGINAL_METHOD)?,
                    is_https,
                    host,
                    target: parse_target(target.to_owned(), &ORIGINAL_URL)?,
                    dialect: ProxyDialect::AuthRequest,
                })
            }
            (None, Some(_), "") => Ok(Self {
                method: parse_method(one(headers, &METHOD)?, &METHOD)?,
                is_https: parse_proto(one(headers, &PROTO)?)?,
                host: parse_host(one(headers, &HOST)?, &HOST)?,
                target: parse_target(one(headers, &TARGET)?.to_owned(), &TARGET)?,
                dialect: ProxyDialect::Plain,
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
                dialect: ProxyDialect::Plain,
            }),
            (None, None, _) => Err(HeaderProblem::Missing.of(&TARGET)),
            // nginx's headers together with the others' kind, or either together with Envoy's.
            (Some(name), _, _) | (_, Some(name), _) => Err(HeaderProblem::TwoKinds.of(&name)),
        }
    }

    /// The URL that the user opened.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_https { "https" } else { "http" };
        format!(
            "{scheme}://{}{}",
            self.host.without_own_port(self.is_https),
            self.target
        )
    }
}

/// Whether some servers read this header as one of ours (oauth2-proxy CVE-2025-64484).
fn is_alias(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.contains(['_', '.'])
        && ALL
            .iter()
            .any(|own| own.as_str() == name.replace(['_', '.'], "-"))
}

/// The only line of a header, if it is not empty.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, ForwardedRequestError> {
    let mut lines = headers.get_all(name).into_iter();
    let line = lines
        .next()
        .ok_or_else(|| HeaderProblem::Missing.of(name))?;
    if lines.next().is_some() {
        return Err(HeaderProblem::Doubled.of(name));
    }
    match line.to_str() {
        Ok("") => Err(HeaderProblem::Empty.of(name)),
        Ok(text) => Ok(text),
        Err(_) => Err(HeaderProblem::Malformed.of(name)),
    }
}

fn parse_method(text: &str, header: &HeaderName) -> Result<String, ForwardedRequestError> {
    match text.bytes().all(is_token_byte) {
        true => Ok(text.to_owned()),
        false => Err(HeaderProblem::Malformed.of(header)),
    }
}

fn parse_target(text: String, header: impl AsRef<str>) -> Result<String, ForwardedRequestError> {
    match RequestPath::parse(&text) {
        Err(PathError::Malformed) => Err(HeaderProblem::Malformed.of(header)),
        _ => Ok(text),
    }
}

fn parse_host(text: &str, header: impl AsRef<str>) -> Result<Host, ForwardedRequestError> {
    Host::parse(text).map_err(|_| HeaderProblem::Malformed.of(header))
}

fn parse_proto(text: &str) -> Result<bool, ForwardedRequestError> {
    is_https(text).ok_or_else(|| HeaderProblem::Malformed.of(&PROTO))
}

/// WebSocket requests start as HTTP; Traefik sends their own schemes.
fn is_https(proto: &str) -> Option<bool> {
    match proto {
        "https" | "wss" => Some(true),
        "http" | "ws" => Some(false),
        _ => None,
    }
}

/// Splits `https://photos.example.com/album?page=2` into its parts.
fn split(url: &str) -> Option<(bool, Host, &str)> {
    let (proto, rest) = url.split_once("://")?;
    let (host, target) = rest.split_at(rest.find('/')?);
    Some((is_https(proto)?, Host::parse(host).ok()?, target))
}
