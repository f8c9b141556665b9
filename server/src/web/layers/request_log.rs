//! One line for each request: id, method, route, status, time. Never the path itself: links carry codes.
//!
//! The id is on every line that is logged for the request. It is that of a trusted proxy's `X-Request-Id`, or made here:
//! anybody else could write into the log.

use crate::web::Web;
use axum::{
    Router,
    extract::{ConnectInfo, MatchedPath, Request},
    http::HeaderValue,
    response::Response,
};
use std::{net::SocketAddr, time::Duration};
use tower::util::MapRequestLayer;
use tower_http::{
    request_id::{MakeRequestUuid, RequestId, SetRequestIdLayer},
    trace::TraceLayer,
};
use tracing::Span;

const REQUEST_ID: &str = "x-request-id";
const MAX_ID_BYTES: usize = 128;

/// Logs the requests of a router.
pub(in crate::web) fn add(router: Router, web: &Web) -> Router {
    let web = web.clone();
    let trace = TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(|response: &Response, time: Duration, _: &Span| {
            tracing::info!(
                status = response.status().as_u16(),
                micros = time.as_micros(),
                "request"
            );
        })
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    router
        .layer(trace)
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(MapRequestLayer::new(move |request| {
            without_forged_id(&web, request)
        }))
}

fn without_forged_id(web: &Web, mut request: Request) -> Request {
    let is_trusted = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_some_and(|ConnectInfo(peer)| web.proxy().trusts(peer.ip().to_canonical()));
    let is_plain = |id: &HeaderValue| {
        id.len() <= MAX_ID_BYTES && id.as_bytes().iter().all(u8::is_ascii_graphic)
    };
    if !is_trusted || !request.headers().get(REQUEST_ID).is_some_and(is_plain) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

fn span(request: &Request) -> Span {
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok());
    let route = request.extensions().get::<MatchedPath>();
    tracing::info_span!(
        "request",
        id,
        method = %request.method(),
        route = route.map_or("-", MatchedPath::as_str),
    )
}
