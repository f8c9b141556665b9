//! Copies of what is stored about users.

use super::call::{ApiResult, Call, id};
use crate::web::{Web, user_export};
use axum::extract::{Path, State};
use latchkey_app::error::Code;
use latchkey_domain::{
    access::permission::{ProgramBasis, UsersExport},
    id::UserId,
};

/// Copy everything that is stored about a user
///
/// Without secrets, and with the entries of the audit log that concern the user. It is sent while it is read: a document that is not
/// complete is not JSON. The audit log says that a copy was made.
#[utoipa::path(get, path = "/api/v1/users/{id}/export", tag = "users", operation_id = "exportUser",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The copy", content_type = "application/json"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:export"])))]
pub(super) async fn show(
    Path(user): Path<String>,
    State(web): State<Web>,
    call: Call,
) -> ApiResult {
    let proof = call.authorize(UsersExport)?;
    let id = id(&user)?;
    // A client that acts for no user has places of its own.
    let reader = match &call.program.basis {
        ProgramBasis::User(_, user) => user.user_id,
        ProgramBasis::Client(_) => UserId::from_uuid(call.program.client.uuid()),
    };
    let place = web.streams().take(reader).ok_or(Code::TooManyRequests)?;
    let export = call.engine.export_user(&proof, id, &call.origin).await?;
    Ok(user_export::response(export, place))
}
