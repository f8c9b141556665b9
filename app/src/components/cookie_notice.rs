//! The page in place of the sign-in page for somebody whose device cookie does not come back.

use crate::{
    answer,
    api::session::start_of,
    components::{
        door::Door,
        notice::{Notice, Tone},
    },
    device_cookie::{self, Trouble},
    visit::{Effect, Visit},
};
use latchkey_domain::return_to::ReturnTo;
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
    visit: &Visit,
    target: Option<&ReturnTo>,
    asked: &str,
) -> latchkey_engine::Result<AtSignIn> {
    let facts = visit.facts();
    let is_checked = device_cookie::is_checked(facts, visit.engine().now().unix_timestamp());
    // As it was asked for: one that is kept goes by its name.
    let again = target.map_or_else(|| "/login".to_owned(), |_| answer::sign_in_page(asked));
    let stuck = |trouble: Trouble| {
        let page = view! { <Stuck trouble=trouble.clone() again=again/> };
        visit.leave(Effect::Stuck(trouble));
        AtSignIn::Page(page.into_any())
    };
    let Some(account) = &facts.account else {
        return Ok(match is_checked && !facts.cookies.keeps_any {
            true => stuck(Trouble::Blocked),
            false => AtSignIn::Ask,
        });
    };
    let start = start_of(account.role);
    if is_checked {
        return Ok(AtSignIn::GoOn(start));
    }
    let Some(target) = target.filter(|target| target.host().is_some()) else {
        return Ok(AtSignIn::Ask);
    };
    // Who is wanted with more than a device is asked for it.
    if !visit.engine().is_let_into(account, target).await? {
        return Ok(AtSignIn::Ask);
    }
    if !facts.cookies.is_from_us {
        if let Some(trouble) = facts.cookies.trouble_at(target) {
            return Ok(stuck(trouble));
        }
        visit.leave(Effect::RepeatDevice);
        visit.leave(Effect::LedTo(facts.cookies.led.once_more_to(target)));
    }
    Ok(AtSignIn::GoOn(start))
}

#[component]
fn Stuck(trouble: Trouble, again: String) -> impl IntoView {
    let public_url = answer::visit().engine().public_url().to_string();
    let (title, words) = match &trouble {
        Trouble::Blocked => (
            "Your browser kept no cookie",
            format!(
                "You signed in, but your browser did not keep the cookie that says so. Allow cookies for this site or leave the private window, then sign in again. Browsers keep no cookie under another name than that of {public_url} or over http where it has https."
            ),
        ),
        Trouble::NotCovered { host, .. } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} cannot see it. Signing in again does not help: the cookie that says who you are does not go to {host}."
            ),
        ),
        Trouble::Refused { host, domain } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} cannot see it. Your browser keeps no cookie for {domain}: allow cookies for it, if you have forbidden them."
            ),
        ),
        Trouble::Replaced { host, domain } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} cannot see it. Another site below {domain} has put its own cookie in the place of yours."
            ),
        ),
        Trouble::NotHandedOn { host } => (
            "You are signed in, but not there",
            format!(
                "You are signed in here, and {host} does not see it. Your browser has the cookie; on the way to {host} it is lost."
            ),
        ),
    };
    let is_signed_in = trouble != Trouble::Blocked;
    let act = if is_signed_in {
        "Try again"
    } else {
        "Sign in again"
    };
    view! {
        <Door title=title>
            <h1>{title}</h1>
            <div class="stack door-act">
                <Notice tone=Tone::Error words=words/>
                <p class="small quiet">"For whoever runs this: "{trouble.to_string()}"."</p>
            </div>
            <div class="button-row door-other">
                <a class="button button-primary" href=again>{act}</a>
                {is_signed_in.then(|| view! { <a class="button button-quiet" href="/">"To my start page"</a> })}
            </div>
        </Door>
    }
}
