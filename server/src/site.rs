//! The static files of the site: wasm, JavaScript, style sheet, icons.
//!
//! They are embedded in the binary, compressed when it was built (`cargo xtask build`, `build.rs`).
//! 1. Find the file by its path.
//! 2. Choose the content coding: Brotli, gzip or identity (RFC 9110 §12.5.3).
//! 3. Set the freshness lifetime: a year if the name contains a hash of the content, otherwise five minutes, followed
//!    by revalidation with the entity tag (RFC 9111 §5.2.2, RFC 9110 §13.1.2).

#[cfg(test)]
mod tests;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// The content of a name with a hash never changes (RFC 8246).
const CACHE_IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Long enough for a visit, short enough for an update to be seen.
const CACHE_SHORTLY: &str = "public, max-age=300";

/// Cross-Origin-Resource-Policy (Fetch).
const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// One file, in each content coding.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The path of its URL, beginning with `/`.
    path: &'static str,
    /// Its media type.
    content_type: &'static str,
    /// Weak, because it is the same for all content codings.
    etag: &'static str,
    /// Whether the path changes with the content.
    immutable: bool,
    raw: &'static [u8],
    /// Absent if it would not be smaller.
    brotli: Option<&'static [u8]>,
    /// Absent if it would not be smaller.
    gzip: Option<&'static [u8]>,
}

/// The file at this path (`/pkg/latchkey.<hash>.js`, `/favicon.svg`), if there is one.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    find(ASSETS, path)
}

/// The paths of all files.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|asset| asset.path)
}

/// Serves GET and HEAD for a file of the site, 404 for any other path. Works as the handler of `/pkg/{*path}` and
/// within a fallback.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match asset(uri.path()) {
        Some(asset) => respond(asset, &method, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The response for this file.
pub(crate) fn respond(asset: &'static Asset, method: &Method, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "GET, HEAD")],
        )
            .into_response();
    }
    let caching = if asset.immutable {
        CACHE_IMMUTABLE
    } else {
        CACHE_SHORTLY
    };
    let always = [
        (header::CACHE_CONTROL, caching),
        (header::ETAG, asset.etag),
        // A cache must not send Brotli to a client that does not accept it.
        (header::VARY, "accept-encoding"),
        // The files are public, and our pages on the hosts of services use the style sheet. Also of a 304, whose headers
        // replace the stored ones (RFC 9111 §3.2).
        (CORP, "cross-origin"),
    ];
    if is_not_modified(asset.etag, headers) {
        return (StatusCode::NOT_MODIFIED, always).into_response();
    }
    let (coding, content) = choose(asset, headers);
    let mut response = Response::new(match *method {
        Method::HEAD => Body::empty(),
        _ => Body::from(content),
    });
    let sent = response.headers_mut();
    let mut put = |name: HeaderName, value| sent.insert(name, HeaderValue::from_static(value));
    for (name, value) in always {
        put(name, value);
    }
    put(header::CONTENT_TYPE, asset.content_type);
    if let Some(coding) = coding {
        put(header::CONTENT_ENCODING, coding);
    }
    sent.insert(header::CONTENT_LENGTH, HeaderValue::from(content.len()));
    response
}

fn find<'a>(assets: &'a [Asset], path: &str) -> Option<&'a Asset> {
    let index = assets.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    assets.get(index)
}

/// Whether the browser has this content: If-None-Match with weak comparison (RFC 9110 §13.1.2).
fn is_not_modified(etag: &str, headers: &HeaderMap) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let current = opaque(etag);
    list_items(headers, header::IF_NONE_MATCH).any(|tag| tag == "*" || opaque(tag) == current)
}

/// The coding with the highest weight; among equals, the smallest. A coding that the browser does not list is not
/// used, except identity, which is always better than an error.
fn choose(asset: &Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let weight_of = |coding: &str| {
        let named = |name: &str| {
            list_items(headers, header::ACCEPT_ENCODING)
                .map(weighted)
                .find(|(coding, _)| coding.eq_ignore_ascii_case(name))
        };
        named(coding)
            .or_else(|| named("*"))
            .map(|(_, weight)| weight)
    };
    let mut best = (None, asset.raw, weight_of("identity").unwrap_or(0.0));
    // The smallest last, so that it wins among equals.
    for (coding, content) in [("gzip", asset.gzip), ("br", asset.brotli)] {
        if let (Some(content), Some(weight)) = (content, weight_of(coding))
            && weight > 0.0
            && weight >= best.2
        {
            best = (Some(coding), content, weight);
        }
    }
    (best.0, best.1)
}

/// `gzip;q=0.8` is (`gzip`, 0.8); a missing or invalid weight is 1.
fn weighted(item: &str) -> (&str, f32) {
    let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
    let weight = parameters
        .trim()
        .strip_prefix("q=")
        .and_then(|weight| weight.trim().parse().ok());
    (coding.trim(), weight.unwrap_or(1.0))
}

/// The items of a list header, in all its lines.
fn list_items(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}
