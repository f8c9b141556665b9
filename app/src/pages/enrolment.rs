//! `/enrol/{code}`: a one-time link, then a device. Three steps: scan, confirm, passkey.

use super::{load, not_found::LinkNotValidPage, param, recover::RecoverByLink};
use crate::{
    browser::{
        copy_button::CopyButton,
        create_passkey_button::{CreatePasskeyButton, Variant},
    },
    components::{
        auth_layout::AuthLayout,
        form_state::FormState,
        icon::Icon,
        notice::{Notice, Notices, Tone},
        passkey_texts::failure_texts,
        qr_code::QrCode,
        steps::Steps,
        text_fields::{CodeField, Field},
    },
    format,
    messages::{Key, m},
    request_context::ResponseEffect,
    response,
};
use latchkey_domain::identity::device;
use latchkey_engine::PendingEnrolment;
use leptos::prelude::*;

/// The steps of an enrolment.
const STEPS: &[Key] = &[m::STEP_SCAN, m::CONFIRM, m::STEP_PASSKEY];

/// Steps 1 and 2: the QR code and the field for the code.
#[component]
pub fn Enrolment() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let code = param("code");
        if let Some(link) = context.engine().recovering_link(&code).await? {
            return Ok(view! { <RecoverByLink link=link code=code/> }.into_any());
        }
        let Some(pending) = context
            .engine()
            .begin_enrolment(&code, &context.facts().enrolments)
            .await?
        else {
            return Ok(view! { <LinkNotValidPage/> }.into_any());
        };
        if pending.is_new {
            let handle = pending.handle.text.expose_secret().to_owned();
            context.push_effect(ResponseEffect::KeepEnrolment(handle));
        }
        Ok(view! { <Scan pending=pending steps=STEPS at=0/> }.into_any())
    })
}

/// The QR code, and the form for the code from the app. The children are shown below the form.
#[component]
pub fn Scan(
    /// The pending enrolment.
    pending: PendingEnrolment,
    /// The steps of the procedure.
    steps: &'static [Key],
    /// The index of the current step.
    at: usize,
    /// An alternative to the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let form = FormState::of("/actions/enrol/confirm");
    let first_name = format::first_name(&pending.name);
    let device_name = device::default_name(&response::request_context().facts().origin.user_agent);
    view! {
        <AuthLayout title=m::ENROL_TITLE wide=true>
            <Steps names=steps at=at/>
            <h1>{m::enrol_welcome(first_name)}</h1>
            <p class="lead">{m::ENROL_LEAD}</p>
            <Notices/>
            <div class="enrol">
                <div class="stack">
                    <QrCode text=pending.otpauth_uri.expose_secret().to_owned() label=m::ENROL_QR_CODE/>
                    <a class="button" href=pending.otpauth_uri.expose_secret().to_owned()><Icon name="phone"/>{m::ENROL_OPEN_APP}</a>
                </div>
                <div class="stack">
                    <form class="form" method="post" action="/actions/enrol/confirm">
                        <input type="hidden" name="ceremony" value=pending.handle.text.expose_secret().to_owned()/>
                        <CodeField form=form.clone() label=m::ENROL_CODE/>
                        <Field form=form name="device_name" label=m::DEVICE_NAME value=device_name.to_string() maxlength=64/>
                        <button class="button button-primary button-large">{m::CONFIRM}</button>
                    </form>
                    <details class="disclosure">
                        <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::ENROL_CANNOT_SCAN}</summary>
                        <div class="disclosure-body">
                            <div class="secret secret-plain">
                                <p class="small quiet">{m::ENROL_ENTER_KEY}</p>
                                <code class="secret-value" id="totp-secret">{in_fours(pending.secret.expose_secret())}</code>
                                <div class="secret-foot"><CopyButton target="totp-secret".to_owned() label=m::ENROL_COPY_KEY.text() copied_label=m::COPIED.text()/></div>
                            </div>
                        </div>
                    </details>
                    {children.map(|children| children())}
                </div>
            </div>
        </AuthLayout>
    }
}

/// Step 3: a passkey for the device that was just registered.
#[component]
pub fn EnrolmentPasskey() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?;
        if current_user.has_passkey {
            response::redirect("/");
            return Ok(().into_any());
        }
        let message = m::enrol_registered(current_user.email.as_str());
        let name = device::default_name(&context.facts().origin.user_agent).to_string();
        let lead = match current_user.role.is_privileged() {
            true => m::ENROL_PASSKEY_ADMIN,
            false => m::ENROL_PASSKEY_USER,
        };
        Ok(view! {
            <AuthLayout title=m::CREATE_PASSKEY>
                <Steps names=STEPS at=2/>
                <h1>{m::ENROL_PASSKEY_HEADING}</h1>
                <p class="lead">{lead}</p>
                <Notice tone=Tone::Success message=message/>
                <div class="auth-actions">
                    <CreatePasskeyButton name=name label=m::CREATE_PASSKEY.text() variant=Variant::Hero failures=failure_texts()/>
                    <noscript><p class="small quiet">{m::ENROL_NO_SCRIPT}</p></noscript>
                    <a class="button button-quiet button-wide" href="/">{m::NOT_NOW}</a>
                </div>
                <p class="small quiet auth-alternative">{m::ENROL_PRIVACY}</p>
            </AuthLayout>
        }
        .into_any())
    })
}

/// A key in groups of four, which are easier to copy by hand.
fn in_fours(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    letters
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_key_is_shown_in_groups_of_four() {
        assert_eq!(super::in_fours("JBSWY3DPEH"), "JBSW Y3DP EH");
    }
}
