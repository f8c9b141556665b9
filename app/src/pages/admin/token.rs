//! The tokens with which the proxy of a service authenticates.

use crate::components::{
    choice::{ChoiceOption, Choices},
    confirm::FormDialog,
    field::FormState,
    icon::Icon,
    table::{Column, DataTable},
    time::RelativeTime,
};
use crate::messages::m;
use latchkey_domain::access::service::{ServiceTokenView, ServiceView};
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
        .count() as u64;
    let ends_now = (expiring > 0).then(|| view! { <p class="quiet">"Tokens that are about to expire ("{expiring}") stop working immediately."</p> });
    view! {
        <section class="section" aria-labelledby="tokens">
            <div class="section-head"><h2 id="tokens">"Tokens"</h2><p>"The proxy authenticates with a token. Only its label is stored in readable form."</p></div>
            <div class="section-body">
                <DataTable columns=COLUMNS items=service.tokens row=row/>
                <button type="button" class="button" popovertarget="rotate"><Icon name="refresh"/>"Rotate token"</button>
                <FormDialog id="rotate" title=format!("Rotate the token of {name}")>
                    <p class="quiet">"A new token is created now. Choose how long the old one keeps working."</p>
                    {ends_now}
                    <form class="form" method="post" action="/actions/service/rotate-token">
                        <input type="hidden" name="name" value=name/>
                        <Choices form=FormState::default() name="overlap" legend="The old token works for" options=OVERLAPS value="24"/>
                        <div class="button-row">
                            <button type="button" class="button" popovertarget="rotate" popovertargetaction="hide" autofocus>"Cancel"</button>
                            <button class="button button-primary">"Rotate"</button>
                        </div>
                    </form>
                </FormDialog>
            </div>
        </section>
    }
}

fn row(token: ServiceTokenView) -> Vec<AnyView> {
    let expires = match token.expires_at {
        Some(at) => view! { <RelativeTime at=at/> }.into_any(),
        None => "When rotated".into_any(),
    };
    vec![
        view! { <code>"lk_"{token.label}"_…"</code> }.into_any(),
        view! { <RelativeTime at=token.created_at/> }.into_any(),
        expires,
    ]
}
