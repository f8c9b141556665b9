//! `/recover`: for users who lost everything with which they sign in. One field, for a recovery code.

use super::load;
use crate::{
    components::{
        auth_layout::AuthLayout,
        form_state::FormState,
        icon::Icon,
        notice::{Notice, Notices, Tone},
        text_fields::Field,
    },
    format,
    messages::m,
    response,
};
use latchkey_engine::RecoveringLink;
use leptos::prelude::*;

/// The path of this page.
pub const PATH: &str = "/recover";
/// The path of the form's server function.
pub const USE: &str = "/actions/recovery/use";

/// The page on which a recovery code is entered.
#[component]
pub fn Recover() -> impl IntoView {
    load(async {
        let context = response::request_context();
        // Whoever does not need to recover loses by it: the device is limited from then on.
        let signed_in = (context.facts().current_user.as_ref())
            .filter(|user| !user.limit.is_recovery())
            .map(|_| view! { <Notice tone=Tone::Info message=m::RECOVER_SIGNED_IN.text()/> });
        let form = FormState::of(USE);
        Ok(view! {
            <AuthLayout title=m::RECOVER_TITLE>
                <h1>{m::RECOVER_TITLE}</h1>
                <p class="lead">{m::RECOVER_LEAD}</p>
                <Notices/>
                {signed_in}
                <form class="form auth-actions" method="post" action=USE>
                    <Field form=form name="code" label=m::RECOVERY_CODE hint=m::RECOVERY_CODE_HINT class="input-mono" maxlength=64 autofocus=true/>
                    <button class="button button-primary button-large">{m::CONTINUE}</button>
                </form>
                <WhatFollows/>
                <p class="auth-alternative"><a href="/login">{m::RECOVER_SIGN_IN}</a></p>
            </AuthLayout>
        }
        .into_any())
    })
}

/// The page of an enrolment link for which nobody vouched: it asks before the link is used.
#[component]
pub fn RecoverByLink(
    /// Whose access it recovers.
    link: RecoveringLink,
    /// Its code.
    code: String,
) -> impl IntoView {
    view! {
        <AuthLayout title=m::RECOVER_TITLE>
            <h1>{m::recover_welcome(format::first_name(&link.name))}</h1>
            <p class="lead">{m::recover_link_lead(link.email.as_str())}</p>
            <Notices/>
            <form class="form auth-actions" method="post" action=USE>
                <input type="hidden" name="code" value=code/>
                <button class="button button-primary button-large">{m::RECOVER_LINK_USE}</button>
            </form>
            <WhatFollows/>
        </AuthLayout>
    }
}

/// What a recovery means, before it begins.
#[component]
fn WhatFollows() -> impl IntoView {
    let context = response::request_context();
    let wait = format::span(context.engine().recovery_cooling_off().unsigned_abs());
    view! {
        <ul class="facts-list small quiet">
            <li><Icon name="bell" class="icon-small"/>{m::RECOVER_TELLS}</li>
            <li><Icon name="clock" class="icon-small"/>{m::recover_waits(wait)}</li>
            <li><Icon name="ban" class="icon-small"/>{m::RECOVER_LIMITS}</li>
        </ul>
    }
}
