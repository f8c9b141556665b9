//! Sessions. A device has one at most, so a session is named by its device.

use super::{
    call::{ApiResult, Call, id},
    response::{List, done},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::access::permission::{SessionsRead, SessionsRevoke};
use latchkey_engine::SessionView;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    device_id: Uuid,
    user_id: Uuid,
    #[schema(format = Email)]
    email: String,
    /// The name of the device.
    device: String,
    /// The address it was last seen from.
    ip: Option<String>,
    /// When its user signed in.
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    /// When it was last used, to within a few seconds.
    #[serde(with = "time::serde::rfc3339")]
    last_active_at: OffsetDateTime,
    /// When it ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl From<SessionView> for Session {
    fn from(view: SessionView) -> Self {
        Self {
            device_id: view.device_id.uuid(),
            user_id: view.user_id.uuid(),
            email: view.email.to_string(),
            device: view.device.to_string(),
            ip: view.ip,
            started_at: view.started_at,
            last_active_at: view.last_active_at,
            expires_at: view.expires_at,
        }
    }
}

/// List sessions
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", operation_id = "listSessions",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query), ("user" = Option<Uuid>, Query, description = "Only the sessions of this user")),
    responses((status = 200, body = List<Session>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:sessions:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(SessionsRead)?;
    let (cursor, user) = (call.cursor()?, call.parsed("user")?);
    let batch = call.engine.session_batch(&proof, cursor, user).await?;
    let list = List::<Session>::of(batch, |session| session.device_id.to_string());
    Ok(Json(list).into_response())
}

/// End a session
///
/// Signs the device out, and ends the programs that were approved on it.
#[utoipa::path(delete, path = "/api/v1/sessions/{device_id}", tag = "sessions", operation_id = "endSession",
    params(("device_id" = Uuid, Path)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:sessions:revoke"])))]
pub(super) async fn end(Path(device): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(SessionsRevoke)?;
    let ended = call.engine.end_session(&proof, id(&device)?, &call.origin);
    ended.await?;
    Ok(done())
}
