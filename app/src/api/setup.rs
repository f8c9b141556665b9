//! The first start: the first administrator's details.

use crate::{
    answer::{self, escape},
    api::error::FormError,
    form::{self, Fields, Next},
    visit::Effect,
};
use leptos::prelude::*;

/// Takes e-mail and name, and goes on to the QR code.
#[server(prefix = "/api", endpoint = "setup/begin")]
pub async fn begin_setup(
    #[server(default)] code: String,
    #[server(default)] email: String,
    #[server(default)] name: String,
) -> Result<(), FormError> {
    let page = format!("/setup/{}", escape(&code));
    let fields = Fields::none().kept("email", &email).kept("name", &name);
    form::answer("/api/setup/begin", fields, &page, async {
        let visit = answer::visit();
        let handles = &visit.facts().enrolments;
        let handle = visit
            .engine()
            .begin_setup(&code, &email, &name, handles)
            .await?;
        visit.leave(Effect::KeepEnrolment(handle.text.reveal_once().to_owned()));
        Ok(Next::page(&*page))
    })
    .await
}
