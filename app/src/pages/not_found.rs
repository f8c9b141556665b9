//! The error pages with status 404: no such page, and a link that is not valid.

use super::with_status;
use crate::components::{auth_layout::AuthLayout, icon::Icon};
use crate::{messages::m, response};
use http::StatusCode;
use latchkey_engine::FailedAttempt;
use leptos::prelude::*;

/// No page has this URL.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    with_status(
        StatusCode::NOT_FOUND,
        view! {
            <AuthLayout title=m::NOT_FOUND>
                <h1>{m::NOT_FOUND}</h1>
                <p class="lead">{m::NOT_FOUND_LEAD}</p>
                <ErrorActions/>
            </AuthLayout>
        },
    )
}

/// A one-time link that was used, replaced or has expired. It does not tell which, nor whether the code was ever
/// valid.
#[component]
pub fn LinkNotValidPage() -> impl IntoView {
    FailedAttempt::Link.log(&response::request_context().facts().origin);
    with_status(
        StatusCode::NOT_FOUND,
        view! {
            <AuthLayout title=m::LINK_INVALID_TITLE>
                <h1>{m::LINK_INVALID}</h1>
                <p class="lead">{m::LINK_INVALID_LEAD}</p>
                <ErrorActions/>
            </AuthLayout>
        },
    )
}

#[component]
fn ErrorActions() -> impl IntoView {
    view! {
        <div class="button-row auth-actions">
            <a class="button button-primary" href="/"><Icon name="home"/>{m::MY_SERVICES}</a>
            <a class="button button-quiet" href="/login">{m::SIGN_IN}</a>
        </div>
    }
}
