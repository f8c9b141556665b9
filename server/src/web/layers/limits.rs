//! Limits: a body is small, and a response comes before a deadline.

use crate::web::{
    connection_limit::Progress,
    route_policy::{BodyLimit, Checks, RouteState},
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use latchkey_app::error::Code;
use latchkey_engine::Lane;
use std::time::Duration;

/// The longest text that anything here takes has some ten kilobytes, and escapes make three bytes of one. What is
/// longer still comes back with its error, up to here.
const MAX_BODY_BYTES: usize = 192 * 1024;
/// From anonymous clients: a sign-in is smaller still, and they can send a thousand at once.
const MAX_ANONYMOUS_BODY_BYTES: usize = 8 * 1024;
/// Far longer than any request takes; short enough that waiting requests do not pile up.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Reads the whole body before anything else happens with it, and gives up on slow requests.
pub(in crate::web) async fn keep(
    State(RouteState { checks, .. }): State<RouteState>,
    request: Request,
    next: Next,
) -> Response {
    let asked = request.headers().clone();
    match tokio::time::timeout(TIMEOUT, bounded(checks, request, next, &asked)).await {
        Ok(response) => response,
        Err(_) => checks.errors.render(&Code::TimedOut.into(), &asked),
    }
}

async fn bounded(checks: Checks, request: Request, next: Next, asked: &HeaderMap) -> Response {
    let refuse = |code: Code| checks.errors.render(&code.into(), asked);
    let (parts, body) = request.into_parts();
    if checks.body == BodyLimit::Unread {
        return next.run(Request::from_parts(parts, Body::empty())).await;
    }
    let longest = match parts.extensions.get() {
        Some(Lane::Known) => MAX_BODY_BYTES,
        _ => MAX_ANONYMOUS_BODY_BYTES,
    };
    let announced = asked
        .get(header::CONTENT_LENGTH)
        .and_then(|line| line.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > longest) {
        return refuse(Code::TooLarge);
    }
    // Also a body that announces no length, or lies about it, ends here.
    let progress = parts.extensions.get::<Progress>().cloned();
    if let Some(progress) = &progress {
        progress.waits();
    }
    let read = axum::body::to_bytes(body, longest).await;
    if let Some(progress) = &progress
        && !progress.works()
    {
        // The connection is being closed in favour of another one.
        return refuse(Code::Busy);
    }
    match read {
        Ok(bytes) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Err(_) => refuse(Code::TooLarge),
    }
}
