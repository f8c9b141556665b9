//! Error pages: not found, forbidden, failed.

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
            <AuthLayout title="Page not found">
                <h1>"Page not found"</h1>
                <p class="lead">"The address may be wrong, or the link has already been used. Enrolment links work only once."</p>
                <ErrorActions/>
            </AuthLayout>
        },
    )
}

/// 404: a one-time link that was used, replaced or has expired. It does not tell which, nor whether the code was ever
/// valid.
#[component]
pub fn LinkNotValid() -> impl IntoView {
    with_status(
        StatusCode::NOT_FOUND,
        view! {
            <AuthLayout title="Link not valid">
                <h1>"This link is no longer valid"</h1>
                <p class="lead">"Links work only once and expire. Ask an administrator for a new one."</p>
                <ErrorActions/>
            </AuthLayout>
        },
    )
}

/// 403: the role is missing.
#[component]
pub fn Forbidden() -> impl IntoView {
    with_status(
        StatusCode::FORBIDDEN,
        view! {
            <AuthLayout title="Access denied">
                <h1>"This page is for administrators"</h1>
                <p class="lead">"Your role does not give you access to this page. If you need it, ask an administrator to change your role."</p>
                <ErrorActions/>
            </AuthLayout>
        },
    )
}

/// Any other error.
#[component]
pub fn Failed(
    /// The status of the response.
    status: StatusCode,
    /// What happened and what to do.
    message: String,
) -> impl IntoView {
    let heading = if status.is_server_error() {
        "Something went wrong"
    } else {
        "The request could not be completed"
    };
    with_status(
        status,
        view! {
            <AuthLayout title="Error">
                <h1>{heading}</h1>
                <p class="lead">{message}</p>
                <div class="button-row auth-actions">
                    <a class="button button-primary" href=""><Icon name="refresh"/>"Try again"</a>
                    <a class="button button-quiet" href="/">"My services"</a>
                </div>
            </AuthLayout>
        },
    )
}

#[component]
fn ErrorActions() -> impl IntoView {
    view! {
        <div class="button-row auth-actions">
            <a class="button button-primary" href="/"><Icon name="home"/>"My services"</a>
            <a class="button button-quiet" href="/login">"Sign in"</a>
        </div>
    }
}
