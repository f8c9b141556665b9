//! Enrolment: the code that proves the authenticator app was set up.

use crate::{
    answer,
    api::{error::FormError, session::next_page},
    form::{self, Fields, Next},
    visit::Effect,
};
use leptos::prelude::*;

/// Confirms the authenticator app (set-up and enrolment alike): registers this device, signs in,
/// and goes on to the passkey.
#[server(prefix = "/api", endpoint = "enrol/confirm")]
pub async fn confirm_enrolment(
    #[server(default)] code: String,
    #[server(default)] device_name: String,
    #[server(default)] ceremony: String,
) -> Result<(), FormError> {
    let fields = Fields::none()
        .forgotten("code")
        .kept("device_name", &device_name);
    form::answer("/api/enrol/confirm", fields, "/login", async {
        let visit = answer::visit();
        let facts = visit.facts();
        // Another tab may have another one: the page that comes next is of the one that was sent.
        if visit.engine().is_enrolment(&ceremony) {
            visit.leave(Effect::KeepEnrolment(ceremony.clone()));
        }
        let signed_in = visit
            .engine()
            .finish_enrolment(
                Some(&ceremony),
                &code,
                &device_name,
                facts.browser,
                &facts.client,
            )
            .await?;
        visit.leave(Effect::EndEnrolment(ceremony));
        visit.leave(Effect::SignIn(Box::new(signed_in)));
        Ok(Next::page(next_page(&visit, "/enrol/passkey")))
    })
    .await
}
