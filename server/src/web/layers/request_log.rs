//! One line a request: method, route, status, time. Never the path itself: links carry codes.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use std::time::Instant;

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
