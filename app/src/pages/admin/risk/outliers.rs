//! Users and networks with the most points.

use super::networks::{self, Lasting};
use crate::{
    components::{
        audit_link::InAuditLog,
        dialog::FormDialog,
        icon::Icon,
        risk::place_name,
        table::{Column, DataTable},
    },
    messages::{Key, m},
    response,
};
use latchkey_domain::{access::permission::Permission, risk::NetworkVerdict};
use latchkey_engine::{OutlyingNetwork, OutlyingUser};
use leptos::prelude::*;

/// Beside the reasons there is no room for more.
const USER_COLUMNS: &[Column] = &[
    Column::header(m::USER),
    Column::number(m::RISK_UNUSUAL),
    Column::number(m::RISK_HIGHEST),
];

/// The users with the most points.
#[component]
pub(super) fn Users(
    /// The users.
    users: Vec<OutlyingUser>,
) -> impl IntoView {
    if users.is_empty() {
        return view! { <p class="quiet">{m::RISK_NOTHING_UNUSUAL}</p> }.into_any();
    }
    let may_see = response::request_context().shows(Permission::UsersRead);
    let row = move |user: OutlyingUser| {
        let (email, id) = (user.email.to_string(), user.user_id.to_string());
        let name = match may_see {
            true => view! { <a href=format!("/admin/users/{id}")>{email.clone()}</a> }.into_any(),
            false => email.clone().into_any(),
        };
        vec![
            view! { <span>{name}<span class="cell-sub"><InAuditLog field="user" value=id name=email/></span></span> }.into_any(),
            user.unusual.count.into_any(),
            user.unusual.highest.into_any(),
        ]
    };
    view! { <DataTable caption=m::RISK_USERS columns=USER_COLUMNS items=users row=row/> }.into_any()
}

const NETWORK_COLUMNS: &[Column] = &[
    Column::header(m::NETWORK),
    Column::number(m::NAV_USERS),
    Column::number(m::RISK_UNUSUAL),
    Column::number(m::RISK_ASKED),
    Column::number(m::RISK_HIGHEST),
    Column::actions(),
];

/// The networks with the most points.
#[component]
pub(super) fn Networks(
    /// The networks.
    networks: Vec<OutlyingNetwork>,
) -> impl IntoView {
    if networks.is_empty() {
        return view! { <p class="quiet">{m::RISK_NOTHING_UNUSUAL}</p> }.into_any();
    }
    let row = |network: OutlyingNetwork| {
        let name = network.network.clone();
        let place = network.place.as_ref().map(place_name);
        vec![
            view! {
                <span>
                    <span class="mono">{name.clone()}</span>
                    {place.map(|place| view! { <span class="cell-sub">{place}</span> })}
                    <span class="cell-sub"><InAuditLog field="network" value=name.clone() name=name/></span>
                </span>
            }
            .into_any(),
            network.users.into_any(),
            network.unusual.count.into_any(),
            network.unusual.asked.into_any(),
            network.unusual.highest.into_any(),
            actions(&network),
        ]
    };
    view! { <DataTable caption=m::RISK_NETWORKS columns=NETWORK_COLUMNS items=networks row=row/> }
        .into_any()
}

/// What is said of it, or the buttons that say something.
fn actions(network: &OutlyingNetwork) -> AnyView {
    if let Some(verdict) = network.verdict {
        let badge = networks::badge(verdict);
        return view! { <a href=networks::PATH>{badge}</a> }.into_any();
    }
    if !response::request_context().shows(Permission::RiskWrite) {
        return ().into_any();
    }
    let (name, users) = (network.network.clone(), network.users);
    view! {
        <SayOfNetwork network=name.clone() verdict=NetworkVerdict::Block users=users/>
        <SayOfNetwork network=name verdict=NetworkVerdict::Allow users=users/>
    }
    .into_any()
}

/// A button that blocks a network or vouches for it, and its dialog.
#[component]
fn SayOfNetwork(network: String, verdict: NetworkVerdict, users: u64) -> impl IntoView {
    let id: String = network
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let id = format!("{}-{id}", verdict.as_str());
    let is_block = verdict == NetworkVerdict::Block;
    let (label, icon, class): (Key, _, _) = match is_block {
        true => (m::NETWORK_BLOCK, "ban", "button button-danger button-quiet"),
        false => (m::NETWORK_ALLOW, "check", "button button-quiet"),
    };
    let submit = if is_block {
        "button button-danger button-solid"
    } else {
        "button button-primary"
    };
    let (title, text) = match is_block {
        true => (
            m::network_block_title(network.as_str()),
            m::network_block_text(users),
        ),
        false => (
            m::network_allow_title(network.as_str()),
            m::NETWORK_ALLOW_TEXT.into(),
        ),
    };
    let is_own = is_block && networks::is_of_this_request(&network);
    view! {
        <button type="button" class=class popovertarget=id.clone() aria-label=title.text()><Icon name=icon/>{label}</button>
        <FormDialog id=id.clone() title=title>
            <p>{text}</p>
            {is_own.then(|| view! { <p>{m::NETWORK_IS_OWN}</p> })}
            <form class="form" method="post" action="/actions/risk/rule">
                <input type="hidden" name="network" value=network/>
                <input type="hidden" name="verdict" value=verdict.as_str()/>
                <Lasting id=format!("days-{id}")/>
                <div class="button-row">
                    <button type="button" class="button" popovertarget=id popovertargetaction="hide">{m::CANCEL}</button>
                    <button class=submit>{label}</button>
                </div>
            </form>
        </FormDialog>
    }
}
