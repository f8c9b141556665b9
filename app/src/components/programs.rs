//! The programs that act for a user.

use crate::{
    components::{
        dialog::ConfirmDialog,
        icon::Icon,
        time::{Day, RelativeTime},
    },
    messages::{Key, m, with_element},
};
use latchkey_domain::tokens::{family::TokenFamilyView, scope::TokenScope};
use leptos::prelude::*;

/// The programs, each with a button that revokes its access; nothing if there are none.
#[component]
pub fn Programs(
    /// The programs.
    programs: Vec<TokenFamilyView>,
    /// What the section says of them.
    lead: Key,
    /// The path of the action that revokes one.
    action: &'static str,
    /// Whether there is such a button.
    #[prop(default = true)]
    may_revoke: bool,
) -> impl IntoView {
    (!programs.is_empty()).then(|| {
        view! {
            <section class="section" aria-labelledby="programs">
                <div class="section-head"><h2 id="programs">{m::PROGRAMS}</h2><p>{lead}</p></div>
                <div class="section-body"><ul class="rows">{programs.into_iter().map(|program| row(&program, may_revoke.then_some(action))).collect_view()}</ul></div>
            </section>
        }
    })
}

fn row(program: &TokenFamilyView, action: Option<&'static str>) -> impl IntoView + use<> {
    let (id, name) = (program.id.to_string(), program.client.to_string());
    let service = program.service.to_string();
    let dialog = format!("revoke-{id}");
    let scopes: Vec<_> = program.scopes.iter().map(TokenScope::to_string).collect();
    let scopes =
        (!scopes.is_empty()).then(|| view! { <span class="mono">{scopes.join(" · ")}</span> });
    let (device, is_native) = (program.device.to_string(), program.is_native);
    let approved = |day: &'static str| match is_native {
        true => m::program_on_device(day, device.as_str()),
        false => m::program_approved(day, device.as_str()),
    };
    let heading = m::program_at(name.as_str(), service.as_str());
    let revoke = action.map(|action| {
        view! {
            <div class="row-actions">
                <button type="button" class="button button-danger" popovertarget=dialog.clone() aria-label=m::revoke_program_name(name.as_str(), service.as_str()).text()><Icon name="ban"/>{m::REVOKE}</button>
                <ConfirmDialog id=dialog title=m::revoke_program_title(name, service) action=action fields=vec![("id", id)] verb=m::PROGRAM_REVOKE>
                    <p>{m::PROGRAM_REVOKE_LEAD}</p>
                </ConfirmDialog>
            </div>
        }
    });
    view! {
        <li>
            <span class="row-icon"><Icon name="program"/></span>
            <div>
                <h3 class="row-title">{heading}</h3>
                <p class="row-meta">
                    {scopes}
                    <span>{with_element(m::last_used_at, view! { <RelativeTime at=program.refreshed_at/> })}</span>
                    <span>{with_element(approved, view! { <Day at=program.created_at/> })}</span>
                </p>
            </div>
            {revoke}
        </li>
    }
}
