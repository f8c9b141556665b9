//! Mails that were not sent yet.

use super::{
    call::{ApiResult, Call, id},
    response::{List, done},
};
use axum::{Json, extract::Path, response::IntoResponse};
use latchkey_domain::{
    access::permission::{AuditRead, UsersWrite},
    mail::MailView,
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// A mail that was not sent yet. What it says may be secret, and is not shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Mail {
    id: Uuid,
    user_id: Uuid,
    #[schema(format = Email)]
    email: String,
    /// What it is about.
    kind: String,
    /// `waiting`, or `failed` if it was given up.
    state: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// How often it was tried.
    attempts: u32,
    #[serde(with = "time::serde::rfc3339::option")]
    next_attempt_at: Option<OffsetDateTime>,
    last_error: Option<String>,
}

impl From<MailView> for Mail {
    fn from(view: MailView) -> Self {
        Self {
            id: view.id.uuid(),
            user_id: view.user_id.uuid(),
            email: view.email.to_string(),
            kind: view.kind,
            state: view.state.as_str(),
            created_at: view.created_at,
            attempts: view.attempts,
            next_attempt_at: view.next_attempt_at,
            last_error: view.last_error,
        }
    }
}

/// List the mails that were not sent yet
#[utoipa::path(get, path = "/api/v1/mails", tag = "mails", operation_id = "listMails",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query)),
    responses((status = 200, body = List<Mail>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:audit:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(AuditRead)?;
    let batch = call.engine.mail_batch(&proof, call.cursor()?).await?;
    let list = List::<Mail>::of(batch, |mail| mail.id.to_string());
    Ok(Json(list).into_response())
}

/// Try a mail again that was given up
#[utoipa::path(post, path = "/api/v1/mails/{id}/retries", tag = "mails", operation_id = "retryMail",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn retry(Path(mail): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let retry = async {
        let id = id(&mail)?;
        call.engine.retry_mail(&proof, id, &call.origin).await?;
        Ok(done())
    };
    call.once(retry).await
}

/// Delete a mail that was not sent
#[utoipa::path(delete, path = "/api/v1/mails/{id}", tag = "mails", operation_id = "discardMail",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:users:write"])))]
pub(super) async fn discard(Path(mail): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(UsersWrite)?;
    let id = id(&mail)?;
    call.engine.discard_mail(&proof, id, &call.origin).await?;
    Ok(done())
}
