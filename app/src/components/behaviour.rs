//! How users type, point and touch: the hidden field that a page sends it in, and what users see and decide about it.

use super::{
    dialog::ConfirmDialog, form_state::FormState, icon::Icon, text_fields::Field, time::Day,
};
use crate::{
    messages::{Key, m},
    response,
};
use latchkey_domain::access::permission::CurrentUser;
use latchkey_engine::{BehaviourView, TemplateView};
use leptos::{nonce::use_nonce, prelude::*};
use time::OffsetDateTime;

const SCRIPT: &str = include_str!("../browser/behaviour.js");

/// The path of the form with which users practise.
const PRACTISE: &str = "/actions/behaviour/practise";

/// The hidden field, and the script that fills it from the fields of its form. Once on a page, and on no page of somebody who is exempt.
#[component]
pub fn BehaviourInput() -> impl IntoView {
    view! {
        <input type="hidden" name="behaviour" value="" autocomplete="off" data-behaviour/>
        <script nonce=use_nonce() inner_html=SCRIPT></script>
    }
}

/// What is kept of how this user types, and the switch to be exempt. Nothing where it is not compared and nothing is kept.
#[component]
pub fn OwnBehaviour(
    /// What is kept.
    behaviour: BehaviourView,
    /// Of whom.
    current_user: CurrentUser,
) -> impl IntoView {
    if behaviour.is_nothing() || current_user.limit.is_recovery() {
        return None;
    }
    let body = match (behaviour.exempt_since, behaviour.is_on) {
        (Some(since), _) => view! {
            <dl class="facts"><div><dt>{m::BEHAVIOUR_EXEMPT}</dt><dd><Day at=since/></dd></div></dl>
            <form method="post" action="/actions/behaviour/include"><button class="button"><Icon name="refresh"/>{m::BEHAVIOUR_INCLUDE}</button></form>
        }
        .into_any(),
        (None, is_on) => view! {
            <Kept templates=behaviour.templates.clone()/>
            {is_on.then(|| view! { <Practice behaviour=behaviour current_user=current_user/> })}
            <p class="small quiet">{m::BEHAVIOUR_EXEMPT_WHY}</p>
            <button type="button" class="button" popovertarget="exempt-behaviour">{m::BEHAVIOUR_EXEMPT_ME}</button>
            <ConfirmDialog id="exempt-behaviour" title=m::BEHAVIOUR_EXEMPT_TITLE action="/actions/behaviour/exempt" fields=vec![] verb=m::BEHAVIOUR_EXEMPT_ME>
                <p>{m::BEHAVIOUR_EXEMPT_LEAD}</p>
            </ConfirmDialog>
        }
        .into_any(),
    };
    Some(view! {
        <section class="section" aria-labelledby="behaviour">
            <div class="section-head"><h2 id="behaviour">{m::BEHAVIOUR}</h2><p>{m::BEHAVIOUR_LEAD}</p></div>
            <div class="section-body">{body}</div>
        </section>
    })
}

fn label(field: &str) -> Key {
    match field {
        "email" => m::BEHAVIOUR_FIELD_EMAIL,
        "code" => m::BEHAVIOUR_FIELD_CODE,
        "pointer" => m::BEHAVIOUR_FIELD_POINTER,
        _ => m::BEHAVIOUR_FIELD_TOUCH,
    }
}

#[component]
fn Kept(templates: Vec<TemplateView>) -> impl IntoView {
    if templates.is_empty() {
        return view! { <p class="quiet">{m::BEHAVIOUR_NONE}</p> }.into_any();
    }
    let rows = templates.into_iter().map(|kept| {
        let samples = m::behaviour_samples(kept.samples as u64);
        let state = match kept.is_compared {
            true => m::BEHAVIOUR_COMPARED,
            false => m::BEHAVIOUR_TOO_FEW,
        };
        view! {
            <div><dt>{label(kept.field)}</dt><dd>{samples.text()}" "{m::BEHAVIOUR_SINCE}" "<Day at=kept.since/>". "{state}</dd></div>
        }
    });
    view! {
        <dl class="facts">{rows.collect_view()}</dl>
        <button type="button" class="button button-danger" popovertarget="erase-behaviour"><Icon name="trash"/>{m::BEHAVIOUR_ERASE}</button>
        <ConfirmDialog id="erase-behaviour" title=m::BEHAVIOUR_ERASE_TITLE action="/actions/behaviour/erase" fields=vec![] verb=m::BEHAVIOUR_ERASE>
            <p>{m::BEHAVIOUR_ERASE_LEAD}</p>
        </ConfirmDialog>
    }
    .into_any()
}

/// Typing as for a sign-in, so that there is something to compare with sooner.
#[component]
fn Practice(behaviour: BehaviourView, current_user: CurrentUser) -> impl IntoView {
    // What a code alone proves teaches nothing.
    if !current_user.has_passkey {
        return view! { <p class="small quiet">{m::BEHAVIOUR_NEEDS_PASSKEY}</p> }.into_any();
    }
    let form = FormState::of(PRACTISE);
    let is_open = form.has_failed() || (1..5).contains(&behaviour.missing());
    let number = practice_number(response::request_context().engine().now());
    view! {
        <details class="disclosure" open=is_open>
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::BEHAVIOUR_PRACTISE}</summary>
            <div class="disclosure-body">
                <form class="form" method="post" action=PRACTISE autocomplete="off">
                    <p class="small quiet">{m::BEHAVIOUR_PRACTISE_LEAD}</p>
                    <Field form=form.clone() name="email" id="practice-email" label=m::BEHAVIOUR_FIELD_EMAIL hint=m::behaviour_type(current_user.email.as_str()).text() inputmode="email"/>
                    <Field form=form name="code" id="practice-code" label=m::BEHAVIOUR_FIELD_CODE hint=m::behaviour_type(number).text() class="input-code" inputmode="numeric" maxlength=6/>
                    <BehaviourInput/>
                    <button class="button">{m::BEHAVIOUR_PRACTISE_DONE}</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// Six digits to practise with: others each time, as those of codes are.
fn practice_number(now: OffsetDateTime) -> String {
    let number = now
        .unix_timestamp()
        .wrapping_mul(740_377)
        .rem_euclid(1_000_000);
    format!("{number:06}")
}
