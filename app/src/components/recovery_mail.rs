//! Confirming the recovery on this device by mail.

use crate::{
    components::{form_state::FormState, icon::Icon, text_fields::Field, time::RelativeTime},
    messages::{m, with_element},
    response,
};
use latchkey_domain::access::permission::CurrentUser;
use leptos::prelude::*;
use time::OffsetDateTime;

/// The id of the section, for links to it.
pub const ID: &str = "confirm";

/// The section in which the user of this device asks for a mail, and enters its code; nothing where no mail is asked for.
#[component]
pub fn MailConfirmation(
    /// The user.
    current_user: CurrentUser,
    /// Until when the last mail can be answered.
    expires_at: Option<OffsetDateTime>,
) -> impl IntoView {
    let now = response::request_context().engine().now();
    current_user.may_confirm_recovery(now).ok()?;
    let email = current_user.email.to_string();
    let body = match expires_at {
        None => view! {
            <p>{m::recovery_mail_send_lead(email.as_str())}</p>
            <Send is_again=false/>
        }
        .into_any(),
        Some(end) => view! {
            <p>{m::recovery_mail_enter_lead(email.as_str())}" "<span class="quiet">{with_element(m::recovery_mail_ends, view! { <RelativeTime at=end/> })}</span></p>
            <ConfirmForm/>
            <Send is_again=true/>
        }
        .into_any(),
    };
    Some(view! {
        <section class="section" aria-labelledby=ID>
            <div class="section-head"><h2 id=ID>{m::RECOVERY_MAIL_TITLE}</h2><p>{m::RECOVERY_MAIL_LEAD}</p></div>
            <div class="section-body stack">{body}</div>
        </section>
    })
}

/// The form that confirms with a code; filled in where a link has it.
#[component]
pub fn ConfirmForm(
    /// The code of the link.
    #[prop(optional)]
    code: String,
) -> impl IntoView {
    let action = "/actions/recovery/confirm";
    let form = FormState::of(action);
    view! {
        <form class="form" method="post" action=action>
            <Field form=form name="code" label=m::RECOVERY_MAIL_CODE hint=m::RECOVERY_MAIL_CODE_HINT value=code class="input-code input-code-long" autocomplete="one-time-code" inputmode="numeric" maxlength=16/>
            <div class="button-row"><button class="button button-primary">{m::RECOVERY_MAIL_CONFIRM}</button></div>
        </form>
    }
}

#[component]
fn Send(
    /// Whether there was a mail before.
    is_again: bool,
) -> impl IntoView {
    let (class, label) = match is_again {
        false => ("button button-primary", m::RECOVERY_MAIL_SEND),
        true => ("button", m::RECOVERY_MAIL_SEND_AGAIN),
    };
    view! {
        <form method="post" action="/actions/recovery/send-mail">
            <button class=class><Icon name="mail"/>{label}</button>
        </form>
    }
}
