//! Responses of the internal listener: small, whole, never cached.

use axum::{
    body::Bytes,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use http_body_util::Full;
use serde::Serialize;

/// A response whose body is in memory.
pub type Reply = Response<Full<Bytes>>;

pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Reply {
    json_text(status, serde_json::to_vec(body))
}

/// JSON that is written already, if it could be.
pub(super) fn json_text(status: StatusCode, text: serde_json::Result<Vec<u8>>) -> Reply {
    text.map_or_else(
        |_| unavailable(),
        |text| answer(status, HeaderValue::from_static("application/json"), text),
    )
}

pub(super) fn text(status: StatusCode, text: &'static str) -> Reply {
    answer(
        status,
        HeaderValue::from_static("text/plain; charset=utf-8"),
        text,
    )
}

/// A page.
pub(super) fn html(status: StatusCode, page: String) -> Reply {
    answer(
        status,
        HeaderValue::from_static("text/html; charset=utf-8"),
        page,
    )
}

fn answer(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>) -> Reply {
    const ALWAYS: [(HeaderName, HeaderValue); 2] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.extend(ALWAYS);
    response
}

/// Nothing can be said for certain: a refusal that tells the proxy to try again.
pub(super) fn unavailable() -> Reply {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "");
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
