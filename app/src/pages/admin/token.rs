//! The tokens with which the proxy of a service authenticates.

use crate::components::{
    choice_fields::{ChoiceOption, Choices},
    dialog::FormDialog,
    form_state::FormState,
    icon::Icon,
    table::{Column, DataTable},
    time::RelativeTime,
};
use crate::messages::m;
use latchkey_domain::{access::service::ServiceView, rotating_secret::RotatingSecretView};
use leptos::prelude::*;

/// How long the old token keeps working, in hours.
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
    let expiring = service
        .tokens
        .iter()
        .filter(|token| token.expires_at.is_some())
        .count();
    let ends_now =
        (expiring > 0).then(|| view! { <p class="quiet">{m::tokens_expiring(expiring)}</p> });
    view! {
        <section class="section" aria-labelledby="tokens">
            <div class="section-head"><h2 id="tokens">{m::TOKENS}</h2><p>{m::TOKENS_LEAD}</p></div>
            <div class="section-body">
                <DataTable columns=COLUMNS items=service.tokens row=row/>
                <button type="button" class="button" popovertarget="rotate"><Icon name="refresh"/>{m::TOKEN_ROTATE}</button>
                <FormDialog id="rotate" title=m::token_rotate_title(name.as_str())>
                    <p class="quiet">{m::TOKEN_ROTATE_LEAD}</p>
                    {ends_now}
                    <form class="form" method="post" action="/actions/service/rotate-token">
                        <input type="hidden" name="name" value=name/>
                        <Choices form=FormState::default() name="overlap" legend=m::TOKEN_OVERLAP options=OVERLAPS value="24"/>
                        <div class="button-row">
                            <button type="button" class="button" popovertarget="rotate" popovertargetaction="hide" autofocus>{m::CANCEL}</button>
                            <button class="button button-primary">{m::TOKEN_ROTATE_SUBMIT}</button>
                        </div>
                    </form>
                </FormDialog>
            </div>
        </section>
    }
}

fn row(token: RotatingSecretView) -> Vec<AnyView> {
    let expires = match token.expires_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => m::TOKEN_UNTIL_ROTATED.text().into_any(),
    };
    vec![
        view! { <code>"lk_"{token.label}"_…"</code> }.into_any(),
        view! { <RelativeTime at=token.created_at/> }.into_any(),
        expires,
    ]
}
