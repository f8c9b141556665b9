//! What is stored about a user, for administrators: erase it.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, FormError, Next, change},
    messages::m,
    request_context::ResponseEffect,
};
use latchkey_domain::{
    access::permission::{UsersRead, UsersWrite},
    id::UserId,
    identity::email::Email,
};
use latchkey_engine::Noun;
use leptos::prelude::*;

/// Erases a user, whose address has to be entered: it cannot be undone. The administrator's own account signs out.
#[server(prefix = "/actions", endpoint = "user/erase")]
pub async fn erase_user(
    #[server(default)] id: String,
    #[server(default)] confirmation: String,
) -> Result<(), ActionError> {
    let fields = Fields::none().field("confirmation", &confirmation);
    change::administer(
        UsersWrite,
        "/actions/user/erase",
        fields,
        "/admin/users",
        |change| async move {
            let id: UserId = form::id(&id, Noun::User)?;
            let user = change
                .engine()
                .user(&change.context.authorize(UsersRead)?, id)
                .await?;
            if Email::parse(confirmation.trim()).ok().as_ref() != Some(&user.email) {
                return Err(FormError::field("confirmation", m::USER_ERASE_MISTYPED));
            }
            let erased = change
                .engine()
                .erase_user(&change.proof, id, change.origin())
                .await?;
            if change.context.current_user()?.user_id == id {
                change.context.push_effect(ResponseEffect::ForgetDevice);
                return Ok(Next::page("/login").saying(m::USER_DELETED_SELF));
            }
            let text = m::user_erased(erased.events_left, erased.email.as_str());
            Ok(Next::page("/admin/users").saying(text))
        },
    )
    .await
}
