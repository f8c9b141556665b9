//! Erasing users.

use super::call::{ApiResult, Call, id};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::access::permission::UsersWrite;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What came of an erasure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Erasure {
    /// The id that the user had, by which the entries of the audit log that are left are found.
    user_id: Uuid,
    email: String,
    /// Entries of the audit log that name the user, until they are pruned.
    events_left: u64,
}

/// Erase a user
///
/// Deletes the user, and at once what deleting leaves for up to an hour: text of forms, and counters of wrong codes. Entries of the
/// audit log stay until its retention ends.
#[utoipa::path(post, path = "/api/v1/users/{id}/erasures", tag = "users", operation_id = "eraseUser",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    responses((status = 200, body = Erasure), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn erase(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let erase = async {
        let id = id(&user)?;
        let erased = call.engine.erase_user(&proof, id, &call.origin).await?;
        let erasure = Erasure {
            user_id: erased.user_id.uuid(),
            email: erased.email.to_string(),
            events_left: erased.events_left,
        };
        Ok(Json(erasure).into_response())
    };
    call.once(erase).await
}
