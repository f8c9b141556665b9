//! The document around every page.

use crate::{
    App,
    browser::before_hydration,
    csp,
    messages::{Language, m},
    request_context::{RequestContext, Theme},
};
use leptos::{
    config::LeptosOptions, hydration::HydrationScripts, nonce::use_nonce, prelude::*,
    tachys::html::InertElement,
};

/// The icons, once for the whole page.
const ICONS: &str = include_str!("../../style/icons.svg");

/// Renders the document: call it for every page, after the [`RequestContext`] was provided as a context.
///
/// `stylesheet` is the address of the style sheet; empty leaves it out. The scripts are left out
/// when `options` names no output, so that tests of pages need no wasm.
pub fn shell(options: LeptosOptions, stylesheet: &'static str) -> impl IntoView {
    csp::send(None);
    let language = Language::of_request();
    provide_context(language);
    let context = use_context::<RequestContext>();
    let theme = context
        .as_ref()
        .map(|context| context.facts().theme)
        .unwrap_or_default();
    let theme = match theme {
        Theme::Auto => None,
        Theme::Light => Some("light"),
        Theme::Dark => Some("dark"),
    };
    let is_demo = context.is_some_and(|context| context.facts().is_demo);
    let scripts = (!options.output_name.is_empty())
        .then(|| view! { <HydrationScripts options=options islands=true/> });
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f9fafb" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#101418" media="(prefers-color-scheme: dark)"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {(!stylesheet.is_empty()).then(|| view! { <link rel="stylesheet" href=stylesheet/> })}
                {scripts.is_some().then(before_hydration_script)}
                {scripts}
            </head>
            <body data-local-time=m::local_time("{time}").text()>
                {InertElement::new(ICONS)}
                <a class="skip-link" href="#main">{m::SKIP_TO_CONTENT}</a>
                {is_demo.then(|| view! { <aside class="demo" aria-label=m::DEMO.text()>{m::DEMO_NOTICE}</aside> })}
                <App/>
            </body>
        </html>
    }
}

/// The script for buttons until the wasm has loaded; it reads its texts from the attributes of its element.
fn before_hydration_script() -> impl IntoView {
    view! {
        <script
            nonce=use_nonce()
            data-no-webassembly=m::EARLY_NO_WEBASSEMBLY.text()
            data-not-loaded=m::EARLY_NOT_LOADED.text()
            data-slow=m::EARLY_SLOW.text()
            data-use-code=m::EARLY_USE_CODE.text()
            data-or-use-code=m::EARLY_OR_USE_CODE.text()
            data-other-browser=m::EARLY_OTHER_BROWSER.text()
            inner_html=before_hydration::SCRIPT
        ></script>
    }
}
