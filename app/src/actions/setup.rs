//! The first start: the first administrator's details.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next},
    request_context::ResponseEffect,
    response,
    url::percent_encode,
};
use latchkey_engine::{Error, FailedAttempt, Refusal};
use leptos::prelude::*;

/// Takes e-mail and name, and goes on to the QR code.
#[server(prefix = "/actions", endpoint = "setup/begin")]
pub async fn begin_setup(
    #[server(default)] code: String,
    #[server(default)] email: String,
    #[server(default)] name: String,
) -> Result<(), ActionError> {
    let page = format!("/setup/{}", percent_encode(&code));
    let fields = Fields::none().field("email", &email).field("name", &name);
    form::handle_form("/actions/setup/begin", fields, &page, async {
        let context = response::request_context();
        let handles = &context.facts().enrolments;
        let begun = context
            .engine()
            .begin_setup(&code, &email, &name, handles)
            .await;
        if let Err(Error::Refused(Refusal::LinkNotValid)) = &begun {
            FailedAttempt::Link.log(&context.facts().origin);
        }
        let handle = begun?;
        context.push_effect(ResponseEffect::KeepEnrolment(
            handle.text.expose_secret().to_owned(),
        ));
        Ok(Next::page(&*page))
    })
    .await
}
