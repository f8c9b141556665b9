//! Enrolment: the code that proves the authenticator app was set up.

use crate::{
    actions::{error::ActionError, session::via_cookie_check},
    form::{self, Fields, Next},
    request_context::ResponseEffect,
    response,
};
use leptos::prelude::*;

/// Confirms the authenticator app (set-up and enrolment alike): registers this device, signs in,
/// and goes on to the passkey.
#[server(prefix = "/actions", endpoint = "enrol/confirm")]
pub async fn confirm_totp_enrolment(
    #[server(default)] code: String,
    #[server(default)] device_name: String,
    #[server(default)] ceremony: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .secret("code")
        .field("device_name", &device_name);
    form::handle_form("/actions/enrol/confirm", fields, "/login", async {
        let context = response::request_context();
        let facts = context.facts();
        // Another tab may have another one: the page that comes next is of the one that was sent.
        if context.engine().is_enrolment(&ceremony) {
            context.push_effect(ResponseEffect::KeepEnrolment(ceremony.clone()));
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
        context.push_effect(ResponseEffect::EndEnrolment(ceremony));
        context.push_effect(ResponseEffect::SignIn(Box::new(signed_in)));
        Ok(Next::page(via_cookie_check(&context, "/enrol/passkey")))
    })
    .await
}
