//! The files a browser asks for besides the pages: wasm, JavaScript, style sheet, icons.
//!
//! They are part of this binary, compressed when it was built (`cargo xtask build`, `build.rs`).
//! 1. Find the file by its path.
//! 2. Choose the form the browser accepts: Brotli, gzip, or as it is (RFC 9110 §12.5.3).
//! 3. Say how long to keep it: for ever if the name carries a hash of the content, otherwise five
//!    minutes and then ask again with the entity tag (RFC 9111 §5.2.2, RFC 9110 §13.1.2).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// A name with a hash never means another content (RFC 8246).
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Long enough for a walk through the pages, short enough for a new icon to be seen.
const FOR_A_WHILE: &str = "public, max-age=300";

/// One file, in each form in which it can travel.
#[derive(Debug)]
pub(crate) struct Asset {
    /// The path of its address, beginning with `/`.
    path: &'static str,
    /// Its media type.
    content_type: &'static str,
    /// Weak, because one tag stands for all forms of the content.
    etag: &'static str,
    /// Whether the path changes with the content.
    immutable: bool,
    raw: &'static [u8],
    /// Absent where it would not be smaller.
    brotli: Option<&'static [u8]>,
    /// Absent where it would not be smaller.
    gzip: Option<&'static [u8]>,
}

/// The file of this path (`/pkg/latchkey.<hash>.js`, `/favicon.svg`), if the site has it.
pub(crate) fn asset(path: &str) -> Option<&'static Asset> {
    find(ASSETS, path)
}

/// The paths of all files.
pub(crate) fn paths() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|asset| asset.path)
}

/// Answers GET and HEAD for a file of the site, 404 for any other path. Serves as a handler of
/// `/pkg/{*path}` as well as inside a fallback.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    match asset(uri.path()) {
        Some(asset) => respond(asset, &method, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The answer to a request for this file.
pub(crate) fn respond(asset: &'static Asset, method: &Method, headers: &HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return (
            StatusCode::METHOD_NOT_ALLOWED,
            [(header::ALLOW, "GET, HEAD")],
        )
            .into_response();
    }
    let caching = if asset.immutable {
        FOR_EVER
    } else {
        FOR_A_WHILE
    };
    let always = [
        (header::CACHE_CONTROL, caching),
        (header::ETAG, asset.etag),
        // A cache must not hand the Brotli form to a client that cannot read it.
        (header::VARY, "accept-encoding"),
    ];
    if is_known(asset.etag, headers) {
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
    // The same for everybody; pages that we show on services' hosts use the style sheet.
    put(
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    );
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

/// Whether the browser has this content already: If-None-Match, compared weakly (RFC 9110 §13.1.2).
fn is_known(etag: &str, headers: &HeaderMap) -> bool {
    let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
    let known = opaque(etag);
    words(headers, header::IF_NONE_MATCH).any(|tag| tag == "*" || opaque(tag) == known)
}

/// The form with the highest weight; among equals the smallest. What the browser does not name it
/// does not get, except the plain form, which is always better than no answer.
fn choose(asset: &Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let weight_of = |coding: &str| {
        let named = |name: &str| {
            words(headers, header::ACCEPT_ENCODING)
                .map(weighted)
                .find(|(word, _)| word.eq_ignore_ascii_case(name))
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

/// `gzip;q=0.8` is (`gzip`, 0.8); without a weight, or with one that is no number, it is 1.
fn weighted(word: &str) -> (&str, f32) {
    let (coding, parameters) = word.split_once(';').unwrap_or((word, ""));
    let weight = parameters
        .trim()
        .strip_prefix("q=")
        .and_then(|weight| weight.trim().parse().ok());
    (coding.trim(), weight.unwrap_or(1.0))
}

/// The words of a header that is a list, however many lines it came in.
fn words(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: Asset = Asset {
        path: "/pkg/latchkey.0a.js",
        content_type: "text/javascript; charset=utf-8",
        etag: "W/\"0a\"",
        immutable: true,
        raw: b"raw",
        brotli: Some(b"brotli"),
        gzip: Some(b"gzip"),
    };

    const PICTURE: Asset = Asset {
        path: "/favicon.png",
        content_type: "image/png",
        etag: "W/\"1b\"",
        immutable: false,
        raw: b"picture",
        brotli: None,
        gzip: None,
    };

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn coding_for(asset: &Asset, accepted: Option<&str>) -> Option<&'static str> {
        let lines = accepted.map(|accepted| (header::ACCEPT_ENCODING, accepted));
        choose(asset, &headers(lines.as_slice())).0
    }

    #[test]
    fn the_browser_gets_the_smallest_form_it_accepts() {
        for (accepted, coding) in [
            (None, None),
            (Some(""), None),
            (Some("identity"), None),
            (Some("gzip, deflate, br, zstd"), Some("br")),
            (Some("gzip, deflate"), Some("gzip")),
            (Some("GZIP"), Some("gzip")),
            (Some("br;q=0, gzip"), Some("gzip")),
            (Some("br;q=0.5, gzip;q=0.8"), Some("gzip")),
            (Some("br; q=0.8, gzip;q=0.8"), Some("br")),
            (Some("gzip;q=0.5, identity"), None),
            (Some("*"), Some("br")),
            (Some("br;q=0, *"), Some("gzip")),
            (Some("*;q=0"), None),
            (Some("br;q=nonsense"), Some("br")),
        ] {
            assert_eq!(
                coding_for(&SCRIPT, accepted),
                coding,
                "Accept-Encoding: {accepted:?}"
            );
        }
        assert_eq!(coding_for(&PICTURE, Some("br, gzip")), None);
    }

    #[test]
    fn a_name_with_a_hash_is_kept_for_ever_another_is_asked_for_again() {
        let caching = |asset| {
            let response = respond(asset, &Method::GET, &HeaderMap::new());
            response.headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(caching(&SCRIPT), "public, max-age=31536000, immutable");
        assert_eq!(caching(&PICTURE), "public, max-age=300");
    }

    #[tokio::test]
    async fn get_has_a_body_and_head_only_its_length() {
        let accepts = headers(&[(header::ACCEPT_ENCODING, "br")]);
        for (method, expected) in [(Method::GET, &b"brotli"[..]), (Method::HEAD, b"")] {
            let response = respond(&SCRIPT, &method, &accepts);
            assert_eq!(response.status(), StatusCode::OK);
            let sent = response.headers();
            assert_eq!(sent[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
            assert_eq!(sent[header::CONTENT_ENCODING], "br");
            assert_eq!(sent[header::CONTENT_LENGTH], "6");
            assert_eq!(sent[header::VARY], "accept-encoding");
            let body = axum::body::to_bytes(response.into_body(), 1000)
                .await
                .unwrap();
            assert_eq!(body, expected, "{method}");
        }
    }

    #[tokio::test]
    async fn what_is_known_is_not_sent_again() {
        for (known, status) in [
            ("W/\"0a\"", 304),
            ("\"0a\"", 304),
            ("\"ff\", W/\"0a\"", 304),
            ("*", 304),
            ("\"ff\"", 200),
        ] {
            let response = respond(
                &SCRIPT,
                &Method::GET,
                &headers(&[(header::IF_NONE_MATCH, known)]),
            );
            assert_eq!(response.status(), status, "If-None-Match: {known}");
            assert_eq!(response.headers()[header::ETAG], "W/\"0a\"");
            let body = axum::body::to_bytes(response.into_body(), 1000)
                .await
                .unwrap();
            assert_eq!(body.is_empty(), status == 304);
        }
    }

    #[test]
    fn a_post_is_told_what_is_allowed() {
        let response = respond(&SCRIPT, &Method::POST, &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
    }

    #[test]
    fn only_whole_paths_are_found() {
        let assets = [PICTURE, SCRIPT];
        let found = |path| find(&assets, path).map(|asset| asset.path);
        assert_eq!(found("/favicon.png"), Some("/favicon.png"));
        assert_eq!(found("/pkg/latchkey.0a.js"), Some("/pkg/latchkey.0a.js"));
        for other in [
            "/",
            "",
            "favicon.png",
            "/favicon.png/",
            "/pkg/../favicon.png",
            "/pkg/latchkey.0a",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }

    #[test]
    fn the_embedded_table_is_sorted_and_complete() {
        assert!(ASSETS.is_sorted_by(|a, b| a.path < b.path));
        for asset in ASSETS {
            assert!(asset.path.starts_with('/') && !asset.content_type.is_empty());
        }
        // Without a site there is a name all the same: a page has to name some script.
        assert!(OUTPUT_NAME.starts_with("latchkey"));
        assert!(STYLESHEET.is_empty() || asset(STYLESHEET).is_some());
    }

    #[tokio::test]
    async fn another_path_is_not_found() {
        let answer = serve(
            Method::GET,
            Uri::from_static("/pkg/other.js"),
            HeaderMap::new(),
        )
        .await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
}
