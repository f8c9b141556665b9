//! Mails that were not sent: tries them again, deletes them.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next, change},
    messages::m,
};
use latchkey_domain::access::permission::UsersWrite;
use latchkey_engine::Noun;
use leptos::prelude::*;

/// Tries a mail again that was given up.
#[server(prefix = "/actions", endpoint = "mail/retry")]
pub async fn retry_mail(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/mail/retry",
        Fields::none(),
        "/admin/mails",
        |change| async move {
            let id = form::id(&id, Noun::Mail)?;
            (change.engine())
                .retry_mail(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::MAIL_RETRIED))
        },
    )
    .await
}

/// Deletes a mail that was not sent.
#[server(prefix = "/actions", endpoint = "mail/discard")]
pub async fn discard_mail(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        UsersWrite,
        "/actions/mail/discard",
        Fields::none(),
        "/admin/mails",
        |change| async move {
            let id = form::id(&id, Noun::Mail)?;
            (change.engine())
                .discard_mail(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::MAIL_DISCARDED))
        },
    )
    .await
}
