//! Secrets that are shown once, and text to copy.

use crate::{browser::copy::CopyButton, components::icon::Icon, messages::m};
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

/// Text to copy, such as the configuration of a proxy.
#[component]
pub fn CodeBlock(
    /// The id of the text, for the copy button.
    #[prop(into)]
    id: String,
    /// Its label, such as a file name.
    #[prop(into)]
    label: String,
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! {
        <div class="codeblock">
            <div class="codeblock-head">
                <span>{label.clone()}</span>
                <CopyButton target=id.clone() label=m::COPY.text() copied_label=m::COPIED.text()/>
            </div>
            <pre id=id tabindex="0" role="region" aria-label=label><code>{text}</code></pre>
        </div>
    }
}
