//! The button that approves another browser with a passkey.
#![expect(
    missing_docs,
    reason = "the macro makes a second struct of the props, without comments"
)]

use super::passkey_button::PasskeyButton;
use crate::components::icon::Icon;
use leptos::prelude::*;

/// Approves a browser whose number was picked.
#[island]
pub fn ApproveButton(
    /// What the server gave for the number.
    picked: String,
    /// The label of the button.
    label: String,
    /// The texts of failures, one line for each [`super::failure_code::FailureCode`].
    failures: String,
) -> impl IntoView {
    let button = PasskeyButton::new(failures);
    button.wake("approve");
    button.prepare_approval(picked.clone());
    view! {
        <div class="stack">
            <button
                type="button"
                class="button button-primary button-large button-wide"
                data-passkey="approve"
                aria-busy=move || button.is_busy()
                on:click=move |_| button.approve(picked.clone())
            >
                <Icon name="key" class="icon-large"/>
                {label}
            </button>
            {move || button.failure()}
        </div>
    }
}
