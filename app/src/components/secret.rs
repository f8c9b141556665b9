//! Secrets that are shown once.

use crate::{browser::copy_button::CopyButton, components::icon::Icon, messages::m};
use leptos::prelude::*;

/// A secret that is shown this once.
#[component]
pub fn Secret(
    /// The id of the value, for the copy button.
    id: &'static str,
    /// What it is, such as "Service token".
    #[prop(into)]
    label: String,
    /// The secret.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! {
        <div class="secret">
            <p><b>{label}</b></p>
            <code class="secret-value" id=id>{value}</code>
            <div class="secret-foot">
                <CopyButton target=id.to_owned() label=m::COPY.text() copied_label=m::COPIED.text()/>
                <p class="secret-once"><Icon name="warning"/>{m::SHOWN_ONCE}</p>
            </div>
        </div>
    }
}
