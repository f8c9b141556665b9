//! What a user decides about a program that asks (RFC 8628).

use crate::{
    actions::error::ActionError,
    form::{Fields, Next, change},
    messages::m,
};
use leptos::prelude::*;

/// Approves what a program asked for.
#[server(prefix = "/actions", endpoint = "authorization/approve")]
pub async fn approve_authorization(#[server(default)] code: String) -> Result<(), ActionError> {
    change::manage_self(
        "/actions/authorization/approve",
        Fields::none(),
        "/activate",
        |change| async move {
            change
                .engine()
                .approve_authorization(&change.proof, &code, change.origin())
                .await?;
            Ok(Next::page("/activate").saying(m::ACTIVATE_APPROVED))
        },
    )
    .await
}

/// Denies what a program asked for.
#[server(prefix = "/actions", endpoint = "authorization/deny")]
pub async fn deny_authorization(#[server(default)] code: String) -> Result<(), ActionError> {
    change::manage_self(
        "/actions/authorization/deny",
        Fields::none(),
        "/activate",
        |change| async move {
            change
                .engine()
                .deny_authorization(&change.proof, &code, change.origin())
                .await?;
            Ok(Next::page("/activate").saying(m::ACTIVATE_DENIED))
        },
    )
    .await
}
