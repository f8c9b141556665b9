//! The section of a page that deletes what the page is about.

use crate::components::{dialog::ConfirmDialog, icon::Icon};
use crate::messages::m;
use leptos::prelude::*;

/// The section, with a button and its confirmation dialog. The children say what is deleted.
#[component]
pub fn DangerZone(
    /// The name of what is deleted.
    name: String,
    /// What deleting it means.
    #[prop(into)]
    effect: String,
    /// The path of the action.
    action: &'static str,
    /// What the form sends: name and value.
    field: (&'static str, String),
    /// What is deleted.
    children: Children,
) -> impl IntoView {
    let title = m::delete_title(name.as_str());
    view! {
        <section class="section" aria-labelledby="danger-zone">
            <div class="section-head"><h2 id="danger-zone">{m::DELETE}</h2></div>
            <div class="section-body">
                <p class="quiet">{effect}</p>
                <button type="button" class="button button-danger" popovertarget="delete"><Icon name="trash"/>{m::delete_name(name)}</button>
                <ConfirmDialog id="delete" title=title action=action fields=vec![field] verb=m::DELETE_PERMANENTLY>{children()}</ConfirmDialog>
            </div>
        </section>
    }
}
