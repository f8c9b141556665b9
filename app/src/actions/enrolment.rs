//! Enrolment: the code that proves the authenticator app was set up.

use crate::{
    actions::{error::ActionError, session::next_page},
    form::{self, Fields, Next},
    request_context::Effect,
    response,
};
use leptos::prelude::*;

/// Confirms the authenticator app (set-up and enrolment alike): registers this device, signs in,
/// and goes on to the passkey.
#[server(prefix = "/actions", endpoint = "enrol/confirm")]
pub async fn confirm_enrolment(
    #[server(default)] code: String,
    #[server(default)] device_name: String,
    #[server(default)] ceremony: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .forgotten("code")
        .kept("device_name", &device_name);
    form::handle_form("/actions/enrol/confirm", fields, "/login", async {
        let context = response::request_context();
        let facts = context.facts();
        // Another tab may have another one: the page that comes next is of the one that was sent.
        if context.engine().is_enrolment(&ceremony) {
            context.leave(Effect::KeepEnrolment(ceremony.clone()));
        }
        let signed_in = context
            .engine()
            .finish_enrolment(
                Some(&ceremony),
                &code,
                &device_name,
                facts.browser,
                &facts.origin,
            )
            .await?;
        context.leave(Effect::EndEnrolment(ceremony));
        context.leave(Effect::SignIn(Box::new(signed_in)));
        Ok(Next::page(next_page(&context, "/enrol/passkey")))
    })
    .await
}
