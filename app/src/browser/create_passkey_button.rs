//! The button that creates a passkey.
#![expect(
    missing_docs,
    reason = "the macro makes a second struct of the props, without comments"
)]

use super::passkey_button::PasskeyButton;
use crate::components::icon::Icon;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// How the button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Variant {
    /// The main action of a page.
    Hero,
    /// In a notice.
    Notice,
    /// Below a list of passkeys.
    Plain,
}

/// Creates a passkey on this device.
#[island]
pub fn CreatePasskeyButton(
    /// The name of the passkey.
    name: String,
    /// The label of the button.
    label: String,
    /// How it looks.
    variant: Variant,
    /// The texts of failures, one line for each [`super::failure_code::FailureCode`].
    failures: String,
) -> impl IntoView {
    let button = PasskeyButton::new(failures);
    button.wake("create");
    let (class, icon, size) = match variant {
        Variant::Hero => (
            "button button-primary button-large button-wide",
            "passkey",
            "icon-large",
        ),
        Variant::Notice => ("button button-primary", "key", ""),
        Variant::Plain => ("button button-primary", "plus", ""),
    };
    view! {
        <div class="stack">
            <button type="button" class=class data-passkey="create" aria-busy=move || button.is_busy() on:click=move |_| button.create(name.clone())>
                <Icon name=icon class=size/>
                {label}
            </button>
            {move || button.failure()}
        </div>
    }
}
