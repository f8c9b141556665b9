//! Recovery codes, which are shown once: to copy, to print, or to keep as a file. All of it works without script.

use crate::{browser::copy_button::CopyButton, components::icon::Icon, messages::m, response};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The id of the list, for the copy button.
const ID: &str = "recovery-codes";

/// The codes, and the ways to keep them.
#[component]
pub fn RecoveryCodes(
    /// The codes.
    codes: Vec<String>,
) -> impl IntoView {
    let context = response::request_context();
    let site = context.engine().public_url().to_string();
    let text = format!(
        "{}\n\n{}\n",
        m::recovery_codes_file(site.as_str()).text(),
        codes.join("\n")
    );
    // The file is in the page itself, so that no other response has the codes.
    let file = format!(
        "data:text/plain;charset=utf-8,{}",
        utf8_percent_encode(&text, NON_ALPHANUMERIC)
    );
    let items = codes
        .into_iter()
        // A line each, also where the list is copied.
        .map(|code| view! { <li>{format!("{code}\n")}</li> })
        .collect_view();
    view! {
        <div class="secret recovery-codes">
            <p><b>{m::RECOVERY_CODES}</b>" "<span class="quiet">{site}</span></p>
            <ol class="secret-value" id=ID>{items}</ol>
            <p class="small">{m::RECOVERY_CODES_KEEP}</p>
            <div class="secret-foot">
                <a class="button" href=file download="latchkey-recovery-codes.txt"><Icon name="download"/>{m::RECOVERY_CODES_DOWNLOAD}</a>
                <CopyButton target=ID.to_owned() label=m::COPY.text() copied_label=m::COPIED.text()/>
                <p class="secret-once"><Icon name="warning"/>{m::SHOWN_ONCE}</p>
            </div>
        </div>
    }
}
