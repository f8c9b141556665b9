//! A request's method and target in the first line and its headers below, as a proxy sends them: only one kind of
//! headers is accepted, and browsers resolve the URL to the host that is authorized.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use latchkey_parsers::forwarded_request::ForwardedRequest;
use url::Url;

const FORWARDED: [&str; 4] = [
    "x-forwarded-method",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-uri",
];
const ORIGINAL: [&str; 2] = ["x-original-method", "x-original-url"];

fn headers<'a>(lines: impl Iterator<Item = (&'a str, &'a str)>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value).ok()?);
    }
    Some(headers)
}

fn read(text: &str) -> Option<(HeaderMap, Uri, ForwardedRequest)> {
    let (first, lines) = text.split_once('\n')?;
    let (method, target) = first.split_once(' ')?;
    let (method, uri): (Method, Uri) = (method.parse().ok()?, target.parse().ok()?);
    let headers = headers(lines.lines().filter_map(|line| line.split_once(": ")))?;
    let forwarded_request = ForwardedRequest::parse(&method, &uri, &headers).ok()?;
    Some((headers, uri, forwarded_request))
}

/// Checks a method and target, and the headers a line each.
pub fn check(text: &str) {
    let Some((headers, uri, forwarded_request)) = read(text) else {
        return;
    };
    // One kind of headers, each present at most once, and no other spelling of their names.
    let has = |name: &str| headers.contains_key(name);
    let kinds = [
        has("x-forwarded-method") || has("x-forwarded-uri"),
        ORIGINAL.into_iter().any(has),
        uri.path().starts_with("/forward-auth/"),
    ];
    assert_eq!(kinds.into_iter().filter(|kind| *kind).count(), 1, "{text}");
    for name in FORWARDED.iter().chain(&ORIGINAL) {
        assert!(headers.get_all(*name).iter().count() <= 1, "{text}");
    }
    for name in headers.keys().map(HeaderName::as_str) {
        let plain = name.replace(['_', '.'], "-");
        let is_known = [&FORWARDED[..], &ORIGINAL].concat().contains(&&*plain);
        assert!(!is_known || plain == name, "{text}");
    }

    // The URL as browsers resolve it; they refuse only host names that are invalid Punycode.
    let address = forwarded_request.url();
    match Url::parse(&address) {
        Ok(url) => {
            let scheme = if forwarded_request.is_https {
                "https"
            } else {
                "http"
            };
            let start = format!(
                "{scheme}://{}/",
                forwarded_request
                    .host
                    .without_own_port(forwarded_request.is_https)
            );
            assert!(url.as_str().starts_with(&start), "{url} is not at {start}");
        }
        Err(_) => assert!(
            forwarded_request.host.as_str().contains("xn--"),
            "{address}"
        ),
    }

    // Described by another kind of headers it is the same request.
    let again = self::headers(
        [
            ("x-forwarded-method", forwarded_request.method.as_str()),
            (
                "x-forwarded-proto",
                if forwarded_request.is_https {
                    "https"
                } else {
                    "http"
                },
            ),
            ("x-forwarded-host", forwarded_request.host.as_str()),
            ("x-forwarded-uri", forwarded_request.target.as_str()),
        ]
        .into_iter(),
    );
    let again = again.and_then(|headers| {
        let route = Uri::from_static("/forward-auth");
        ForwardedRequest::parse(&Method::GET, &route, &headers).ok()
    });
    let parts = |forwarded_request: ForwardedRequest| {
        let ForwardedRequest {
            method,
            is_https,
            host,
            target,
            ..
        } = forwarded_request;
        (method, is_https, host, target)
    };
    assert_eq!(again.map(parts), Some(parts(forwarded_request)), "{text}");
}
