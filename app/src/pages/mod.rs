//! The pages: one file each, named after the path or, for an error, after what happened.

pub mod activate;
pub mod activity;
pub mod admin;
pub mod approve;
pub mod cookie_problem;
pub mod devices;
pub mod enrolment;
pub mod home;
pub mod login;
pub mod not_found;
pub mod notifications;
pub mod recover;
pub mod recovery_mail;
pub mod security;
pub mod setup;

use crate::{
    error::{AppError, log_if_internal, remedy_of},
    response,
};
use http::StatusCode;
use latchkey_engine::{Error, Result};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Renders a page that needs the engine. An error becomes its error page or redirect.
pub fn load<F>(page: F) -> impl IntoView
where
    F: Future<Output = Result<AnyView>> + Send + 'static,
{
    Suspend::new(async move { page.await.unwrap_or_else(|error| error_page(&error)) })
}

/// The value of a path parameter, by its name in the route.
#[must_use]
pub fn param(name: &str) -> String {
    use_params_map()
        .read_untracked()
        .get(name)
        .unwrap_or_default()
}

/// A value of the query string.
#[must_use]
pub fn query(name: &str) -> Option<String> {
    response::request_context().facts().query(name)
}

/// The error page: the one match from an error to a response.
fn error_page(error: &Error) -> AnyView {
    let context = response::request_context();
    log_if_internal(error);
    match error {
        Error::Denied(denial) if let Some(remedy) = remedy_of(*denial) => {
            response::redirect(&remedy.leading_back_to(&context.facts().path_and_query));
            ().into_any()
        }
        // A path with values that cannot be valid is a path without a page.
        Error::NotFound(_) | Error::BadInput { .. } => {
            view! { <not_found::NotFoundPage/> }.into_any()
        }
        Error::Refused(_)
        | Error::Denied(_)
        | Error::Conflict { .. }
        | Error::PreconditionFailed
        | Error::Throttled { .. }
        | Error::Busy { .. }
        | Error::UsesUnknown
        | Error::Internal(_) => {
            context.fail(AppError::from(error).of_page());
            ().into_any()
        }
    }
}

/// Sets the status of an error page.
fn with_status(status: StatusCode, page: impl IntoView + 'static) -> AnyView {
    response::set_status(status);
    page.into_any()
}
