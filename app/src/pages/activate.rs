//! `/activate`: a program without a browser shows a code; its user enters it here, sees who asks for what, and decides
//! (RFC 8628 §3.3).

use super::{load, query};
use crate::{
    components::{
        address::Address, auth_layout::AuthLayout, form_state::FormState, notice::Notices,
        text_fields::Field, time::RelativeTime,
    },
    messages::m,
    response,
};
use latchkey_domain::tokens::{
    device_key::{self, fingerprint},
    scope::TokenScope,
};
use latchkey_engine::{AskedAuthorization, Error, Noun};
use leptos::prelude::*;

/// The page. A decision requires what a change of one's own account does, so that is asked for before the code is looked up.
#[component]
pub fn Activate() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let Some(code) = query("code").filter(|code| !code.trim().is_empty()) else {
            return Ok(view! { <CodeForm code=String::new() is_wrong=false/> }.into_any());
        };
        let proof = context.self_management()?;
        match context.engine().asked_authorization(&proof, &code).await {
            Ok(asked) => Ok(view! { <Decision asked=asked code=code/> }.into_any()),
            Err(Error::NotFound(Noun::Authorization)) => {
                Ok(view! { <CodeForm code=code is_wrong=true/> }.into_any())
            }
            Err(error) => Err(error),
        }
    })
}

/// Where the code is entered. After a decision it is asked for again, with what was decided above it.
#[component]
fn CodeForm(code: String, is_wrong: bool) -> impl IntoView {
    let form = match is_wrong {
        true => FormState::rejected("code", &code, m::AUTHORIZATION_GONE.text()),
        false => FormState::default(),
    };
    let is_decided = response::request_context().facts().flash.is_some();
    // The code in the address is used up, then, and not wrong.
    let form = if is_decided {
        FormState::default()
    } else {
        form
    };
    view! {
        <AuthLayout title=m::ACTIVATE_TITLE>
            <h1>{m::ACTIVATE_HEADING}</h1>
            <p class="lead">{m::ACTIVATE_LEAD}</p>
            <Notices/>
            <form class="form auth-actions" method="get" action="/activate">
                <Field form=form name="code" label=m::ACTIVATE_CODE hint=m::ACTIVATE_CODE_HINT class="input-mono" maxlength=20 autofocus=true/>
                <button class="button button-primary button-large">{m::CONTINUE}</button>
            </form>
        </AuthLayout>
    }
}

/// What is asked for, and the two decisions.
#[component]
fn Decision(asked: AskedAuthorization, code: String) -> impl IntoView {
    let question = m::activate_question(asked.client.as_str(), asked.service.as_str());
    let scopes: Vec<_> = asked.scopes.iter().map(TokenScope::to_string).collect();
    let scopes = match scopes.is_empty() {
        true => view! { {m::ACTIVATE_NO_SCOPES} }.into_any(),
        false => view! { <span class="mono">{scopes.join(" · ")}</span> }.into_any(),
    };
    let left_out: Vec<_> = asked.left_out.iter().map(TokenScope::to_string).collect();
    let left_out = (!left_out.is_empty()).then(|| {
        view! {
            <div>
                <dt>{m::ACTIVATE_LEFT_OUT}</dt>
                <dd><span class="mono">{left_out.join(" · ")}</span><br/><small>{m::ACTIVATE_LEFT_OUT_HINT}</small></dd>
            </div>
        }
    });
    let key = asked.key.map(|thumbprint| {
        view! { <div><dt>{m::ACTIVATE_KEY}</dt><dd class="mono">{fingerprint(&thumbprint)}</dd></div> }
    });
    let native = asked.is_native.then(|| {
        let days = device_key::LIFETIME.whole_days().unsigned_abs();
        view! { " "{m::activate_native(days)} }
    });
    let from = match asked.ip {
        Some(ip) => view! { <Address ip=ip/> }.into_any(),
        None => m::UNKNOWN_ADDRESS.text().into_any(),
    };
    view! {
        <AuthLayout title=m::ACTIVATE_TITLE>
            <h1>{question}</h1>
            <p class="lead">{m::ACTIVATE_WARNING}{native}</p>
            <Notices/>
            <dl class="facts">
                <div><dt>{m::ACTIVATE_CODE}</dt><dd class="mono">{code.to_uppercase()}</dd></div>
                {key}
                <div><dt>{m::ACTIVATE_SCOPES}</dt><dd>{scopes}</dd></div>
                {left_out}
                <div><dt>{m::ACTIVATE_FROM}</dt><dd>{from}</dd></div>
                <div><dt>{m::ACTIVATE_ASKED}</dt><dd><RelativeTime at=asked.created_at/></dd></div>
            </dl>
            <div class="auth-actions">
                <form method="post" action="/actions/authorization/approve">
                    <input type="hidden" name="code" value=code.clone()/>
                    <button class="button button-primary button-large button-wide">{m::APPROVE}</button>
                </form>
                <form method="post" action="/actions/authorization/deny">
                    <input type="hidden" name="code" value=code/>
                    <button class="button button-quiet button-wide">{m::DENY}</button>
                </form>
            </div>
        </AuthLayout>
    }
}
