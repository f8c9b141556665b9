//! Whether this process is alive, and whether it can answer.

use super::Web;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// `GET /healthz`: the process runs. Says nothing of the database, so that an outage there does not
/// make an orchestrator restart us in a loop.
pub(super) async fn healthz() -> Response {
    (NO_STORE, "ok\n").into_response()
}

/// `GET /readyz`: the database answers and the audit log is being followed.
pub(super) async fn readyz(State(web): State<Web>) -> Response {
    match web.engine().is_ready().await {
        true => (NO_STORE, "ready\n").into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, "not ready\n").into_response(),
    }
}
