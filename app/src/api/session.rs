//! Signing in and out, as far as the browser is concerned.

use crate::{
    answer,
    api::error::FormError,
    form::{self, Fields, Next},
    visit::{Effect, Visit},
};
use latchkey_domain::{return_to::ReturnTo, user::Role};
use latchkey_engine::SignedIn;
use leptos::prelude::*;

/// Starts the session of a fresh sign-in and says where it leads: to `return_to` if that is a page
/// of ours or of a known service, otherwise to where this person begins.
///
/// # Errors
/// Internal only.
pub(super) async fn welcome(visit: &Visit, signed_in: SignedIn, return_to: &str) -> latchkey_engine::Result<String> {
    let allowed = visit.allowed_targets().await?;
    let start = match signed_in.account.role {
        Role::Admin if return_to.is_empty() => "/admin",
        Role::Admin | Role::User => "/",
    };
    visit.leave(Effect::SignIn(Box::new(signed_in)));
    // A target that was refused is not repaired: it leads home.
    Ok(ReturnTo::parse(return_to, &allowed).map_or_else(|| start.to_owned(), |target| target.to_string()))
}

/// Signs this device out: it has to be registered again.
#[server(prefix = "/api", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<(), FormError> {
    form::answer("/api/session/sign-out", Fields::none(), "/", async {
        let visit = answer::visit();
        visit.engine().sign_out(visit.account()?, &visit.facts().client).await?;
        visit.leave(Effect::SignOut);
        Ok(Next::page("/login").saying("You are signed out. This device opens nothing until you sign in again."))
    })
    .await
}
