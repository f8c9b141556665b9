//! The switch between light, dark and system theme.

use crate::messages::{Key, m};
use crate::{components::icon::Icon, request_context::Theme, response};
use leptos::prelude::*;

/// Three buttons; the choice is kept in a cookie.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let chosen = response::request_context().facts().theme;
    let button = |theme: Theme, word: &'static str, label: Key, title: Key, icon: &'static str| {
        let is_chosen = if theme == chosen { "true" } else { "false" };
        view! { <button name="theme" value=word aria-pressed=is_chosen aria-label=label.text() title=title.text()><Icon name=icon/></button> }
    };
    view! {
        <form class="theme" method="post" action="/actions/theme/choose">
            <fieldset>
                <legend class="visually-hidden">{m::THEME}</legend>
                {button(Theme::Light, "light", m::THEME_LIGHT, m::THEME_LIGHT_SHORT, "sun")}
                {button(Theme::Auto, "auto", m::THEME_SYSTEM, m::THEME_SYSTEM_SHORT, "auto")}
                {button(Theme::Dark, "dark", m::THEME_DARK, m::THEME_DARK_SHORT, "moon")}
            </fieldset>
        </form>
    }
}
