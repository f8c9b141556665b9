//! The page in place of the sign-in page for somebody whose device cookie does not come back.

use crate::{
    actions::session::start_of,
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
            "Your browser kept no cookie",
            format!(
                "You signed in, but your browser did not keep the cookie that says so. Allow cookies for this site or leave the private window, then sign in again. Browsers keep no cookie under another name than that of {public_url} or over http where it has https."
            ),
        ),
        CookieProblem::NotCovered { host, .. } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} cannot see it. Signing in again does not help: the cookie that says who you are does not go to {host}."
            ),
        ),
        CookieProblem::Refused { host, domain } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} cannot see it. Your browser keeps no cookie for {domain}: allow cookies for it, if you have forbidden them."
            ),
        ),
        CookieProblem::Replaced { host, domain } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} cannot see it. Another site below {domain} has put its own cookie in the place of yours."
            ),
        ),
        CookieProblem::NotHandedOn { host } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} does not see it. Your browser has the cookie; on the way to {host} it is lost."
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
                <p class="small quiet">"For whoever runs this: "{trouble.to_string()}"."</p>
            </div>
            <div class="button-row door-other">
                <a class="button button-primary" href=again>{act}</a>
                {is_signed_in.then(|| view! { <a class="button button-quiet" href="/">"To my start page"</a> })}
            </div>
        </AuthLayout>
    }
}
