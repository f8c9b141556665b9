//! One line a request: method, route, status, time. Never the path itself: links carry codes.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use std::time::Instant;
use tracing::Level;

/// Writes the line when the answer is there.
pub(in crate::web) async fn write(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    tracing::info!(%method, route, status = response.status().as_u16(), micros = start.elapsed().as_micros(), "request");
    response
}

/// The same for whoever wants details. A proxy asks for every file of every page, and logs each
/// request itself; a line here would cost more than the answer.
pub(in crate::web) async fn write_details(request: Request, next: Next) -> Response {
    if tracing::enabled!(Level::DEBUG) {
        write(request, next).await
    } else {
        next.run(request).await
    }
}
