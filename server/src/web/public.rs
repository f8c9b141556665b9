//! The public listener: pages, server functions, `POST /device/add`, static files.

use super::{
    Web, device_add,
    error::Problem,
    jwks,
    layers::{admission, guard, headers, host, limits, origin, request_context, request_log},
    pages,
};
use crate::site;
use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;

/// Everything that browsers can reach.
pub fn router(web: Web) -> Router {
    let routes = Router::new()
        .route(origin::FOR_PROGRAMS, post(device_add::add))
        .route(jwks::ROUTE, get(jwks::show))
        .with_state(web.clone());
    behind_layers(routes.merge(pages::router()).fallback(nothing_here), web)
}

/// Puts everything around the routes that a request passes; the last one added is the first one
/// passed. Open to tests, which bring routes of their own that fail.
pub fn behind_layers(routes: Router, web: Web) -> Router {
    routes
        .layer(from_fn_with_state(web.clone(), guard::ask))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(web.clone(), request_context::middleware))
        .layer(from_fn_with_state(web.clone(), admission::take_turns))
        .layer(from_fn(limits::keep))
        .layer(from_fn_with_state(web.clone(), admission::count))
        .layer(from_fn(static_file))
        .layer(from_fn_with_state(web.clone(), origin::check))
        .layer(from_fn_with_state(web.clone(), host::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(web, headers::add))
        .layer(from_fn(request_log::write))
}

/// The site's own files need no visit, and no look into the database.
async fn static_file(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/pkg/") && site::asset(path).is_none() {
        return next.run(request).await;
    }
    let (asked, _) = request.into_parts();
    site::serve(asked.method, asked.uri, asked.headers).await
}

async fn nothing_here(headers: HeaderMap) -> Response {
    Problem::NotFound.answer(&headers)
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has written down what and where.
    let words = "Something went wrong here. The error has been logged.\n";
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        words,
    )
        .into_response()
}
