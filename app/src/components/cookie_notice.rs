//! Detects at the sign-in page that the device cookie does not come back, and explains why.

use crate::{
    actions::session::start_of,
    address::sign_in_page,
    components::{
        auth_layout::AuthLayout,
        notice::{Notice, Tone},
    },
    device_cookie::{self, CookieProblem},
    messages::m,
    request_context::{Effect, RequestContext},
    response,
};
use latchkey_domain::request::return_to::ReturnTo;
use leptos::prelude::*;

/// What the sign-in page does.
pub enum CookieCheck {
    /// It asks the user to sign in.
    Ask,
    /// It continues to the target, or to this page if there is none.
    Continue(&'static str),
    /// It explains why the sign-in cookie is missing.
    Explain(AnyView),
}

/// Whether a user who just signed in, or was sent back by a service although signed in, can continue.
///
/// # Errors
/// Internal only.
pub async fn check_cookies(
    context: &RequestContext,
    target: Option<&ReturnTo>,
    requested: &str,
) -> latchkey_engine::Result<CookieCheck> {
    let facts = context.facts();
    let now = context.engine().now().unix_timestamp();
    let is_checked = device_cookie::is_checked(&facts.path_and_query, now);
    // As it was requested: a target that is kept on the server goes by its name.
    let retry = target.map_or_else(|| "/login".to_owned(), |_| sign_in_page(requested));
    let explain = |problem: CookieProblem| {
        let page = view! { <CookieProblemPage problem=problem.clone() retry=retry/> };
        context.leave(Effect::CookieProblemLog(problem));
        CookieCheck::Explain(page.into_any())
    };
    let Some(current_user) = &facts.current_user else {
        return Ok(match is_checked && !facts.cookies.keeps_any {
            true => explain(CookieProblem::Blocked),
            false => CookieCheck::Ask,
        });
    };
    let start = start_of(current_user.role);
    if is_checked {
        return Ok(CookieCheck::Continue(start));
    }
    let Some(target) = target.filter(|target| target.host().is_some()) else {
        return Ok(CookieCheck::Ask);
    };
    // A service that requires more than a device asks for it.
    if !context.engine().is_let_into(current_user, target).await? {
        return Ok(CookieCheck::Ask);
    }
    if !facts.cookies.is_from_us {
        if let Some(problem) = facts.cookies.problem_at(target) {
            return Ok(explain(problem));
        }
        context.leave(Effect::RepeatDevice);
        context.leave(Effect::RedirectedTo(
            facts.cookies.redirects.once_more_to(target),
        ));
    }
    Ok(CookieCheck::Continue(start))
}

#[component]
fn CookieProblemPage(problem: CookieProblem, retry: String) -> impl IntoView {
    let public_url = response::request_context()
        .engine()
        .public_url()
        .to_string();
    let title = match &problem {
        CookieProblem::Blocked => m::COOKIE_BLOCKED_TITLE,
        _ => m::COOKIE_MISSING_TITLE,
    };
    let message = match &problem {
        CookieProblem::Blocked => m::cookie_blocked(public_url),
        CookieProblem::NotCovered { host, .. } => m::cookie_not_covered(host.as_str()),
        CookieProblem::Refused { host, domain } => {
            m::cookie_refused(domain.as_str(), host.as_str())
        }
        CookieProblem::Replaced { host, domain } => {
            m::cookie_replaced(domain.as_str(), host.as_str())
        }
        CookieProblem::NotHandedOn { host } => m::cookie_not_handed_on(host.as_str()),
    };
    let is_signed_in = problem != CookieProblem::Blocked;
    let act = if is_signed_in {
        m::TRY_AGAIN
    } else {
        m::SIGN_IN_AGAIN
    };
    view! {
        <AuthLayout title=title>
            <h1>{title}</h1>
            <div class="stack auth-actions">
                <Notice tone=Tone::Error message=message/>
                <p class="small quiet">{m::COOKIE_FOR_ADMINISTRATOR}{problem.remedy()}"."</p>
            </div>
            <div class="button-row auth-alternative">
                <a class="button button-primary" href=retry>{act}</a>
                {is_signed_in.then(|| view! { <a class="button button-quiet" href="/">{m::MY_SERVICES}</a> })}
            </div>
        </AuthLayout>
    }
}
