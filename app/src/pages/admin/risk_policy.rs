//! What a service asks of devices that were unusual.

use crate::{
    components::{
        choice_fields::{Check, Select},
        form_state::FormState,
        permitted::Permitted,
    },
    messages::m,
    response,
};
use latchkey_domain::access::{
    permission::Permission,
    service::{RaisedLevel, ServiceView},
};
use leptos::prelude::*;

const ACTION: &str = "/actions/service/risk";

fn levels() -> Vec<(String, String)> {
    [
        ("", m::RISK_POLICY_NEVER),
        ("medium", m::RISK_POLICY_MEDIUM),
        ("high", m::RISK_POLICY_HIGH),
    ]
    .map(|(value, label)| (value.to_owned(), label.text()))
    .to_vec()
}

fn chosen(from: Option<RaisedLevel>) -> &'static str {
    from.map_or("", RaisedLevel::as_str)
}

/// The section.
#[component]
pub fn RiskPolicySection(
    /// The service.
    service: ServiceView,
) -> impl IntoView {
    let name = service.name.to_string();
    let form = FormState::of(ACTION).about("name", &name);
    let may_change = response::request_context().shows(Permission::ServicesWrite);
    let risk = service.risk;
    view! {
        <section class="section" aria-labelledby="risk">
            <div class="section-head"><h2 id="risk">{m::RISK_POLICY}</h2><p>{m::RISK_POLICY_LEAD}</p></div>
            <div class="section-body">
                <form method="post" action=ACTION><fieldset class="form" disabled=!may_change>
                    <input type="hidden" name="name" value=name/>
                    <Select form=form.clone() name="passkey_from" label=m::RISK_POLICY_PASSKEY options=levels() value=chosen(risk.passkey_from)/>
                    <Select form=form.clone() name="device_bound_from" label=m::RISK_POLICY_DEVICE_BOUND options=levels() value=chosen(risk.device_bound_from)/>
                    <Check form=form name="tells_risk" label=m::RISK_POLICY_TELLS hint=m::RISK_POLICY_TELLS_HINT checked=risk.tells_level/>
                    <Permitted to=Permission::ServicesWrite><div class="button-row"><button class="button button-primary">{m::RISK_POLICY_SAVE}</button></div></Permitted>
                </fieldset></form>
            </div>
        </section>
    }
}
