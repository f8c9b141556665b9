//! The tokens with which the proxy of a service authenticates.

use crate::{
    components::{
        choice_fields::ChoiceOption,
        rotating_secrets::{RotatingSecrets, SecretTexts},
        table::Column,
    },
    messages::m,
};
use latchkey_domain::access::{permission::Permission, service::ServiceView};
use leptos::prelude::*;

const OVERLAPS: &[ChoiceOption] = &[
    ("24", m::OVERLAP_DAY, Some(m::OVERLAP_DAY_HINT)),
    ("1", m::OVERLAP_HOUR, None),
    ("168", m::OVERLAP_WEEK, Some(m::OVERLAP_WEEK_HINT)),
    ("0", m::OVERLAP_NONE, Some(m::OVERLAP_NONE_HINT)),
];

const COLUMNS: &[Column] = &[
    Column::header(m::TOKEN),
    Column::new(m::CREATED),
    Column::new(m::EXPIRES),
];

/// The tokens, and the form that rotates them.
#[component]
pub fn Tokens(
    /// The service.
    service: ServiceView,
) -> impl IntoView {
    let name = service.name.to_string();
    let texts = SecretTexts {
        title: m::SERVICE_TOKENS,
        lead: m::TOKENS_LEAD,
        rotate: m::TOKEN_ROTATE,
        dialog: m::token_rotate_title(name.as_str()),
        dialog_lead: m::TOKEN_ROTATE_LEAD,
        expiring: |count| m::tokens_expiring(count),
        overlap: m::TOKEN_OVERLAP,
        overlaps: OVERLAPS,
    };
    view! {
        <RotatingSecrets
            id="tokens"
            texts=texts
            columns=COLUMNS
            prefix="lk_"
            secrets=service.tokens
            permission=Permission::ServicesWrite
            action="/actions/service/rotate-token"
            field=("name", name)
        />
    }
}
