//! The button that copies a text. Without script, one click selects the text.
#![expect(
    missing_docs,
    reason = "the macro makes a second struct of the props, without comments"
)]

use crate::components::icon::Icon;
use leptos::prelude::*;

/// Copies the text of an element.
#[island]
pub fn CopyButton(
    /// The element's id.
    target: String,
    /// The label of the button.
    label: String,
    /// The label after copying.
    copied_label: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let done = copied_label.clone();
    let selector = format!("#{target}");
    view! {
        <button type="button" class="button" data-copy=selector data-copied=move || copied.get() on:click=move |_| copy(&target, copied)>
            <Icon name="copy"/>
            <span>{move || if copied.get() { done.clone() } else { label.clone() }}</span>
        </button>
        <span class="visually-hidden" role="status">{move || if copied.get() { copied_label.clone() } else { String::new() }}</span>
    }
}

/// Copies, and shows that for two seconds.
#[cfg(feature = "hydrate")]
fn copy(target: &str, copied: RwSignal<bool>) {
    use std::time::Duration;
    use wasm_bindgen_futures::JsFuture;

    let Some(window) = web_sys::window() else {
        return;
    };
    let Some(text) = document()
        .get_element_by_id(target)
        .and_then(|element| element.text_content())
    else {
        return;
    };
    leptos::task::spawn_local(async move {
        // If the browser denies it, the button stays as it is; the text can be selected.
        if JsFuture::from(window.navigator().clipboard().write_text(text.trim()))
            .await
            .is_ok()
        {
            copied.set(true);
            set_timeout(move || copied.set(false), Duration::from_secs(2));
        }
    });
}

/// On the server the button does nothing.
#[cfg(not(feature = "hydrate"))]
fn copy(_: &str, _: RwSignal<bool>) {}
