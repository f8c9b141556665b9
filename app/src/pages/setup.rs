//! `/setup/{code}`: the first administrator. The first start prints this link; it is valid until an authenticator app
//! was confirmed.

use super::{enrolment::Scan, load, not_found::LinkNotValidPage, param, query};
use crate::{
    components::{
        auth_layout::AuthLayout, form_state::FormState, notice::Notices, steps::Steps,
        text_fields::Field,
    },
    messages::{Key, m},
    response,
};
use leptos::prelude::*;

/// The steps of the setup.
const STEPS: &[Key] = &[m::STEP_ACCOUNT, m::STEP_SCAN, m::CONFIRM, m::STEP_PASSKEY];

/// The setup page: the account, then the QR code.
#[component]
pub fn Setup() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let engine = context.engine();
        let code = param("code");
        if !engine.is_setup_open(&code).await? {
            return Ok(view! { <LinkNotValidPage/> }.into_any());
        }
        let pending = engine
            .pending_setup(&code, &context.facts().enrolments)
            .await?;
        Ok(match pending {
            Some(pending) if query("edit").is_none() => view! {
                <Scan pending=pending steps=STEPS at=1>
                    <p class="small quiet">{m::SETUP_MISTAKE}<a href="?edit=1">{m::SETUP_CHANGE}</a></p>
                </Scan>
            }
            .into_any(),
            pending => {
                let (email, name) = pending.map(|pending| (pending.email.to_string(), pending.name.to_string())).unwrap_or_default();
                view! { <AccountForm code=code email=email name=name/> }.into_any()
            }
        })
    })
}

#[component]
fn AccountForm(code: String, email: String, name: String) -> impl IntoView {
    let form = FormState::of("/actions/setup/begin");
    view! {
        <AuthLayout title=m::SETUP_TITLE>
            <Steps names=STEPS at=0/>
            <h1>{m::SETUP_HEADING}</h1>
            <p class="lead">{m::SETUP_LEAD}</p>
            <Notices/>
            <form class="form auth-actions" method="post" action="/actions/setup/begin">
                <input type="hidden" name="code" value=code/>
                <Field form=form.clone() name="email" label=m::EMAIL hint=m::SETUP_EMAIL_HINT kind="email" autocomplete="email" value=email/>
                <Field form=form name="name" label=m::NAME autocomplete="name" value=name maxlength=64/>
                <button class="button button-primary button-large">{m::CONTINUE}</button>
            </form>
        </AuthLayout>
    }
}
