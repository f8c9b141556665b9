//! `/recover/mail/{code}`: the link of a mail that confirms a recovery. Opening it changes nothing; the button does, in the browser
//! that asked for the mail.

use super::{load, param};
use crate::{
    components::{
        auth_layout::AuthLayout, icon::Icon, notice::Notices, recovery_mail::ConfirmForm,
    },
    messages::m,
    response,
};
use latchkey_domain::access::permission::CurrentUser;
use leptos::prelude::*;

/// The page that confirms with this code.
#[must_use]
pub fn link(code: &str) -> String {
    format!("/recover/mail/{code}")
}

/// The page. Whoever opens it elsewhere learns nothing of the code, nor whether there is one.
#[component]
pub fn ConfirmByMail() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let user = context.facts().current_user.clone();
        let Some(user) = user.filter(|user| user.limit.is_recovery()) else {
            return Ok(view! { <OtherBrowser/> }.into_any());
        };
        if user.may_confirm_recovery(context.engine().now()).is_err() {
            // Confirmed before, or nothing to confirm: the page of the recovery says so.
            response::redirect("/devices");
            return Ok(().into_any());
        }
        Ok(view! { <ThisBrowser current_user=user code=param("code")/> }.into_any())
    })
}

#[component]
fn ThisBrowser(current_user: CurrentUser, code: String) -> impl IntoView {
    view! {
        <AuthLayout title=m::RECOVERY_MAIL_TITLE>
            <h1>{m::RECOVERY_MAIL_TITLE}</h1>
            <p class="lead">{m::recovery_mail_link_lead(current_user.email.as_str())}</p>
            <Notices/>
            <div class="auth-actions"><ConfirmForm code=code/></div>
            <p class="auth-alternative"><a href="/devices">{m::RECOVERY_MAIL_BACK}</a></p>
        </AuthLayout>
    }
}

/// Neither the browser that asked, nor another one in recovery.
#[component]
fn OtherBrowser() -> impl IntoView {
    view! {
        <AuthLayout title=m::RECOVERY_MAIL_TITLE>
            <h1>{m::RECOVERY_MAIL_ELSEWHERE}</h1>
            <p class="lead">{m::RECOVERY_MAIL_ELSEWHERE_LEAD}</p>
            <ul class="facts-list small quiet">
                <li><Icon name="device" class="icon-small"/>{m::RECOVERY_MAIL_ELSEWHERE_CODE}</li>
                <li><Icon name="warning" class="icon-small"/>{m::RECOVERY_MAIL_ELSEWHERE_NOT_YOU}</li>
            </ul>
            <div class="button-row auth-actions">
                <a class="button button-primary" href="/devices">{m::RECOVERY_MAIL_CHECK}</a>
            </div>
        </AuthLayout>
    }
}
