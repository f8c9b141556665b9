//! Signing in and out, as far as the browser is concerned.

use crate::{
    actions::error::ActionError,
    device_cookie::checking_page,
    form::{self, Fields, Next, change},
    messages::m,
    request_context::{RequestContext, ResponseEffect},
    response,
};
use latchkey_domain::access::permission::{CurrentUser, Permission, SessionsRevoke};
use latchkey_engine::{Noun, SignedIn};
use leptos::prelude::*;

/// Starts the session of a sign-in and returns the next page: `return_to` if that is a page of ours or of a known
/// service, otherwise the start page of this user.
///
/// # Errors
/// Internal only.
pub(super) async fn finish_sign_in(
    context: &RequestContext,
    signed_in: SignedIn,
    return_to: &str,
) -> latchkey_engine::Result<String> {
    let start = start_page(&signed_in.current_user);
    // First of all: the code is used and the device is there, whatever goes wrong below.
    context.push_effect(ResponseEffect::SignIn(Box::new(signed_in)));
    page_after_sign_in(context, start, return_to).await
}

/// The next page of a user who is signed in.
///
/// # Errors
/// Internal only.
pub(super) async fn page_after_sign_in(
    context: &RequestContext,
    start: &str,
    return_to: &str,
) -> latchkey_engine::Result<String> {
    let start = if return_to.is_empty() { start } else { "/" };
    let target = context.return_target(return_to).await?;
    if let Some(target) = target.as_ref().filter(|target| target.host().is_some()) {
        let redirects = context.facts().cookies.redirects;
        context.push_effect(ResponseEffect::RedirectedTo(redirects.once_more_to(target)));
    }
    Ok(match target {
        // The sign-in page leads on whoever has just signed in, and there is room for it on a page.
        Some(target) if target.is_long() => {
            checking_page(return_to, context.engine().now().unix_timestamp())
        }
        Some(target) => via_cookie_check(context, target.as_str()),
        // A target that was refused is not repaired: it leads home.
        None => via_cookie_check(context, start),
    })
}

/// `page`, by way of the check whether the browser keeps the device cookie if it has not sent one yet.
pub(super) fn via_cookie_check(context: &RequestContext, page: &str) -> String {
    let now = context.engine().now().unix_timestamp();
    context.facts().cookies.after_sign_in(page, now)
}

/// The start page of a user.
pub(crate) const fn start_page(user: &CurrentUser) -> &'static str {
    match user.permissions.contains(Permission::OverviewRead) {
        _ if user.limit.is_recovery() => "/devices",
        true => "/admin",
        false => "/",
    }
}

/// Signs this device out: it has to be registered again.
#[server(prefix = "/actions", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<(), ActionError> {
    form::handle_form("/actions/session/sign-out", Fields::none(), "/", async {
        let context = response::request_context();
        let cookie = context
            .engine()
            .sign_out(context.current_user()?, &context.facts().origin)
            .await?;
        context.push_effect(ResponseEffect::SignOut(cookie));
        Ok(Next::page("/login").saying(m::SIGNED_OUT_HERE))
    })
    .await
}

/// Signs another device of this user out.
#[server(prefix = "/actions", endpoint = "session/end")]
pub async fn end_session(#[server(default)] id: String) -> Result<(), ActionError> {
    change::revoke_self(
        "/actions/session/end",
        Fields::none(),
        "/security",
        |change| async move {
            let id = form::id(&id, Noun::Device)?;
            (change.engine())
                .end_my_session(change.proof.clone(), id, change.origin())
                .await?;
            Ok(Next::back().saying(m::SESSION_ENDED))
        },
    )
    .await
}

/// Signs all other devices of this user out.
#[server(prefix = "/actions", endpoint = "session/end-others")]
pub async fn end_other_sessions() -> Result<(), ActionError> {
    change::revoke_self(
        "/actions/session/end-others",
        Fields::none(),
        "/security",
        |change| async move {
            let ended = (change.engine())
                .end_my_other_sessions(change.proof.clone(), change.origin())
                .await?;
            Ok(Next::back().saying(m::sessions_ended(ended)))
        },
    )
    .await
}

/// Signs a device of any user out, for administrators.
#[server(prefix = "/actions", endpoint = "session/end-any")]
pub async fn end_any_session(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        SessionsRevoke,
        "/actions/session/end-any",
        Fields::none(),
        "/admin/users",
        |change| async move {
            let id = form::id(&id, Noun::Device)?;
            (change.engine())
                .end_session(&change.proof, id, change.origin())
                .await?;
            Ok(Next::back().saying(m::SESSION_ENDED))
        },
    )
    .await
}
