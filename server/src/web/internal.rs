//! The internal listener: for reverse proxies, services and operators. No cookie is ever set here,
//! no page is shown, and the `Host` header means nothing.
//!
//! A handful of paths, requested thousands of times a second: a match, because a router with layers costs
//! as much as the response.

use super::{
    Web,
    deadline::with_deadline,
    forward_auth, health,
    reply::{Reply, text},
    verify,
};
use axum::{
    body::HttpBody,
    http::{HeaderValue, Method, Request, StatusCode, header, request::Parts},
};
use http_body_util::Full;
use latchkey_engine::Lane;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tracing::Level;

/// A proxy is better refused soon than kept waiting.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Answers every request of the internal listener. Bodies are not read.
pub async fn answer<B>(web: Web, peer: SocketAddr, request: Request<B>) -> Reply {
    let (asked, _) = request.into_parts();
    let web = web.in_lane(Lane::Verify);
    // Each request is in the log of the proxy already; here a line would cost more than the answer.
    let start = tracing::enabled!(Level::DEBUG).then(Instant::now);
    let mut response = with_deadline(TIMEOUT, route(&web, peer, &asked)).await;
    if asked.method == Method::HEAD {
        take_body(&mut response);
    }
    if let Some(start) = start {
        tracing::debug!(method = %asked.method, status = response.status().as_u16(), micros = start.elapsed().as_micros(), "request");
    }
    response
}

/// Unknown routes return 404 with an empty body.
async fn route(web: &Web, peer: SocketAddr, asked: &Parts) -> Reply {
    let path = asked.uri.path();
    if forward_auth::is_route(path) {
        return forward_auth::ask(web, peer, asked).await;
    }
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        return text(StatusCode::NOT_FOUND, "");
    }
    match path {
        "/healthz" => health::healthz(),
        "/readyz" => Box::pin(health::readyz(web)).await,
        // The path as it came: decoding it would give one service several names, and an error of its
        // own to what cannot be decoded (malformed URIs that were let in: Authelia CVE-2021-32637).
        _ => match path.strip_prefix("/verify/") {
            Some(service) if !service.is_empty() => verify::verify(web, peer, service, asked).await,
            _ => text(StatusCode::NOT_FOUND, ""),
        },
    }
}

/// What is left of an answer for HEAD (RFC 9110 §9.3.2).
fn take_body(response: &mut Reply) {
    if let Some(length) = response.body().size_hint().exact() {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    *response.body_mut() = Full::default();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of a future that is not made.
    fn future_size<F: Future>(_: impl FnOnce(Web, SocketAddr, Request<()>) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn the_future_of_a_response_is_small_because_it_is_copied() {
        let size = future_size(answer::<()>);
        assert!(size < 2600, "{size} bytes");
    }
}
