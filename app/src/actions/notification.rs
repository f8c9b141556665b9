//! Notifications: marks them as read.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next, change},
};
use latchkey_engine::Noun;
use leptos::prelude::*;

/// Marks a notification of this user as read; without an id, all.
#[server(prefix = "/actions", endpoint = "notification/read")]
pub async fn read_notifications(#[server(default)] id: String) -> Result<(), ActionError> {
    change::manage_self(
        "/actions/notification/read",
        Fields::none().hidden("id", &id),
        "/notifications",
        |change| async move {
            let id = match id.as_str() {
                "" => None,
                id => Some(form::id(id, Noun::Notification)?),
            };
            change
                .engine()
                .mark_notifications_read(&change.proof, id)
                .await?;
            Ok(Next::back())
        },
    )
    .await
}
