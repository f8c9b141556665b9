//! The page in place of the sign-in page for somebody whose device cookie does not come back.

use crate::{
    api::session::start_of,
    components::{
        auth_layout::AuthLayout,
        notice::{Notice, Tone},
    },
    device_cookie::{self, CookieProblem},
    request_context::{Effect, RequestContext},
    response,
};
use latchkey_domain::request::return_to::ReturnTo;
use leptos::prelude::*;

/// What becomes of somebody at the sign-in page.
pub enum AtSignIn {
    /// They are asked who they are.
    Ask,
    /// They go on to the target, or to this page if there is none.
    GoOn(&'static str),
    /// They cannot, and hear why.
    Page(AnyView),
}

/// Whether somebody who just signed in, or is signed in and was sent back by a service, goes on.
///
/// # Errors
/// Internal only.
pub async fn at_sign_in(
    context: &RequestContext,
    target: Option<&ReturnTo>,
    asked: &str,
) -> latchkey_engine::Result<AtSignIn> {
    let facts = context.facts();
    let is_checked = device_cookie::is_checked(facts, context.engine().now().unix_timestamp());
    // As it was asked for: one that is kept goes by its name.
    let again = target.map_or_else(|| "/login".to_owned(), |_| response::sign_in_page(asked));
    let stuck = |trouble: CookieProblem| {
        let page = view! { <CookieProblemLog trouble=trouble.clone() again=again/> };
        context.leave(Effect::CookieProblemLog(trouble));
        AtSignIn::Page(page.into_any())
    };
    let Some(current_user) = &facts.current_user else {
        return Ok(match is_checked && !facts.cookies.keeps_any {
            true => stuck(CookieProblem::Blocked),
            false => AtSignIn::Ask,
        });
    };
    let start = start_of(current_user.role);
    if is_checked {
        return Ok(AtSignIn::GoOn(start));
    }
    let Some(target) = target.filter(|target| target.host().is_some()) else {
        return Ok(AtSignIn::Ask);
    };
    // Who is wanted with more than a device is asked for it.
    if !context.engine().is_let_into(current_user, target).await? {
        return Ok(AtSignIn::Ask);
    }
    if !facts.cookies.is_from_us {
        if let Some(trouble) = facts.cookies.trouble_at(target) {
            return Ok(stuck(trouble));
        }
        context.leave(Effect::RepeatDevice);
        context.leave(Effect::RedirectedTo(facts.cookies.led.once_more_to(target)));
    }
    Ok(AtSignIn::GoOn(start))
}

#[component]
fn CookieProblemLog(trouble: CookieProblem, again: String) -> impl IntoView {
    let public_url = response::request_context()
        .engine()
        .public_url()
        .to_string();
    let (title, words) = match &trouble {
        CookieProblem::Blocked => (
            "Your browser did not store the cookie",
            format!(
                "You signed in, but your browser did not store the sign-in cookie. Allow cookies for this site or leave private browsing, then sign in again. The cookie is stored only if you open Latchkey at {public_url}."
            ),
        ),
        CookieProblem::NotCovered { host, .. } => (
            "The service cannot see that you are signed in",
            format!(
                "You are signed in here, but your browser does not send the sign-in cookie to {host}. Signing in again does not help."
            ),
        ),
        CookieProblem::Refused { host, domain } => (
            "The service cannot see that you are signed in",
            format!(
                "You are signed in here, but {host} does not receive the sign-in cookie. Your browser does not store cookies for {domain}. Allow them if you have blocked them."
            ),
        ),
        CookieProblem::Replaced { host, domain } => (
            "The service cannot see that you are signed in",
            format!(
                "You are signed in here, but {host} does not receive the sign-in cookie. Another site under {domain} has overwritten it."
            ),
        ),
        CookieProblem::NotHandedOn { host } => (
            "The service cannot see that you are signed in",
            format!(
                "You are signed in here, but {host} does not receive the sign-in cookie. Your browser has stored it, but it is lost on the way to {host}."
            ),
        ),
    };
    let is_signed_in = trouble != CookieProblem::Blocked;
    let act = if is_signed_in {
        "Try again"
    } else {
        "Sign in again"
    };
    view! {
        <AuthLayout title=title>
            <h1>{title}</h1>
            <div class="stack door-act">
                <Notice tone=Tone::Error words=words/>
                <p class="small quiet">"For the administrator: "{trouble.to_string()}"."</p>
            </div>
            <div class="button-row door-other">
                <a class="button button-primary" href=again>{act}</a>
                {is_signed_in.then(|| view! { <a class="button button-quiet" href="/">"My services"</a> })}
            </div>
        </AuthLayout>
    }
}
