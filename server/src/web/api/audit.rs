//! The audit log.

use super::{
    call::{ApiResult, Call},
    response::List,
};
use axum::{Json, response::IntoResponse};
use latchkey_domain::{access::permission::AuditRead, audit::event::EventView};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditEvent {
    /// Its place in the log.
    seq: i64,
    #[serde(with = "time::serde::rfc3339")]
    time: OffsetDateTime,
    /// `user:…`, `client:…`, `operator`, `anonymous` or `system`.
    actor: String,
    actor_name: String,
    /// Such as `device.revoked`.
    action: String,
    /// Such as `device:…`.
    target: String,
    target_name: String,
    ip: Option<String>,
    detail: String,
    changes: Vec<Change>,
}

/// A field that became different.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Change {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

impl From<EventView> for AuditEvent {
    fn from(view: EventView) -> Self {
        let changes = view.changes.into_iter().map(|change| Change {
            field: change.field,
            before: change.before,
            after: change.after,
        });
        Self {
            seq: view.seq,
            time: view.time,
            actor: view.actor,
            actor_name: view.actor_name,
            action: view.action,
            target: view.target,
            target_name: view.target_name,
            ip: view.ip,
            detail: view.detail,
            changes: changes.collect(),
        }
    }
}

/// List entries of the audit log
///
/// In their order, so that a copy is kept by asking again with the last cursor.
#[utoipa::path(get, path = "/api/v1/audit-events", tag = "audit log", operation_id = "listAuditEvents",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<i64>, Query, description = "The `seq` after which to begin"), ("action" = Option<String>, Query, description = "One action, or one kind of thing such as `device`")),
    responses((status = 200, body = List<AuditEvent>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:audit:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(AuditRead)?;
    let (cursor, action) = (call.cursor()?, call.parameter("action"));
    let batch = call
        .engine
        .event_batch(&proof, cursor, action.as_deref())
        .await?;
    let list = List::<AuditEvent>::of(batch, |event| event.seq.to_string());
    Ok(Json(list).into_response())
}
