//! The form that adds a client.

use crate::{
    components::{
        choice_fields::{Check, CheckOption, Checks, ChoiceOption, Choices},
        form_state::FormState,
        icon::Icon,
        text_fields::{Field, TextArea},
    },
    messages::{Key, m, with_element},
};
use latchkey_domain::{
    access::service::ServiceView,
    tokens::{
        access_token::{LIFETIME, MAX_LIFETIME},
        client::{ClientKind, GrantType},
    },
};
use leptos::prelude::*;

/// The longest lifetime of an access token.
const MAX_SECONDS: u32 = MAX_LIFETIME.whole_seconds().unsigned_abs() as u32;

const ADD: &str = "/actions/client/add";

const KINDS: &[ChoiceOption] = &[
    (
        "confidential",
        m::CLIENT_CONFIDENTIAL,
        Some(m::CLIENT_CONFIDENTIAL_HINT),
    ),
    ("public", m::CLIENT_PUBLIC, Some(m::CLIENT_PUBLIC_HINT)),
];

const ALGORITHMS: &[ChoiceOption] = &[
    ("EdDSA", m::ALGORITHM_EDDSA, Some(m::ALGORITHM_EDDSA_HINT)),
    ("ES256", m::ALGORITHM_ES256, Some(m::ALGORITHM_ES256_HINT)),
    ("RS256", m::ALGORITHM_RS256, Some(m::ALGORITHM_RS256_HINT)),
];

/// What a grant type is for.
pub(super) const fn grant_type_hint(grant_type: GrantType) -> Key {
    match grant_type {
        GrantType::ClientCredentials => m::GRANT_TYPE_CREDENTIALS,
        GrantType::DeviceCode => m::GRANT_TYPE_DEVICE,
        GrantType::JwtBearer => m::GRANT_TYPE_JWT,
        GrantType::RefreshToken => m::GRANT_TYPE_REFRESH,
    }
}

/// The name of a grant type, without the prefix that all registered URNs have.
pub(super) fn grant_type_label(grant_type: GrantType) -> &'static str {
    let name = grant_type.as_str();
    name.rsplit(':').next().unwrap_or(name)
}

/// The form, which opens by itself after an error.
#[component]
pub fn AddClient(
    /// All services.
    services: Vec<ServiceView>,
    /// Whether it is open.
    is_open: bool,
) -> impl IntoView {
    let form = FormState::of(ADD);
    let has_failed = form.has_failed();
    let body = if services.is_empty() {
        view! { <p class="quiet">{with_element(m::grants_no_service, view! { <a href="/admin/services?add=1#add">{m::GRANTS_FIRST_SERVICE}</a> })}</p> }.into_any()
    } else {
        view! { <NewClient form=form services=services autofocus=is_open && !has_failed/> }
            .into_any()
    };
    view! {
        <details class="disclosure disclosure-button" id="add" open=is_open || has_failed>
            <summary><Icon name="plus" class="icon-small"/>{m::CLIENTS_ADD}</summary>
            <div class="disclosure-body">{body}</div>
        </details>
    }
}

#[component]
fn NewClient(form: FormState, services: Vec<ServiceView>, autofocus: bool) -> impl IntoView {
    let services = services.into_iter().map(audience).collect();
    let grant_types = GrantType::ALL
        .iter()
        .map(|&grant_type| grant_type_option(grant_type))
        .collect();
    let kind: &str = ClientKind::Confidential.as_str();
    view! {
        <form class="form" method="post" action=ADD>
            <p class="quiet">{m::CLIENTS_ADD_LEAD}</p>
            <Field form=form.clone() name="name" label=m::NAME hint=m::CLIENT_NAME_HINT maxlength=64 autofocus=autofocus/>
            <Choices form=form.clone() name="kind" legend=m::CLIENT_KIND options=KINDS value=kind/>
            <Checks form=form.clone() name="audiences" legend=m::CLIENT_AUDIENCES hint=m::CLIENT_AUDIENCES_HINT options=services/>
            <Field form=form.clone() name="scopes" label=m::SCOPES hint=m::CLIENT_SCOPES_HINT class="input-mono" optional=true/>
            <Checks form=form.clone() name="grant_types" legend=m::GRANT_TYPES hint=m::GRANT_TYPES_HINT options=grant_types/>
            <MoreFields form=form/>
            <div class="button-row"><button class="button button-primary">{m::CLIENTS_ADD_SUBMIT}</button></div>
        </form>
    }
}

/// What most clients leave as it is. It is open if something was entered there.
#[component]
fn MoreFields(form: FormState) -> impl IntoView {
    let is_typed = |name, usual| form.typed(name).is_some_and(|typed| typed != usual);
    let lifetime = LIFETIME.whole_seconds().to_string();
    let is_open = is_typed("redirect_uris", "")
        || is_typed("algorithm", "EdDSA")
        || is_typed("lifetime", &lifetime)
        || is_typed("keys", "")
        || is_typed("dpop", "");
    view! {
        <details class="disclosure" open=is_open>
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::CLIENT_MORE}</summary>
            <div class="disclosure-body form">
                <TextArea form=form.clone() name="redirect_uris" label=m::REDIRECT_URIS hint=m::REDIRECT_URIS_HINT value=""/>
                <Choices form=form.clone() name="algorithm" legend=m::ALGORITHM options=ALGORITHMS value="EdDSA"/>
                <Field
                    form=form.clone()
                    name="lifetime"
                    label=m::CLIENT_LIFETIME
                    hint=m::CLIENT_LIFETIME_HINT
                    value=lifetime
                    kind="number"
                    inputmode="numeric"
                    min=1
                    max=MAX_SECONDS
                />
                <TextArea form=form.clone() name="keys" label=m::CLIENT_KEYS hint=m::CLIENT_KEYS_HINT value=""/>
                <Check form=form name="dpop" label=m::DPOP hint=m::DPOP_HINT/>
            </div>
        </details>
    }
}

/// A service as an option, with the scopes that its tokens can have.
fn audience(service: ServiceView) -> CheckOption {
    let name = service.name.to_string();
    let scopes = &service.access_tokens.scopes;
    let hint = match scopes.is_empty() {
        true => m::CLIENT_AUDIENCE_NO_SCOPES.text(),
        false => m::client_audience_scopes(scopes.to_string()).text(),
    };
    (name.clone(), name, Some(hint))
}

fn grant_type_option(grant_type: GrantType) -> CheckOption {
    (
        grant_type.as_str().to_owned(),
        grant_type_label(grant_type).to_owned(),
        Some(grant_type_hint(grant_type).text()),
    )
}
