//! Programs that act for a user: ends their access.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next, change},
    messages::m,
};
use latchkey_domain::access::permission::DevicesRevoke;
use latchkey_engine::Noun;
use leptos::prelude::*;

/// Ends the access of a program of this user.
#[server(prefix = "/actions", endpoint = "program/revoke")]
pub async fn revoke_program(#[server(default)] id: String) -> Result<(), ActionError> {
    change::manage_self(
        "/actions/program/revoke",
        Fields::none().hidden("id", &id),
        "/devices",
        |change| async move {
            let id = form::id(&id, Noun::TokenFamily)?;
            change
                .engine()
                .revoke_my_token_family(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::PROGRAM_REVOKED))
        },
    )
    .await
}

/// Ends the access of a program of any user, for administrators.
#[server(prefix = "/actions", endpoint = "program/revoke-any")]
pub async fn revoke_any_program(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        DevicesRevoke,
        "/actions/program/revoke-any",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::TokenFamily)?;
            change
                .engine()
                .revoke_token_family(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::PROGRAM_REVOKED))
        },
    )
    .await
}
