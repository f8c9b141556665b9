//! The pages in place of a page: not there, not working.

use super::with_status;
use crate::components::{auth_layout::AuthLayout, icon::Icon};
use http::StatusCode;
use leptos::prelude::*;

/// 404: no page has this address.
#[component]
pub fn Missing() -> impl IntoView {
    with_status(
        StatusCode::NOT_FOUND,
        view! {
            <AuthLayout title="Not found">
                <h1>"There is no door here"</h1>
                <p class="lead">"The address may be mistyped, or the link has been used already. Enrolment links work once."</p>
                <Ways/>
            </AuthLayout>
        },
    )
}

/// 404: a one-time link that was used, replaced, or is too old. Says no more: whether a code was
/// ever one is nobody's business.
#[component]
pub fn LinkNotValid() -> impl IntoView {
    with_status(
        StatusCode::NOT_FOUND,
        view! {
            <AuthLayout title="Link not valid">
                <h1>"This link is not valid any more"</h1>
                <p class="lead">"A link works once, and only for a while. Whoever gave you this one can make you a new one."</p>
                <Ways/>
            </AuthLayout>
        },
    )
}

/// Anything that stopped a page on our side, or for a while.
#[component]
pub fn Failed(
    /// The status of the answer.
    status: StatusCode,
    /// What happened and what to do.
    words: String,
) -> impl IntoView {
    let heading = if status.is_server_error() {
        "Something failed on our side"
    } else {
        "That did not work"
    };
    with_status(
        status,
        view! {
            <AuthLayout title="Something failed">
                <h1>{heading}</h1>
                <p class="lead">{words}</p>
                <div class="button-row door-act">
                    <a class="button button-primary" href=""><Icon name="refresh"/>"Try again"</a>
                    <a class="button button-quiet" href="/">"My services"</a>
                </div>
            </AuthLayout>
        },
    )
}

#[component]
fn Ways() -> impl IntoView {
    view! {
        <div class="button-row door-act">
            <a class="button button-primary" href="/"><Icon name="home"/>"My services"</a>
            <a class="button button-quiet" href="/login">"Sign in"</a>
        </div>
    }
}
