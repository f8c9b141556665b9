//! How a service uses access tokens, and the clients that get them.

use super::{
    clients::{kind_label, page_of},
    token_modes::TokenModes,
};
use crate::{
    components::{
        choice_fields::{Check, ChoiceOption, Choices},
        form_state::FormState,
        icon::Icon,
        permitted::Permitted,
        table::{Column, DataTable},
        text_fields::Field,
    },
    messages::m,
    response,
};
use latchkey_domain::{
    access::permission::Permission, access::service::ServiceView, tokens::client::ClientView,
};
use leptos::prelude::*;

const ACTION: &str = "/actions/service/tokens";

const TOKEN_USES: &[ChoiceOption] = &[
    ("reusable", m::REUSABLE, Some(m::REUSABLE_HINT)),
    ("one_shot", m::ONE_SHOT, Some(m::ONE_SHOT_HINT)),
    (
        "single_active",
        m::SINGLE_ACTIVE,
        Some(m::SINGLE_ACTIVE_HINT),
    ),
];

const COLUMNS: &[Column] = &[
    Column::header(m::CLIENT),
    Column::new(m::CLIENT_KIND),
    Column::new(m::SCOPES),
];

/// The section.
#[component]
pub fn AccessTokens(
    /// The service.
    service: ServiceView,
    /// The clients that get tokens for it.
    clients: Vec<ClientView>,
) -> impl IntoView {
    let name = service.name.to_string();
    let form = FormState::of(ACTION).about("name", &name);
    let may_change = response::request_context().shows(Permission::ServicesWrite);
    let tokens = service.access_tokens;
    let clients = if clients.is_empty() {
        view! { <p class="quiet">{m::ACCESS_TOKENS_NO_CLIENT}</p> }.into_any()
    } else {
        view! { <DataTable caption=m::NAV_CLIENTS columns=COLUMNS items=clients row=row/> }
            .into_any()
    };
    view! {
        <section class="section" aria-labelledby="access-tokens">
            <div class="section-head"><h2 id="access-tokens">{m::ACCESS_TOKENS}</h2><p>{m::ACCESS_TOKENS_LEAD}</p></div>
            <div class="section-body">
                <form method="post" action=ACTION><fieldset class="form" disabled=!may_change>
                    <input type="hidden" name="name" value=name/>
                    <Field form=form.clone() name="scopes" label=m::SCOPES hint=m::ACCESS_TOKENS_SCOPES_HINT class="input-mono" value=tokens.scopes.to_string() optional=true/>
                    <Choices form=form.clone() name="policy" legend=m::TOKEN_USE options=TOKEN_USES value=tokens.token_use.as_str()/>
                    <Check form=form.clone() name="native" label=m::ACCESS_TOKENS_NATIVE hint=m::ACCESS_TOKENS_NATIVE_HINT checked=tokens.native/>
                    <Check form=form name="dpop_nonce" label=m::ACCESS_TOKENS_NONCE hint=m::ACCESS_TOKENS_NONCE_HINT checked=tokens.dpop_nonce/>
                    <Permitted to=Permission::ServicesWrite><div class="button-row"><button class="button button-primary">{m::ACCESS_TOKENS_SAVE}</button></div></Permitted>
                </fieldset></form>
                {clients}
                <Permitted to=Permission::ClientsWrite><a class="button" href="/admin/clients?add=1#add"><Icon name="plus"/>{m::CLIENTS_ADD}</a></Permitted>
                <TokenModes/>
            </div>
        </section>
    }
}

fn row(client: ClientView) -> Vec<AnyView> {
    let href = page_of(&client);
    vec![
        view! { <a class="cell-link" href=href><span class="cell-title">{client.name.to_string()}</span></a> }.into_any(),
        kind_label(client.kind).text().into_any(),
        view! { <code>{client.scopes.to_string()}</code> }.into_any(),
    ]
}
