//! The authenticator app: taking it away.

use crate::{
    actions::error::ActionError,
    form::{Fields, Next, change},
    messages::m,
};
use leptos::prelude::*;

/// Removes this user's authenticator app.
#[server(prefix = "/actions", endpoint = "totp/remove")]
pub async fn remove_totp() -> Result<(), ActionError> {
    change::manage_self(
        "/actions/totp/remove",
        Fields::none(),
        "/security",
        |change| async move {
            change
                .engine()
                .remove_totp(&change.proof, change.origin())
                .await?;
            Ok(Next::back().saying(m::TOTP_REMOVED))
        },
    )
    .await
}
