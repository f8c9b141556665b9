//! `/enrol/{code}`: a one-time link, then a device. Three steps: scan, confirm, passkey.

use super::{load, missing::LinkNotValid, param};
use crate::{
    browser::{
        copy::CopyButton,
        create_passkey::{CreatePasskeyButton, Variant},
    },
    components::{
        auth_layout::AuthLayout,
        field::{CodeField, Field, FormState},
        icon::Icon,
        notice::{Notice, Notices, Tone},
        qr_code::QrCode,
        steps::Steps,
    },
    format,
    request_context::Effect,
    response,
};
use latchkey_domain::{identity::device, identity::user::Role};
use latchkey_engine::PendingEnrolment;
use leptos::prelude::*;

/// The steps of an enrolment.
const STEPS: &[&str] = &["Scan", "Confirm", "Passkey"];

/// Steps 1 and 2: the QR code and the field for the code.
#[component]
pub fn Enrolment() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let code = param("code");
        let Some(pending) = context
            .engine()
            .begin_enrolment(&code, &context.facts().enrolments)
            .await?
        else {
            return Ok(view! { <LinkNotValid/> }.into_any());
        };
        if pending.is_new {
            let handle = pending.handle.text.expose_secret().to_owned();
            context.leave(Effect::KeepEnrolment(handle));
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
    steps: &'static [&'static str],
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
        <AuthLayout title="Set up your authenticator app" wide=true>
            <Steps names=steps at=at/>
            <h1>"Welcome, "{first_name}</h1>
            <p class="lead">"Scan the QR code with an authenticator app, then enter the code it shows to register this device."</p>
            <Notices/>
            <div class="enrol">
                <div class="stack">
                    <QrCode text=pending.otpauth_uri.expose_secret().to_owned() label="QR code for your authenticator app"/>
                    <a class="button" href=pending.otpauth_uri.expose_secret().to_owned()><Icon name="phone"/>"Open in authenticator app"</a>
                </div>
                <div class="stack">
                    <form class="form" method="post" action="/actions/enrol/confirm">
                        <input type="hidden" name="ceremony" value=pending.handle.text.expose_secret().to_owned()/>
                        <CodeField form=form.clone() label="Code from the app"/>
                        <Field form=form name="device_name" label="Name for this device" value=device_name.to_string() maxlength=64/>
                        <button class="button button-primary button-large">"Confirm"</button>
                    </form>
                    <details class="disclosure">
                        <summary><Icon name="chevron-right" class="icon-small icon-turn"/>"Can’t scan it?"</summary>
                        <div class="disclosure-body">
                            <div class="secret secret-plain">
                                <p class="small quiet">"Enter this key in the app (time-based, 6 digits)."</p>
                                <code class="secret-value" id="totp-secret">{in_fours(pending.secret.expose_secret())}</code>
                                <div class="secret-foot"><CopyButton target="totp-secret".to_owned() label="Copy the key".to_owned()/></div>
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
        let message = format!(
            "This device is registered. You are signed in as {}.",
            current_user.email
        );
        let name = device::default_name(&context.facts().origin.user_agent).to_string();
        let (lead, later) = match current_user.role {
            Role::Admin => (
                "Administration requires a passkey. It uses your fingerprint, your face or the PIN of this device, and cannot be phished.",
                "Not now",
            ),
            Role::User => (
                "You then sign in with your fingerprint, your face or the PIN of this device. A passkey cannot be phished.",
                "Not now",
            ),
        };
        Ok(view! {
            <AuthLayout title="Create a passkey">
                <Steps names=STEPS at=2/>
                <h1>"Create a passkey for this device"</h1>
                <p class="lead">{lead}</p>
                <Notice tone=Tone::Success message=message/>
                <div class="auth-actions">
                    <CreatePasskeyButton name=name label="Create a passkey".to_owned() variant=Variant::Hero/>
                    <noscript><p class="small quiet">"Passkeys need JavaScript. You can create one later, under Security."</p></noscript>
                    <a class="button button-quiet button-wide" href="/">{later}</a>
                </div>
                <p class="small quiet auth-alternative">"Your fingerprint or face never leaves this device. Latchkey stores only a public key."</p>
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
