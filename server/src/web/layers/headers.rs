//! Security headers, on every public answer whatever its status.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
};
use tower_http::set_header::SetResponseHeaderLayer;

/// Whatever a handler says.
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

/// Unless a handler says something else.
const DEFAULTS: [(HeaderName, HeaderValue); 3] = [
    // For what is not a page. Pages bring a policy of their own, with a nonce.
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    // Other sites embed nothing of ours, except what a handler says is for everybody.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    // Pages show secrets and who is signed in: neither a shared cache nor the back button keeps them.
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Adds them to every answer of a router.
pub(in crate::web) fn add(router: Router, is_https: bool) -> Router {
    let fixed = FIXED
        .into_iter()
        .map(|(name, value)| SetResponseHeaderLayer::overriding(name, value));
    let defaults = DEFAULTS
        .into_iter()
        .map(|(name, value)| SetResponseHeaderLayer::if_not_present(name, value));
    let hsts = is_https
        .then(|| SetResponseHeaderLayer::overriding(header::STRICT_TRANSPORT_SECURITY, ONE_YEAR));
    fixed
        .chain(defaults)
        .chain(hsts)
        .fold(router, Router::layer)
}
