//! The authenticator app: taking it away.

use crate::{
    api::error::FormError,
    form::{self, Fields, Next},
    response,
};
use leptos::prelude::*;

/// Removes this person's authenticator app.
#[server(prefix = "/api", endpoint = "totp/remove")]
pub async fn remove_totp() -> Result<(), FormError> {
    form::handle_form("/api/totp/remove", Fields::none(), "/security", async {
        let context = response::request_context();
        let change = context.self_management()?;
        context
            .engine()
            .remove_totp(&change, &context.facts().origin)
            .await?;
        Ok(Next::back().saying("The authenticator app was removed. You sign in with passkeys only; delete the entry in the app, too."))
    })
    .await
}
