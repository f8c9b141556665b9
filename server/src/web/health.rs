//! Whether this process is alive, and whether it can answer.

use super::{
    Web,
    reply::{Reply, text},
};
use axum::http::StatusCode;

/// `GET /healthz`: the process runs. Says nothing of the database, so that an outage there does not
/// make an orchestrator restart us in a loop.
pub(super) fn healthz() -> Reply {
    text(StatusCode::OK, "ok\n")
}

/// `GET /readyz`: the database answers and the audit log is being followed.
pub(super) async fn readyz(web: &Web) -> Reply {
    match web.engine().is_ready().await {
        true => text(StatusCode::OK, "ready\n"),
        false => text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}
