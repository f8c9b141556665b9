//! Detects at the sign-in page that the device cookie does not come back; [`crate::device_cookie`] finds out why.

use crate::{
    actions::session::start_page,
    device_cookie::{self, CookieProblem},
    request_context::{RequestContext, ResponseEffect},
    url::sign_in_url,
};
use latchkey_domain::request::return_to::ReturnTo;

/// What the sign-in page does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceCookieCheck {
    /// It asks the user to sign in.
    AskToSignIn,
    /// It continues to the target, or to this page if there is none.
    Continue(&'static str),
    /// It explains why the device cookie is missing.
    Explain {
        /// Why it does not come back.
        problem: CookieProblem,
        /// The URL of the next attempt.
        retry: String,
    },
}

/// Whether a user who just signed in, or was sent back by a service although signed in, can continue.
///
/// # Errors
/// Internal only.
pub async fn check_device_cookie(
    context: &RequestContext,
    target: Option<&ReturnTo>,
    requested: &str,
) -> latchkey_engine::Result<DeviceCookieCheck> {
    let facts = context.facts();
    let now = context.engine().now().unix_timestamp();
    let is_checked = device_cookie::is_checked(&facts.path_and_query, now);
    // As it was requested: a target that is kept on the server goes by its name.
    let retry = target.map_or_else(|| "/login".to_owned(), |_| sign_in_url(requested));
    let explain = |problem: CookieProblem| {
        context.push_effect(ResponseEffect::CookieProblemLog(problem.clone()));
        DeviceCookieCheck::Explain { problem, retry }
    };
    let Some(current_user) = &facts.current_user else {
        return Ok(match is_checked && !facts.cookies.keeps_any {
            true => explain(CookieProblem::Blocked),
            false => DeviceCookieCheck::AskToSignIn,
        });
    };
    let start = start_page(current_user);
    if is_checked {
        return Ok(DeviceCookieCheck::Continue(start));
    }
    let Some(target) = target.filter(|target| target.host().is_some()) else {
        return Ok(DeviceCookieCheck::AskToSignIn);
    };
    // A service that requires more than a device asks for it.
    if !context.engine().can_access(current_user, target).await? {
        return Ok(DeviceCookieCheck::AskToSignIn);
    }
    if !facts.cookies.is_from_us {
        if let Some(problem) = facts.cookies.problem_at(target) {
            return Ok(explain(problem));
        }
        context.push_effect(ResponseEffect::RepeatDevice);
        context.push_effect(ResponseEffect::RedirectedTo(
            facts.cookies.redirects.once_more_to(target),
        ));
    }
    Ok(DeviceCookieCheck::Continue(start))
}
