//! Explains at the sign-in page why the device cookie does not come back.

use crate::{
    components::{
        auth_layout::AuthLayout,
        notice::{Notice, Tone},
    },
    device_cookie::CookieProblem,
    messages::m,
    response,
};
use leptos::prelude::*;

/// The page; its button leads to `retry`.
#[component]
pub fn CookieProblemPage(
    /// Why the cookie does not come back.
    problem: CookieProblem,
    /// The URL of the next attempt.
    #[prop(into)]
    retry: String,
) -> impl IntoView {
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
        CookieProblem::NotForwarded { host } => m::cookie_not_handed_on(host.as_str()),
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
