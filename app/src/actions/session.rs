//! Signing in and out, as far as the browser is concerned.

use crate::{
    actions::error::ActionError,
    device_cookie::checking_page,
    form::{self, Fields, Next},
    messages::m,
    request_context::{Effect, RequestContext},
    response,
};
use latchkey_domain::identity::user::Role;
use latchkey_engine::SignedIn;
use leptos::prelude::*;

/// Starts the session of a fresh sign-in and says where it leads: to `return_to` if that is a page
/// of ours or of a known service, otherwise to where this user begins.
///
/// # Errors
/// Internal only.
pub(super) async fn welcome(
    context: &RequestContext,
    signed_in: SignedIn,
    return_to: &str,
) -> latchkey_engine::Result<String> {
    let role = signed_in.current_user.role;
    // First of all: the code is used and the device is there, whatever goes wrong below.
    context.leave(Effect::SignIn(Box::new(signed_in)));
    way_on(context, role, return_to).await
}

/// Where somebody who is signed in goes on to.
///
/// # Errors
/// Internal only.
pub(super) async fn way_on(
    context: &RequestContext,
    role: Role,
    return_to: &str,
) -> latchkey_engine::Result<String> {
    let start = if return_to.is_empty() {
        start_of(role)
    } else {
        "/"
    };
    let target = context.return_target(return_to).await?;
    if let Some(target) = target.as_ref().filter(|target| target.host().is_some()) {
        let redirects = context.facts().cookies.redirects;
        context.leave(Effect::RedirectedTo(redirects.once_more_to(target)));
    }
    Ok(match target {
        // The sign-in page leads on whoever has just signed in, and there is room for it on a page.
        Some(target) if target.is_long() => {
            checking_page(return_to, context.engine().now().unix_timestamp())
        }
        Some(target) => next_page(context, target.as_str()),
        // A target that was refused is not repaired: it leads home.
        None => next_page(context, start),
    })
}

/// The page after a sign-in, once the browser has shown that it keeps the cookie.
pub(super) fn next_page(context: &RequestContext, page: &str) -> String {
    let now = context.engine().now().unix_timestamp();
    context.facts().cookies.after_sign_in(page, now)
}

/// Where a user begins.
pub(crate) const fn start_of(role: Role) -> &'static str {
    match role {
        Role::Admin => "/admin",
        Role::User => "/",
    }
}

/// Signs this device out: it has to be registered again.
#[server(prefix = "/actions", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<(), ActionError> {
    form::handle_form("/actions/session/sign-out", Fields::none(), "/", async {
        let context = response::request_context();
        context
            .engine()
            .sign_out(context.current_user()?, &context.facts().origin)
            .await?;
        context.leave(Effect::SignOut);
        Ok(Next::page("/login").saying(m::SIGNED_OUT_HERE))
    })
    .await
}
