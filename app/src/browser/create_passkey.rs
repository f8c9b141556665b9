//! The button that makes a passkey.
#![expect(
    missing_docs,
    reason = "the macro makes a second struct of the props, without comments"
)]

use super::sign_in::PasskeyButton;
use crate::components::icon::Icon;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where the button stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Look {
    /// The one thing on a page.
    AuthLayout,
    /// An offer on another page.
    Notice,
    /// Below a list of passkeys.
    Plain,
}

/// Makes a passkey on this device.
#[island]
pub fn CreatePasskeyButton(
    /// What it will be called.
    name: String,
    /// What the button says.
    label: String,
    /// Where it stands.
    look: Look,
) -> impl IntoView {
    let button = PasskeyButton::default();
    button.wake("create");
    let (class, icon, size) = match look {
        Look::AuthLayout => (
            "button button-primary button-large button-wide",
            "passkey",
            "icon-large",
        ),
        Look::Notice => ("button button-primary", "key", ""),
        Look::Plain => ("button button-primary", "plus", ""),
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
