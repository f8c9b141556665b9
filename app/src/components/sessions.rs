//! The sessions of a user.

use crate::{
    components::{address::Address, badge::ThisDevice, icon::Icon, time::RelativeTime},
    messages::{Key, m, with_element},
    pages::devices::icon_of,
};
use latchkey_domain::id::DeviceId;
use latchkey_engine::SessionView;
use leptos::prelude::*;

/// The sessions, that of this browser first, each with a button that ends it.
#[component]
pub fn Sessions(
    /// The sessions.
    sessions: Vec<SessionView>,
    /// What the section says of them.
    lead: Key,
    /// The device of whoever looks at them.
    here: DeviceId,
    /// The path of the action that ends one.
    action: &'static str,
    /// Whether there is such a button.
    #[prop(default = true)]
    may_end: bool,
    /// What can be done with all of them.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (own, others): (Vec<_>, Vec<_>) = sessions
        .into_iter()
        .partition(|session| session.device_id == here);
    let rows = own.into_iter().chain(others);
    let rows: Vec<_> = rows
        .map(|session| row(&session, here, may_end.then_some(action)))
        .collect();
    let list = match rows.is_empty() {
        true => view! { <p class="quiet">{m::SESSIONS_NONE}</p> }.into_any(),
        false => view! { <ul class="rows">{rows}</ul> }.into_any(),
    };
    view! {
        <section class="section" aria-labelledby="sessions">
            <div class="section-head"><h2 id="sessions">{m::SESSIONS}</h2><p>{lead}</p></div>
            <div class="section-body">{list}{children.map(|children| children())}</div>
        </section>
    }
}

fn row(
    session: &SessionView,
    here: DeviceId,
    action: Option<&'static str>,
) -> impl IntoView + use<> {
    let is_here = session.device_id == here;
    let name = session.device.to_string();
    let (action, label) = match is_here {
        true => (Some("/actions/session/sign-out"), m::SIGN_OUT.text()),
        false => (action, m::end_session_on(name.as_str()).text()),
    };
    let id = session.device_id.to_string();
    let end = action.map(|action| {
        view! {
            <div class="row-actions">
                <form method="post" action=action>
                    <input type="hidden" name="id" value=id/>
                    <button class="button" aria-label=label><Icon name="sign-out"/>{m::SIGN_OUT}</button>
                </form>
            </div>
        }
    });
    let since = view! { <RelativeTime at=session.started_at/> };
    let active = match is_here {
        true => view! { <span>{m::IN_USE_NOW}</span> }.into_any(),
        false => {
            let at = view! { <RelativeTime at=session.last_active_at/> };
            view! { <span>{with_element(m::session_active, at)}</span> }.into_any()
        }
    };
    let ends = view! { <RelativeTime at=session.expires_at/> };
    let ip = (session.ip.clone()).map(|ip| view! { <Address ip=ip/> });
    view! {
        <li class=is_here.then_some("row-current")>
            <span class="row-icon"><Icon name=icon_of(session.kind)/></span>
            <div>
                <h3 class="row-title">{name}{is_here.then(|| view! { " "<ThisDevice/> })}</h3>
                <p class="row-meta">{active}{ip}<span>{with_element(m::session_since, since)}</span><span>{with_element(m::session_expires, ends)}</span></p>
            </div>
            {end}
        </li>
    }
}
