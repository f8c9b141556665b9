//! Security headers, on every public answer whatever its status.

use crate::web::Web;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// For what is not a page. Pages bring a policy of their own, with a nonce.
const NO_CONTENT: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

const FIXED: [(HeaderName, HeaderValue); 6] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    // Enrolment links carry a code in their path: other sites must not learn it from `Referer`.
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    // For browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "publickey-credentials-get=(self), publickey-credentials-create=(self), accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
        ),
    ),
    (
        HeaderName::from_static("x-permitted-cross-domain-policies"),
        HeaderValue::from_static("none"),
    ),
];

/// Other sites embed nothing of ours, but for what a handler says is for everybody.
const EMBEDDING: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds them. What a handler set stays, where a handler may know better: its policy, its caching.
pub(in crate::web) async fn add(State(web): State<Web>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, value);
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(NO_CONTENT);
    headers
        .entry(EMBEDDING)
        .or_insert(HeaderValue::from_static("same-origin"));
    // Pages show secrets and who is signed in: neither a shared cache nor the back button keeps them.
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    if web.public_url().is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONE_YEAR);
    }
    response
}
