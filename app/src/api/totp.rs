//! The authenticator app: taking it away.

use crate::{
    answer,
    api::error::FormError,
    form::{self, Fields, Next},
};
use leptos::prelude::*;

/// Removes this person's authenticator app.
#[server(prefix = "/api", endpoint = "totp/remove")]
pub async fn remove_totp() -> Result<(), FormError> {
    form::answer("/api/totp/remove", Fields::none(), "/security", async {
        let visit = answer::visit();
        let change = visit.account_change()?;
        visit
            .engine()
            .remove_totp(&change, &visit.facts().client)
            .await?;
        Ok(Next::back().saying("The authenticator app was removed. You sign in with passkeys only; delete the entry in the app too."))
    })
    .await
}
