//! The pages: one file for each, named after its address.

pub mod activity;
pub mod admin;
pub mod devices;
pub mod enrolment;
pub mod home;
pub mod login;
pub mod missing;
pub mod security;
pub mod setup;

use crate::{
    error::{AppError, log_if_internal, remedy_of},
    response,
};
use http::StatusCode;
use latchkey_domain::access::permission::Denial;
use latchkey_engine::{Error, Result};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// Renders a page that has to ask the engine first. An error becomes the answer that it stands for.
pub fn load<F>(page: F) -> impl IntoView
where
    F: Future<Output = Result<AnyView>> + Send + 'static,
{
    Suspend::new(async move { page.await.unwrap_or_else(|error| stop(&error)) })
}

/// The value of a segment of the address, by its name in the route.
#[must_use]
pub fn param(name: &str) -> String {
    use_params_map()
        .read_untracked()
        .get(name)
        .unwrap_or_default()
}

/// A value of the address's query.
#[must_use]
pub fn query(name: &str) -> Option<String> {
    response::request_context().facts().query(name)
}

/// The page in place of one that cannot be shown: the one match from an error to an answer.
fn stop(error: &Error) -> AnyView {
    let path = response::request_context().facts().path_and_query.clone();
    log_if_internal(error, &path);
    match error {
        Error::Denied(denial) if let Some(remedy) = remedy_of(*denial) => {
            response::redirect(&remedy.leading_back_to(&path));
            ().into_any()
        }
        Error::Denied(denial @ Denial::Forbidden) => {
            response::request_context().fail(AppError::from(*denial));
            ().into_any()
        }
        // An address whose values make no sense is an address where nothing is.
        Error::NotFound(_) | Error::BadInput { .. } => view! { <missing::Missing/> }.into_any(),
        Error::Refused(_)
        | Error::Denied(_)
        | Error::Conflict { .. }
        | Error::Throttled { .. }
        | Error::Busy { .. }
        | Error::Internal(_) => {
            let error = AppError::from(error);
            view! { <missing::Failed status=error.code.status() words=error.detail.into_owned()/> }
                .into_any()
        }
    }
}

/// Sets the status of a page that is not an ordinary one.
fn with_status(status: StatusCode, page: impl IntoView + 'static) -> AnyView {
    response::set_status(status);
    page.into_any()
}
