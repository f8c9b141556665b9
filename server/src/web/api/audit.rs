//! The audit log.

use super::{
    call::{ApiResult, Call},
    response::{ApiError, List},
};
use axum::{Json, response::IntoResponse};
use latchkey_app::{
    components::event_filter::message,
    error::{AppError, Code},
};
use latchkey_domain::{
    access::permission::AuditRead,
    audit::{event::EventView, filter::EventFilter},
};
use latchkey_engine::{ChainReport, VerificationOutcome};
use serde::Serialize;
use std::time::Duration;
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
    /// The id of the device on which the actor did it, or approved the program that did.
    device: Option<String>,
    /// What it was called, with its browser.
    device_name: Option<String>,
    /// The same text for all entries of one session.
    session: Option<String>,
    /// The id of the client that acted for the actor.
    client: Option<String>,
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
            device: view.device.map(|device| device.to_string()),
            device_name: view.device_name,
            session: view.session,
            client: view.client.map(|client| client.to_string()),
        }
    }
}

/// List entries of the audit log
///
/// In their order, so that a copy is kept by asking again with the last cursor.
#[utoipa::path(get, path = "/api/v1/audit-events", tag = "audit log", operation_id = "listAuditEvents",
    params(
        ("limit" = Option<u64>, Query, minimum = 1, maximum = 200),
        ("cursor" = Option<i64>, Query, description = "The `seq` after which to begin"),
        ("action" = Option<String>, Query, description = "One action, or one kind of thing such as `device`"),
        ("user" = Option<String>, Query, description = "Who acted or was affected: the id or the e-mail address of a user"),
        ("device" = Option<String>, Query, description = "The id of a device: what was done on it, and to it"),
        ("service" = Option<String>, Query, description = "The name of a service"),
        ("outcome" = Option<String>, Query, description = "`done` or `refused`"),
        ("network" = Option<String>, Query, description = "An address, or a network such as `192.0.2.0/24`"),
        ("since" = Option<String>, Query, description = "A day or a time, in UTC unless it has an offset"),
        ("until" = Option<String>, Query, description = "The same; that day, minute or second is included"),
    ),
    responses((status = 200, body = List<AuditEvent>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:audit:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(AuditRead)?;
    let cursor = call.cursor()?;
    let read = EventFilter::parse(|field| call.parameter(field.as_str()).unwrap_or_default());
    let filter = read.map_err(|faults| {
        let fault = faults.first_key_value();
        let error = fault.map_or_else(
            || Code::BadInput.into(),
            |(field, fault)| AppError::unusable_parameter(field.as_str(), message(*fault)),
        );
        ApiError::App(error)
    })?;
    let filter = EventFilter {
        action: call.parameter("action").unwrap_or_default(),
        ..filter
    };
    let batch = call.engine.event_batch(&proof, cursor, &filter).await?;
    let list = List::<AuditEvent>::of(batch, |event| event.seq.to_string());
    Ok(Json(list).into_response())
}

/// How long a call waits for the end of a check. A program asks again.
const PATIENCE: Duration = Duration::from_secs(2);

/// A check of the audit log's chain.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditVerification {
    /// Which check of this process it is: ask for it again with this number.
    number: u64,
    #[serde(with = "time::serde::rfc3339")]
    begun_at: OffsetDateTime,
    /// Entries that were checked.
    checked: u64,
    /// Entries that there were to check when it began.
    entries: u64,
    /// `running`, `intact`, `broken`, or `failed` when the log could not be read.
    state: &'static str,
    /// The first entry that does not follow from the one before.
    broken_at: Option<i64>,
    /// Events beside the chain that were not written by Latchkey, or under a master key that was removed.
    rejected: Option<u64>,
}

/// Check the chain of the audit log
///
/// Begins a check, or joins the one that is under way; one runs at a time. Ask again with its `number` until its `state` is not
/// `running`. That the end of the log was cut off shows only against a checkpoint kept elsewhere: `latchkey audit verify --against`.
#[utoipa::path(get, path = "/api/v1/audit-verification", tag = "audit log", operation_id = "verifyAuditLog",
    params(("number" = Option<i64>, Query, description = "A check that was begun before")),
    responses((status = 200, body = AuditVerification), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:audit:read"])))]
pub(super) async fn verify(call: Call) -> ApiResult {
    let proof = call.authorize(AuditRead)?;
    // As wide as the document says; there is no check with a negative number.
    let number: Option<i64> = call.parsed("number")?;
    let number = number.map(|number| u64::try_from(number).unwrap_or_default());
    let check = call.engine.verification(&proof, number, PATIENCE).await?;
    let (state, broken_at, rejected) = match check.outcome {
        None => ("running", None, None),
        Some(VerificationOutcome::Failed) => ("failed", None, None),
        Some(VerificationOutcome::Checked(report, unsealed)) => {
            let (state, broken_at) = match report {
                ChainReport::Intact { .. } => ("intact", None),
                ChainReport::Broken { seq } => ("broken", Some(seq)),
            };
            (state, broken_at, Some(unsealed.rejected))
        }
    };
    let body = AuditVerification {
        number: check.number,
        begun_at: check.begun_at,
        checked: check.checked,
        entries: check.entries,
        state,
        broken_at,
        rejected,
    };
    Ok(Json(body).into_response())
}
