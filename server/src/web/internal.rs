//! The internal listener: for reverse proxies, services and operators. No cookie is ever set here,
//! no page is shown, and the `Host` header means nothing.

use super::{
    Web, forward_auth, health,
    layers::request_log,
    reply::{text, unavailable},
    verify,
};
use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use futures_util::FutureExt;
use std::{panic::AssertUnwindSafe, time::Duration};

/// A proxy that waits holds a person's request; it is better told soon.
const MAX_TIME: Duration = Duration::from_secs(5);

/// Everything that the inside can reach.
pub fn router(web: Web) -> Router {
    let routes = Router::new()
        .route("/verify/{*service}", get(verify::verify))
        .merge(forward_auth::routes())
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(web);
    behind_layers(routes, MAX_TIME)
}

/// Puts around the routes what keeps an answer certain. Open to tests, which bring routes that fail.
pub fn behind_layers(routes: Router, patience: Duration) -> Router {
    let certain = move |request: Request, next: Next| async move {
        let answer = AssertUnwindSafe(request_log::write_details(request, next)).catch_unwind();
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(answer)) => answer,
            // Too late, or a panic, which has told of itself.
            Ok(Err(_)) | Err(_) => unavailable(),
        }
    };
    routes.layer(from_fn(certain))
}

/// Every other path, and every other method: nothing to learn here.
async fn unknown() -> Response {
    text(StatusCode::NOT_FOUND, "")
}
