//! What clients are told of their quota: draft-ietf-httpapi-ratelimit-headers-10.

use super::Policy;
use axum::http::{HeaderName, HeaderValue};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The quota, how many requests are left of it, and in how many seconds there is one again if there is none.
pub(in crate::web) fn rate_limit_fields(
    policy: Policy,
    remaining: u32,
    seconds: Option<u64>,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let Policy {
        name,
        quota,
        window_seconds,
    } = policy;
    let until = seconds.map_or_else(String::new, |seconds| format!(";t={seconds}"));
    let fields = [
        (
            RATE_LIMIT_POLICY,
            format!("\"{name}\";q={quota};w={window_seconds}"),
        ),
        (RATE_LIMIT, format!("\"{name}\";r={remaining}{until}")),
    ];
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?)))
}
