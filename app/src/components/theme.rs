//! The switch between light, dark and system theme.

use crate::{components::icon::Icon, request_context::Theme, response};
use leptos::prelude::*;

/// Three buttons; the choice is kept in a cookie.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let chosen = response::request_context().facts().theme;
    let button = |theme: Theme,
                  word: &'static str,
                  label: &'static str,
                  title: &'static str,
                  icon: &'static str| {
        let is_chosen = if theme == chosen { "true" } else { "false" };
        view! { <button name="theme" value=word aria-pressed=is_chosen aria-label=label title=title><Icon name=icon/></button> }
    };
    view! {
        <form class="theme" method="post" action="/api/theme/choose">
            <fieldset>
                <legend class="visually-hidden">"Theme"</legend>
                {button(Theme::Light, "light", "Light theme", "Light", "sun")}
                {button(Theme::Auto, "auto", "System theme", "System", "auto")}
                {button(Theme::Dark, "dark", "Dark theme", "Dark", "moon")}
            </fieldset>
        </form>
    }
}
