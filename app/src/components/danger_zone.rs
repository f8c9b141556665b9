//! The section of a page that deletes what the page is about.

use crate::components::{confirm::Confirm, icon::Icon};
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
    let title = format!("Delete {name}?");
    view! {
        <section class="section" aria-labelledby="danger-zone">
            <div class="section-head"><h2 id="danger-zone">"Delete"</h2></div>
            <div class="section-body">
                <p class="quiet">{effect}</p>
                <button type="button" class="button button-danger" popovertarget="delete"><Icon name="trash"/>"Delete "{name}</button>
                <Confirm id="delete" title=title action=action fields=vec![field] verb="Delete permanently">{children()}</Confirm>
            </div>
        </section>
    }
}
