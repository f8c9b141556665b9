//! The frame of everything before the door is open: sign-in, set-up, enrolment, error pages.

use crate::components::theme::ThemeSwitch;
use http::{header::HOST, request::Parts};
use leptos::prelude::*;
use leptos_meta::Title;

/// The mark and the name, leading home.
#[component]
pub fn Brand() -> impl IntoView {
    view! { <a class="brand" href="/"><svg class="mark" aria-hidden="true"><use href="#i-mark"></use></svg>"Latchkey"</a> }
}

/// A page with one thing on it.
#[component]
pub fn AuthLayout(
    /// The title of the page.
    #[prop(into)]
    title: String,
    /// Whether two things stand side by side.
    #[prop(optional)]
    wide: bool,
    /// What it is about: steps, heading, lead, notice, the one action, the quiet alternative.
    children: Children,
) -> impl IntoView {
    // The server has checked the host by now; people see whose door they stand at.
    let host = use_context::<Parts>()
        .and_then(|parts| parts.headers.get(HOST)?.to_str().ok().map(str::to_owned));
    view! {
        <Title text=title/>
        <div class="door">
            <header class="door-head"><Brand/><ThemeSwitch/></header>
            <main class=if wide { "door-main door-wide" } else { "door-main" } id="main" tabindex="-1">{children()}</main>
            <footer class="door-foot"><span>{host.unwrap_or_else(|| "Latchkey".to_owned())}</span></footer>
        </div>
    }
}
