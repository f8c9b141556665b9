//! The layout of pages without navigation: sign-in, setup, enrolment, errors.

use crate::components::theme_switch::ThemeSwitch;
use http::{header::HOST, request::Parts};
use leptos::prelude::*;
use leptos_meta::Title;

/// The mark and the name, leading home.
#[component]
pub fn Brand() -> impl IntoView {
    view! { <a class="brand" href="/"><svg class="mark" aria-hidden="true"><use href="#i-mark"></use></svg>"Latchkey"</a> }
}

/// A page with one task.
#[component]
pub fn AuthLayout(
    /// The title of the page.
    #[prop(into)]
    title: String,
    /// Whether it has two columns.
    #[prop(optional)]
    wide: bool,
    /// The page: steps, heading, lead, notices, the main action, an alternative.
    children: Children,
) -> impl IntoView {
    // The server has already checked the host; it tells users which installation this is.
    let host = use_context::<Parts>()
        .and_then(|parts| parts.headers.get(HOST)?.to_str().ok().map(str::to_owned));
    view! {
        <Title text=title/>
        <div class="auth-layout">
            <header class="auth-header"><Brand/><ThemeSwitch/></header>
            <main class=if wide { "auth-main auth-wide" } else { "auth-main" } id="main" tabindex="-1">{children()}</main>
            <footer class="auth-footer"><span>{host.unwrap_or_else(|| "Latchkey".to_owned())}</span></footer>
        </div>
    }
}
