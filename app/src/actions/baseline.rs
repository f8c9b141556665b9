//! What is usual for a user: erase it.

use crate::{
    actions::error::ActionError,
    form::{Fields, Next, change},
    messages::m,
};
use leptos::prelude::*;

/// Erases what was learnt about this user.
#[server(prefix = "/actions", endpoint = "baseline/erase")]
pub async fn erase_baseline() -> Result<(), ActionError> {
    change::manage_self(
        "/actions/baseline/erase",
        Fields::none(),
        "/security",
        |change| async move {
            (change.engine())
                .erase_my_baseline(&change.proof, change.origin())
                .await?;
            Ok(Next::page("/security").saying(m::USUAL_ERASED))
        },
    )
    .await
}
