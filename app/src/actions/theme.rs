//! Light, dark, or as the device has it.

use crate::{
    actions::error::ActionError,
    form::{self, Fields, Next},
    request_context::{ResponseEffect, Theme},
    response,
};
use leptos::prelude::*;

/// Keeps the choice; anything but the two words is the device's own.
#[server(prefix = "/actions", endpoint = "theme/choose")]
pub async fn choose_theme(#[server(default)] theme: String) -> Result<(), ActionError> {
    form::handle_form("/actions/theme/choose", Fields::none(), "/", async {
        response::request_context().push_effect(ResponseEffect::Theme(match theme.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::Auto,
        }));
        Ok(Next::back())
    })
    .await
}
