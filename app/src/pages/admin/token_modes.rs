//! The two ways to verify an access token, side by side: offline as a signed token, or as a session that Latchkey knows.

use crate::{
    components::{
        icon::Icon,
        table::{Column, DataTable},
    },
    messages::{Key, m},
};
use leptos::prelude::*;

const COLUMNS: &[Column] = &[
    Column::header(m::MODES_QUESTION),
    Column::new(m::MODES_JWT).class("cell-stacked"),
    Column::new(m::MODES_SESSION).class("cell-stacked"),
];

/// What a row compares, and what it is in JWT mode and in session mode.
#[derive(Clone, Copy)]
enum Row {
    /// Whom a request passes.
    Path(Key, &'static [Key], &'static [Key]),
    /// Anything else.
    Text(Key, Key, Key),
}

const ROWS: &[Row] = &[
    Row::Path(
        m::MODES_PATH,
        &[m::CLIENT, m::SERVICE],
        &[m::CLIENT, m::SERVICE, m::MODES_LATCHKEY],
    ),
    Row::Text(m::MODES_HOW, m::MODES_HOW_JWT, m::MODES_HOW_SESSION),
    Row::Text(m::MODES_END, m::MODES_END_JWT, m::MODES_END_SESSION),
    Row::Text(m::MODES_USE, m::MODES_USE_JWT, m::MODES_USE_SESSION),
    Row::Text(m::MODES_COST, m::MODES_COST_JWT, m::MODES_COST_SESSION),
    Row::Text(m::MODES_DOWN, m::MODES_DOWN_JWT, m::MODES_DOWN_SESSION),
    Row::Text(m::MODES_FOR, m::MODES_FOR_JWT, m::MODES_FOR_SESSION),
];

/// The comparison, as a disclosure.
#[component]
pub fn TokenModes() -> impl IntoView {
    view! {
        // Browsers open what a link leads into: the id is inside.
        <details class="disclosure">
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::MODES}</summary>
            <div class="disclosure-body" id="modes">
                <p class="quiet">{m::MODES_LEAD}</p>
                <DataTable caption=m::MODES columns=COLUMNS items=ROWS.to_vec() row=row/>
            </div>
        </details>
    }
}

fn row(row: Row) -> Vec<AnyView> {
    match row {
        Row::Path(name, jwt, session) => vec![name.text().into_any(), path(jwt), path(session)],
        Row::Text(name, jwt, session) => {
            [name, jwt, session].map(|key| key.text().into_any()).into()
        }
    }
}

/// Whom a request passes, with arrows between.
fn path(stations: &[Key]) -> AnyView {
    let stations = stations.iter().enumerate().map(|(place, station)| {
        let arrow = (place > 0).then(|| view! { <Icon name="chevron-right"/> });
        view! { <li>{arrow}<span>{*station}</span></li> }
    });
    view! { <ol class="flow">{stations.collect_view()}</ol> }.into_any()
}
