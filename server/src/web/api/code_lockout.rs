//! Wrong codes for a user, and the lockout after too many.

use super::{
    call::{ApiResult, Call, id},
    response::done,
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::access::permission::{UsersRead, UsersWrite};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Wrong codes for a user, and where codes are refused because of them.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct CodeLockout {
    /// How many wrong codes there were since the window began.
    wrong_codes: u32,
    #[serde(with = "time::serde::rfc3339::option")]
    last_at: Option<OffsetDateTime>,
    /// Until when codes from unknown browsers are refused; `null` if they are not.
    #[serde(with = "time::serde::rfc3339::option")]
    locked_out_until: Option<OffsetDateTime>,
    /// From how many networks codes are refused.
    locked_out_networks: u64,
}

/// Show whether a user's codes are refused
#[utoipa::path(get, path = "/api/v1/users/{id}/code-lockout", tag = "users", operation_id = "showCodeLockout",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = CodeLockout), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:read"])))]
pub(super) async fn show(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersRead)?;
    let user = call.engine.user(&proof, id(&user)?).await?;
    let found = call.engine.wrong_codes_of(&proof, &user.email).await?;
    let lockout = found.map_or_else(CodeLockout::default, |wrong| CodeLockout {
        wrong_codes: wrong.count,
        last_at: Some(wrong.last_at),
        locked_out_until: wrong.locked_out_until,
        locked_out_networks: wrong.locked_out_networks,
    });
    Ok(Json(lockout).into_response())
}

/// Accept a user's codes again
///
/// The count of wrong ones starts anew.
#[utoipa::path(delete, path = "/api/v1/users/{id}/code-lockout", tag = "users", operation_id = "liftCodeLockout",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn lift(Path(user): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let lifted = call
        .engine
        .lift_code_lockout(&proof, id(&user)?, &call.origin);
    lifted.await?;
    Ok(done())
}
