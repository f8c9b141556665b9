//! Text to copy.

use crate::{browser::copy_button::CopyButton, messages::m};
use leptos::prelude::*;

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
